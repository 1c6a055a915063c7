//! SHA-256, the one checksum by which files are known.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// The SHA-256 of a file. In text it is base64, as in S3's `x-amz-checksum-sha256`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sha256([u8; 32]);

impl Sha256 {
    pub fn of(bytes: &[u8]) -> Self {
        let mut own = [0; 32];
        own.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
        Self(own)
    }

    /// `None` unless the text is the padded base64 of exactly 32 bytes.
    pub fn parse_base64(text: &str) -> Option<Self> {
        STANDARD.decode(text).ok()?.try_into().ok().map(Self)
    }

    pub fn to_base64(self) -> String {
        STANDARD.encode(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_digest_of_nothing_is_the_published_one() {
        assert_eq!(
            Sha256::of(b"").to_base64(),
            "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
        );
    }

    #[test]
    fn only_the_base64_of_32_bytes_is_a_digest() {
        let text = Sha256::of(b"a,b").to_base64();
        assert_eq!(Sha256::parse_base64(&text), Some(Sha256::of(b"a,b")));
        for wrong in [
            "",
            "AAAA",
            text.trim_end_matches('='),
            &format!("{text}\r\n"),
            &text.replace('/', "_")[..43],
        ] {
            assert_eq!(Sha256::parse_base64(wrong), None, "{wrong:?}");
        }
    }
}
