//! The secret of a token: `mst_`, 32 random bytes and the 16 of its account's id, in base64. The prefix lets scanners of source code find one that was
//! committed by mistake; the account, which is no secret, tells where the token's row is (decision 0018). Secrets made before have no account.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::platform::secrets::hash;

const PREFIX: &str = "mst_";
const BYTES: usize = 32;
/// Bytes of an account's id.
const ACCOUNT: usize = 16;
/// Characters of the secret itself that tell tokens apart; four of the 43 that are random help nobody to guess the rest.
const HINT: usize = 4;

/// A fresh secret for a token of an account.
pub(super) fn make(account_id: Uuid) -> Result<SecretString> {
    let mut bytes = [0; BYTES + ACCOUNT];
    let (random, account) = bytes.split_at_mut(BYTES);
    aws_lc_rs::rand::fill(random).map_err(|_| Error::internal("no randomness for a token"))?;
    account.copy_from_slice(account_id.as_bytes());
    Ok(format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bytes)).into())
}

/// The account a secret names, if it is of today's form.
pub(super) fn account(secret: &str) -> Option<Uuid> {
    let text = secret.strip_prefix(PREFIX)?;
    let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
    let (_, account) = bytes.split_at_checked(BYTES)?;
    Uuid::from_slice(account).ok()
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
    use uuid::Uuid;

    use super::{account, digest, hint, is_secret, make};

    #[test]
    fn secrets_are_long_random_and_known_by_their_beginning() {
        let id = Uuid::from_u128(7);
        let (one, other) = (make(id).unwrap(), make(id).unwrap());
        assert_eq!(one.expose_secret().len(), "mst_".len() + 64);
        assert_ne!(one.expose_secret()[..47], other.expose_secret()[..47]);
        assert!(is_secret(one.expose_secret()));
        assert_eq!(hint(&one), one.expose_secret()[..8]);
        assert_eq!(digest(one.expose_secret()).len(), 32);
    }

    #[test]
    fn a_secret_names_its_account_and_one_of_the_old_form_none() {
        let id = Uuid::from_u128(u128::MAX - 7);
        assert_eq!(account(make(id).unwrap().expose_secret()), Some(id));
        let old = format!("mst_{}", "A".repeat(43));
        for text in [old.as_str(), "mst_", "mst_!", "", &"A".repeat(64)] {
            assert_eq!(account(text), None, "{text}");
        }
        let longer = format!("mst_{}", "A".repeat(68));
        assert_eq!(account(&longer), None);
    }
}
