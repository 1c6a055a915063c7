//! From bytes to text: a file is read in one encoding or refused with the place that does not fit, never guessed into
//! mojibake.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use super::refused_at;
use crate::error::{Code, Refusal};

/// The encoding the uploader names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// By byte order mark, else UTF-8.
    #[default]
    Detect,
    Utf8,
    Utf16Le,
    Utf16Be,
    /// Windows-1252 for files that are not UTF-8: nearly all bytes are some character in it, so it is never assumed.
    Windows1252,
}

pub(super) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// The encoding that was found, by its registered name.
    pub encoding: &'static str,
    /// Whether a byte order mark says so.
    pub has_mark: bool,
}

/// A byte order mark says more than the caller and wins over `asked`.
pub(super) fn decode(bytes: &[u8], asked: Encoding) -> Result<Decoded<'_>, Refusal> {
    let (encoding, mark) = match bytes {
        [0xEF, 0xBB, 0xBF, ..] => (Encoding::Utf8, 3),
        [0xFF, 0xFE, ..] => (Encoding::Utf16Le, 2),
        [0xFE, 0xFF, ..] => (Encoding::Utf16Be, 2),
        _ => (asked, 0),
    };
    let (name, decoded) = match encoding {
        Encoding::Detect | Encoding::Utf8 => ("UTF-8", utf8(&bytes[mark..])),
        Encoding::Utf16Le => ("UTF-16LE", utf16(&bytes[mark..], u16::from_le_bytes)),
        Encoding::Utf16Be => ("UTF-16BE", utf16(&bytes[mark..], u16::from_be_bytes)),
        Encoding::Windows1252 => match utf8(bytes) {
            Ok(text) => ("UTF-8", Ok(text)),
            Err(_) => ("windows-1252", windows_1252(bytes)),
        },
    };
    match decoded {
        Ok(text) => Ok(Decoded {
            text,
            encoding: name,
            has_mark: mark > 0,
        }),
        Err(Misfit { offset, line }) => {
            let message = format!(
                "The file is not valid {name}: the byte at offset {} (line {line}) does not fit. Save it as \"CSV UTF-8\".",
                offset + mark
            );
            Err(refused_at(line, Code::InvalidEncoding, message))
        }
    }
}

/// Where a file stops being text in its encoding.
struct Misfit {
    /// Bytes before it, counted from the end of the byte order mark.
    offset: usize,
    line: u32,
}

impl Misfit {
    fn after(text: &str, offset: usize) -> Self {
        Self {
            offset,
            line: 1 + line_ends(text),
        }
    }
}

fn utf8(bytes: &[u8]) -> Result<Cow<'_, str>, Misfit> {
    std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
        let valid = bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid());
        Misfit::after(valid, error.valid_up_to())
    })
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<Cow<'_, str>, Misfit> {
    let (pairs, odd) = bytes.as_chunks::<2>();
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut offset = 0;
    for character in char::decode_utf16(pairs.iter().copied().map(unit)) {
        let Ok(character) = character else {
            return Err(Misfit::after(&text, offset));
        };
        text.push(character);
        offset += 2 * character.len_utf16();
    }
    if odd.is_empty() {
        Ok(Cow::Owned(text))
    } else {
        Err(Misfit::after(&text, offset))
    }
}

fn windows_1252(bytes: &[u8]) -> Result<Cow<'_, str>, Misfit> {
    // Five bytes have no character. The web's decoder passes them on as control characters; here they mean that the file is
    // in some other encoding.
    let decode = |part| WINDOWS_1252.decode_without_bom_handling(part).0;
    match bytes
        .iter()
        .position(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D))
    {
        Some(offset) => Err(Misfit::after(&decode(&bytes[..offset]), offset)),
        None => Ok(decode(bytes)),
    }
}

/// Line ends in a text; CR LF is one.
pub(super) fn line_ends(text: &str) -> u32 {
    let mut count = 0;
    let mut after_return = false;
    for byte in text.bytes() {
        count += u32::from(byte == b'\r' || (byte == b'\n' && !after_return));
        after_return = byte == b'\r';
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_bytes(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(unit).collect()
    }

    fn refused(bytes: &[u8], asked: Encoding) -> Refusal {
        let Err(refusal) = decode(bytes, asked) else {
            panic!("{bytes:?} was accepted")
        };
        assert_eq!(refusal.code, Code::InvalidEncoding);
        refusal
    }

    #[test]
    fn marks_and_utf8_are_detected() {
        let text = "Zoë 山田 😀\r\n";
        let le = utf16_bytes(&format!("\u{feff}{text}"), u16::to_le_bytes);
        let be = utf16_bytes(&format!("\u{feff}{text}"), u16::to_be_bytes);
        let files: [(&[u8], &str); 4] = [
            (text.as_bytes(), "UTF-8"),
            (&[b"\xEF\xBB\xBF", text.as_bytes()].concat(), "UTF-8"),
            (&le, "UTF-16LE"),
            (&be, "UTF-16BE"),
        ];
        for (bytes, name) in files {
            for asked in [Encoding::Detect, Encoding::Windows1252] {
                let decoded = decode(bytes, asked).unwrap_or_else(|refusal| panic!("{}", refusal.message));
                assert_eq!((decoded.text.as_ref(), decoded.encoding), (text, name));
            }
        }
    }

    #[test]
    fn utf16_without_a_mark_is_read_when_asked_for() {
        let bytes = utf16_bytes("é😀", u16::to_be_bytes);
        let Ok(decoded) = decode(&bytes, Encoding::Utf16Be) else {
            panic!()
        };
        assert_eq!(decoded.text, "é😀");
    }

    #[test]
    fn windows_1252_is_read_only_when_asked_for() {
        let bytes = b"caf\xE9 \x80";
        let Ok(decoded) = decode(bytes, Encoding::Windows1252) else {
            panic!()
        };
        assert_eq!(
            (decoded.text.as_ref(), decoded.encoding),
            ("café €", "windows-1252")
        );
        let refusal = refused(bytes, Encoding::Detect);
        assert!(
            refusal.message.contains("offset 3 (line 1)"),
            "{}",
            refusal.message
        );
    }

    #[test]
    fn bytes_that_do_not_fit_are_refused_with_offset_and_line() {
        for (bytes, asked, place) in [
            (
                &b"\xEF\xBB\xBFa\r\nb\r\n\xE9"[..],
                Encoding::Detect,
                "offset 9 (line 3)",
            ),
            (&b"a\rb\n\xC3"[..], Encoding::Utf8, "offset 4 (line 3)"),
            (
                &b"\xFF\xFEa\0\n\0\x00\xD8b\0"[..],
                Encoding::Detect,
                "offset 6 (line 2)",
            ),
            (&b"\xFF\xFEa\0b"[..], Encoding::Detect, "offset 4 (line 1)"),
            (&b"\xE9\n\x81"[..], Encoding::Windows1252, "offset 2 (line 2)"),
        ] {
            let refusal = refused(bytes, asked);
            assert!(refusal.message.contains(place), "{}", refusal.message);
        }
        assert_eq!(
            refused(b"a\n\xFF", Encoding::Utf8).field,
            Some(vec!["line 2".to_owned()])
        );
    }

    #[test]
    fn line_ends_of_every_kind_count_once() {
        assert_eq!(line_ends("a\r\nb\rc\nd\n\r\n\r\re"), 7);
    }
}
