//! Codes by which somebody with the master key tells later that a text is one that Muster wrote, as it was written.
//!
//! HMAC-SHA256 under a key derived from the master key for one use. In front stands which master key that was, so that what was written under a former one is still
//! told from what nobody with a key has written.

use aws_lc_rs::{constant_time, hmac};

use crate::error::Result;
use crate::secrets::Secrets;

const KEY_ID_LENGTH: usize = 8;

/// One master key, for one use.
pub struct Stamp {
    key_id: [u8; KEY_ID_LENGTH],
    key: hmac::Key,
}

/// What a code says of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamped {
    /// It is as Muster wrote it.
    Genuine,
    /// It is not, or the code is none.
    Forged,
    /// The code names a master key that is not configured.
    UnderAnotherKey,
}

impl Stamp {
    /// The code of a text.
    pub fn code(&self, text: &[u8]) -> Vec<u8> {
        let mut code = self.key_id.to_vec();
        code.extend_from_slice(hmac::sign(&self.key, text).as_ref());
        code
    }
}

impl Secrets {
    /// The present master key, for one use.
    pub fn stamp(&self, label: &[u8]) -> Result<Stamp> {
        let id = self.derive(&[label, b"/key-id"].concat())?;
        let mut key_id = [0; KEY_ID_LENGTH];
        key_id.copy_from_slice(&id[..KEY_ID_LENGTH]);
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.derive(label)?);
        Ok(Stamp { key_id, key })
    }

    /// The same of every master key remembered, the present one first.
    pub fn stamps(&self, label: &[u8]) -> Result<Vec<Stamp>> {
        let keys = std::iter::once(self).chain(self.former());
        keys.map(|key| key.stamp(label)).collect()
    }
}

/// What a code says of a text, to whoever has these keys.
pub fn judge(stamps: &[Stamp], text: &[u8], code: &[u8]) -> Stamped {
    let Some((key_id, _)) = code.split_first_chunk::<KEY_ID_LENGTH>() else {
        return Stamped::Forged;
    };
    let Some(stamp) = stamps.iter().find(|stamp| stamp.key_id == *key_id) else {
        return Stamped::UnderAnotherKey;
    };
    match constant_time::verify_slices_are_equal(&stamp.code(text), code) {
        Ok(()) => Stamped::Genuine,
        Err(_) => Stamped::Forged,
    }
}

#[cfg(test)]
mod tests {
    use super::{Stamped, judge};
    use crate::secrets::Secrets;

    const LABEL: &[u8] = b"tests/stamp";

    #[test]
    fn what_was_stamped_is_known_again_and_nothing_else() {
        let secrets = Secrets::new([1; 32]);
        let code = secrets.stamp(LABEL).unwrap().code(b"text");
        let stamps = secrets.stamps(LABEL).unwrap();
        assert_eq!(judge(&stamps, b"text", &code), Stamped::Genuine);
        assert_eq!(judge(&stamps, b"test", &code), Stamped::Forged);
        assert_eq!(judge(&stamps, b"text", &code[..20]), Stamped::Forged);
        assert_eq!(judge(&stamps, b"text", b""), Stamped::Forged);
        let of_another_use = secrets.stamps(b"tests/other").unwrap();
        assert_eq!(judge(&of_another_use, b"text", &code), Stamped::UnderAnotherKey);
    }

    #[test]
    fn what_a_former_key_stamped_is_known_while_the_key_is() {
        let code = Secrets::new([1; 32]).stamp(LABEL).unwrap().code(b"text");
        let rotated = Secrets::new([2; 32]).remembering([Secrets::new([1; 32])]);
        assert_eq!(
            judge(&rotated.stamps(LABEL).unwrap(), b"text", &code),
            Stamped::Genuine
        );
        let forgetful = Secrets::new([2; 32]).stamps(LABEL).unwrap();
        assert_eq!(judge(&forgetful, b"text", &code), Stamped::UnderAnotherKey);
    }
}
