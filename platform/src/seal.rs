//! Secrets of others that we must be able to say again (a client secret of an identity provider) are kept encrypted.
//!
//! AES-256-GCM-SIV (RFC 8452) under a key derived from the master key. What is sealed is bound to its place: the content's kind, the account and the
//! object are authenticated with it, so a sealed value copied into another row does not open there. In front stands which master key sealed it;
//! former ones may be configured beside the present one, and open what was sealed under them until it is sealed anew (`muster admin reseal-secrets`).

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::secrets::Secrets;

/// The layout of what is stored: this byte, the key id, the nonce, the ciphertext with its tag.
const LAYOUT: u8 = 1;
const KEY_ID_LENGTH: usize = 8;
const HEADER_LENGTH: usize = 1 + KEY_ID_LENGTH;

/// What is sealed. A value of one kind never opens as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// What we prove ourselves with at the token endpoint of an identity provider.
    ClientSecret,
    /// What an identity provider said of somebody when their session began.
    IdToken,
}

impl Content {
    const fn label(self) -> &'static [u8] {
        match self {
            Self::ClientSecret => b"client-secret",
            Self::IdToken => b"id-token",
        }
    }
}

/// The first bytes of everything a master key seals.
type Header = [u8; HEADER_LENGTH];

impl Secrets {
    /// Encrypts under the present master key, for this object of this account alone.
    pub fn seal(
        &self,
        content: Content,
        account_id: Uuid,
        id: Uuid,
        plain: &SecretString,
    ) -> Result<Vec<u8>> {
        let header = self.seal_header()?;
        let mut body = plain.expose_secret().as_bytes().to_vec();
        let nonce = self
            .sealing_key()?
            .seal_in_place_append_tag(place(header, content, account_id, id), &mut body)
            .map_err(|_| Error::internal("sealing failed"))?;
        let mut sealed = header.to_vec();
        sealed.extend_from_slice(nonce.as_ref());
        sealed.append(&mut body);
        Ok(sealed)
    }

    /// Decrypts what was sealed for the same object, under the present master key or a former one.
    pub fn unseal(
        &self,
        content: Content,
        account_id: Uuid,
        id: Uuid,
        sealed: &[u8],
    ) -> Result<SecretString> {
        let (header, rest) = sealed.split_first_chunk::<HEADER_LENGTH>().ok_or_else(damaged)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or_else(damaged)?;
        let mut body = body.to_vec();
        let plain = self
            .key_of(header)?
            .sealing_key()?
            .open_in_place(
                Nonce::from(nonce),
                place(*header, content, account_id, id),
                &mut body,
            )
            .map_err(|_| damaged())?;
        let text = std::str::from_utf8(plain).map_err(|_| damaged())?;
        Ok(SecretString::from(text))
    }

    /// What begins everything sealed under the present master key; rows that begin otherwise wait to be sealed anew.
    pub fn seal_header(&self) -> Result<Header> {
        let id = self.derive(b"muster/seal/key-id")?;
        let mut header = [LAYOUT; HEADER_LENGTH];
        header[1..].copy_from_slice(&id[..KEY_ID_LENGTH]);
        Ok(header)
    }

    /// The master key that something was sealed under, by its header.
    fn key_of(&self, header: &Header) -> Result<&Self> {
        for secrets in std::iter::once(self).chain(self.former()) {
            if secrets.seal_header()? == *header {
                return Ok(secrets);
            }
        }
        let text = "a secret was sealed under a master key that is not configured; add it to MUSTER_FORMER_SECRET_KEYS";
        Err(Error::internal(text))
    }

    fn sealing_key(&self) -> Result<RandomizedNonceKey> {
        RandomizedNonceKey::new(&AES_256_GCM_SIV, &self.derive(b"muster/seal")?)
            .map_err(|_| Error::internal("no sealing key"))
    }
}

/// What is authenticated along. All parts but the last have a fixed length, so no two places read the same.
fn place(header: Header, content: Content, account_id: Uuid, id: Uuid) -> Aad<Vec<u8>> {
    let parts: [&[u8]; 4] = [&header, account_id.as_bytes(), id.as_bytes(), content.label()];
    Aad::from(parts.concat())
}

fn damaged() -> Error {
    Error::internal("a sealed secret is damaged or stands in the wrong row")
}

#[cfg(test)]
mod tests {
    use secrecy::{ExposeSecret, SecretString};
    use uuid::Uuid;

    use super::Content;
    use crate::error::Result;
    use crate::secrets::Secrets;

    const ACCOUNT: Uuid = Uuid::from_u128(7);
    const OBJECT: Uuid = Uuid::from_u128(9);
    const PLAIN: &str = "correct horse battery staple";

    fn seal(secrets: &Secrets) -> Vec<u8> {
        secrets
            .seal(Content::ClientSecret, ACCOUNT, OBJECT, &SecretString::from(PLAIN))
            .unwrap()
    }

    fn unseal(secrets: &Secrets, sealed: &[u8]) -> Result<String> {
        let opened = secrets.unseal(Content::ClientSecret, ACCOUNT, OBJECT, sealed)?;
        Ok(opened.expose_secret().to_owned())
    }

    #[test]
    fn what_was_sealed_opens_in_its_place() {
        let secrets = Secrets::new([1; 32]);
        let sealed = seal(&secrets);
        assert_eq!(unseal(&secrets, &sealed).unwrap(), PLAIN);
        assert!(!sealed.windows(5).any(|part| PLAIN.as_bytes().starts_with(part)));
        assert_ne!(seal(&secrets), sealed, "each sealing has a nonce of its own");
    }

    #[test]
    fn it_opens_nowhere_else() {
        let secrets = Secrets::new([1; 32]);
        let sealed = seal(&secrets);
        let elsewhere = Uuid::from_u128(8);
        for (account, object) in [(elsewhere, OBJECT), (ACCOUNT, elsewhere), (OBJECT, ACCOUNT)] {
            let opened = secrets.unseal(Content::ClientSecret, account, object, &sealed);
            assert!(opened.is_err(), "{account} {object}");
        }
    }

    #[test]
    fn a_changed_or_shortened_value_does_not_open() {
        let secrets = Secrets::new([1; 32]);
        let sealed = seal(&secrets);
        for place in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[place] ^= 1;
            assert!(unseal(&secrets, &changed).is_err(), "byte {place}");
            assert!(unseal(&secrets, &sealed[..place]).is_err(), "{place} bytes");
        }
    }

    #[test]
    fn another_master_key_does_not_open_it_unless_it_knows_the_former() {
        let sealed = seal(&Secrets::new([1; 32]));
        assert!(unseal(&Secrets::new([2; 32]), &sealed).is_err());
        let rotated = Secrets::new([2; 32]).remembering([Secrets::new([3; 32]), Secrets::new([1; 32])]);
        assert_eq!(unseal(&rotated, &sealed).unwrap(), PLAIN);
        assert!(!sealed.starts_with(&rotated.seal_header().unwrap()));
        assert!(seal(&rotated).starts_with(&rotated.seal_header().unwrap()));
        assert!(unseal(&Secrets::new([1; 32]), &seal(&rotated)).is_err());
    }
}
