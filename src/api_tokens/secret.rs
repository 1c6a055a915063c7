//! The secret of a token: `mst_` and 32 random bytes. The prefix lets scanners of source code find one that was committed by mistake.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::platform::secrets::hash;

const PREFIX: &str = "mst_";
const BYTES: usize = 32;
/// Characters of the secret itself that tell tokens apart; four of 43 help nobody to guess the rest.
const HINT: usize = 4;

/// A fresh secret.
pub(super) fn make() -> Result<SecretString> {
    let mut bytes = [0; BYTES];
    aws_lc_rs::rand::fill(&mut bytes).map_err(|_| Error::internal("no randomness for a token"))?;
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into())
}

pub(super) fn hint(secret: &SecretString) -> String {
    secret.expose_secret().chars().take(PREFIX.len() + HINT).collect()
}

pub(super) fn digest(secret: &str) -> Vec<u8> {
    hash(secret)
}

/// Whether a bearer token is meant to be one of these.
pub fn is_secret(token: &str) -> bool {
    token.starts_with(PREFIX)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::{digest, hint, is_secret, make};

    #[test]
    fn secrets_are_long_random_and_known_by_their_beginning() {
        let (one, other) = (make().unwrap(), make().unwrap());
        assert_eq!(one.expose_secret().len(), "mst_".len() + 43);
        assert_ne!(one.expose_secret(), other.expose_secret());
        assert!(is_secret(one.expose_secret()));
        assert_eq!(hint(&one), one.expose_secret()[..8]);
        assert_eq!(digest(one.expose_secret()).len(), 32);
    }
}
