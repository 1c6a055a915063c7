//! Everything secret comes from one master key, so that there is one thing to keep and to hand to the other replicas.
//!
//! Bearer tokens (invitations, refresh tokens, password resets) are not random numbers kept somewhere but codes computed from the master key, the object's ids and a
//! generation. The database therefore holds nothing a token could be made from, a mail can be sent by a worker that never saw the request, and a token
//! that was once real can be told from one that never was.

use aws_lc_rs::{constant_time, digest, hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretBox};
use uuid::Uuid;

use crate::error::{Error, Result};

/// Bytes of the master key.
pub const MASTER_KEY_LENGTH: usize = 32;
const CODE_LENGTH: usize = 32;
const TOKEN_LENGTH: usize = 16 + 16 + 4 + CODE_LENGTH;

/// What a token is good for. A token of one purpose never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    Invitation,
    Refresh,
    /// Proves, published in the DNS, whose a domain is.
    Domain,
    /// Trying an identity provider's configuration out.
    SsoTest,
    /// Names a browser's way to an identity provider and back; it travels with the browser.
    SsoState,
    /// Ties an ID token to that way.
    SsoNonce,
    /// Never leaves the server until the code is redeemed.
    SsoVerifier,
    /// Stays with the browser.
    SsoBrowser,
    /// Names the session a browser had when it left; it opens nothing.
    SsoBefore,
    PasswordReset,
    /// Proves, brought back from a mail, that an address is somebody's.
    EmailChange,
    /// Says that a browser is its person's own; it opens nothing.
    Device,
    /// Proves once more, read in a mail, who somebody is.
    SignInCode,
}

impl Purpose {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::Invitation => b"muster/invitation",
            Self::Refresh => b"muster/refresh",
            Self::Domain => b"muster/domain",
            Self::SsoTest => b"muster/sso-test",
            Self::SsoState => b"muster/sso-state",
            Self::SsoNonce => b"muster/sso-nonce",
            Self::SsoVerifier => b"muster/sso-verifier",
            Self::SsoBrowser => b"muster/sso-browser",
            Self::SsoBefore => b"muster/sso-before",
            Self::PasswordReset => b"muster/password-reset",
            Self::EmailChange => b"muster/email-change",
            Self::Device => b"muster/device",
            Self::SignInCode => b"muster/sign-in-code",
        }
    }
}

/// What a genuine token names. Whether it still opens anything is for the row to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    pub account_id: Uuid,
    pub id: Uuid,
    pub generation: i32,
}

pub struct Secrets {
    master: SecretBox<[u8; MASTER_KEY_LENGTH]>,
    former: Vec<Secrets>,
}

impl std::fmt::Debug for Secrets {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Secrets(redacted)")
    }
}

impl Secrets {
    pub fn new(master: [u8; MASTER_KEY_LENGTH]) -> Self {
        Self {
            master: SecretBox::new(Box::new(master)),
            former: Vec::new(),
        }
    }

    /// Keeps former master keys at hand, for opening what was sealed under them ([`seal`](super::seal)). They make and open no tokens.
    pub fn remembering(mut self, former: impl IntoIterator<Item = Self>) -> Self {
        self.former.extend(former);
        self
    }

    pub(super) fn former(&self) -> &[Self] {
        &self.former
    }

    /// Reads the master key from base64 (standard or URL-safe, 32 bytes).
    pub fn from_base64(text: &str) -> Result<Self> {
        let engine = base64::engine::general_purpose::STANDARD;
        let bytes = engine
            .decode(text.trim())
            .or_else(|_| URL_SAFE_NO_PAD.decode(text.trim()));
        let key = bytes
            .ok()
            .and_then(|bytes| <[u8; MASTER_KEY_LENGTH]>::try_from(bytes).ok());
        key.map(Self::new)
            .ok_or_else(|| Error::internal("the secret key must be 32 bytes in base64"))
    }

    /// A key for one use, by HKDF-SHA256 (RFC 5869).
    pub fn derive(&self, label: &[u8]) -> Result<[u8; 32]> {
        let mut key = [0; 32];
        hkdf::Salt::new(hkdf::HKDF_SHA256, b"muster")
            .extract(self.master.expose_secret())
            .expand(&[label], hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(&mut key))
            .map_err(|_| Error::internal("key derivation failed"))?;
        Ok(key)
    }

    /// The bearer token of this claim: the same claim always gives the same token.
    pub fn token(&self, purpose: Purpose, claim: Claim) -> Result<String> {
        let body = body(claim);
        let mut token = body.to_vec();
        token.extend_from_slice(self.code(purpose, &body)?.as_ref());
        Ok(URL_SAFE_NO_PAD.encode(token))
    }

    /// What a token names, if we ever made it.
    pub fn open(&self, purpose: Purpose, token: &str) -> Result<Option<Claim>> {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else {
            return Ok(None);
        };
        if bytes.len() != TOKEN_LENGTH {
            return Ok(None);
        }
        let (body, code) = bytes.split_at(TOKEN_LENGTH - CODE_LENGTH);
        if constant_time::verify_slices_are_equal(self.code(purpose, body)?.as_ref(), code).is_err() {
            return Ok(None);
        }
        Ok(claim(body))
    }

    /// 256 bits for somebody else to publish: they name nothing, and nobody else can compute them.
    pub fn proof(&self, purpose: Purpose, claim: Claim) -> Result<String> {
        Ok(URL_SAFE_NO_PAD.encode(self.code(purpose, &body(claim))?))
    }

    /// The same under every master key remembered: what was published stays there when the key changes.
    pub fn proofs(&self, purpose: Purpose, claim: Claim) -> Result<Vec<String>> {
        let keys = std::iter::once(self).chain(&self.former);
        keys.map(|key| key.proof(purpose, claim)).collect()
    }

    /// Eight digits for a person to type. They are few: whoever compares them counts the guesses.
    pub fn digits(&self, purpose: Purpose, claim: Claim) -> Result<String> {
        let code = self.code(purpose, &body(claim))?;
        let number = code
            .as_ref()
            .iter()
            .take(8)
            .fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        Ok(format!("{:08}", number % 100_000_000))
    }

    fn code(&self, purpose: Purpose, body: &[u8]) -> Result<hmac::Tag> {
        let key = hmac::Key::new(hmac::HMAC_SHA256, &self.derive(purpose.label())?);
        Ok(hmac::sign(&key, body))
    }
}

/// SHA-256 of a token: what a row keeps to compare with.
pub fn hash(token: &str) -> Vec<u8> {
    digest::digest(&digest::SHA256, token.as_bytes())
        .as_ref()
        .to_vec()
}

/// Whether two codes are the same, compared in a time that does not tell how far they are.
pub fn is_same_code(one: &str, other: &str) -> bool {
    constant_time::verify_slices_are_equal(one.as_bytes(), other.as_bytes()).is_ok()
}

fn body(claim: Claim) -> [u8; TOKEN_LENGTH - CODE_LENGTH] {
    let mut body = [0; TOKEN_LENGTH - CODE_LENGTH];
    body[..16].copy_from_slice(claim.account_id.as_bytes());
    body[16..32].copy_from_slice(claim.id.as_bytes());
    body[32..].copy_from_slice(&claim.generation.to_be_bytes());
    body
}

fn claim(body: &[u8]) -> Option<Claim> {
    Some(Claim {
        account_id: Uuid::from_slice(body.get(..16)?).ok()?,
        id: Uuid::from_slice(body.get(16..32)?).ok()?,
        generation: i32::from_be_bytes(body.get(32..36)?.try_into().ok()?),
    })
}

#[cfg(test)]
mod tests {
    use super::{Claim, Purpose, Secrets};
    use uuid::Uuid;

    fn claim() -> Claim {
        Claim {
            account_id: Uuid::from_u128(7),
            id: Uuid::from_u128(9),
            generation: 3,
        }
    }

    #[test]
    fn a_token_opens_to_what_it_was_made_of() -> Result<(), crate::error::Error> {
        let secrets = Secrets::new([1; 32]);
        let token = secrets.token(Purpose::Invitation, claim())?;
        assert_eq!(secrets.open(Purpose::Invitation, &token)?, Some(claim()));
        assert_eq!(secrets.token(Purpose::Invitation, claim())?, token);
        Ok(())
    }

    #[test]
    fn a_changed_foreign_or_misused_token_opens_nothing() -> Result<(), crate::error::Error> {
        let secrets = Secrets::new([1; 32]);
        let token = secrets.token(Purpose::Invitation, claim())?;
        assert_eq!(secrets.open(Purpose::Refresh, &token)?, None);
        assert_eq!(Secrets::new([2; 32]).open(Purpose::Invitation, &token)?, None);
        assert_eq!(secrets.open(Purpose::Invitation, "")?, None);
        for place in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert_eq!(secrets.open(Purpose::Invitation, &changed)?, None, "byte {place}");
        }
        Ok(())
    }
}
