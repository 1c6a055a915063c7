//! Proving at a token endpoint who we are by a signature (`private_key_jwt`, OpenID Connect Core section 9).
//!
//! Each provider's key comes from the master key and the provider's id, so all replicas sign alike, nothing is stored, and what one provider sees
//! of us is of no use at another.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use chrono::{DateTime, Duration, Utc};
use entity::identity_provider;
use jsonwebtoken::jwk::{Jwk, PublicKeyUse, ThumbprintHash};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::platform::secrets::Secrets;

const LABEL: &[u8] = b"muster/sso-client-key/";
const LIFETIME: Duration = Duration::minutes(1);
/// What such a proof is called at the token endpoint (RFC 7523 section 2.2).
pub const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Our key for one provider, on the curve P-256.
pub struct ClientKey {
    signing: EncodingKey,
    /// The public half; its name is its RFC 7638 thumbprint.
    public: Jwk,
}

impl ClientKey {
    pub fn of(secrets: &Secrets, provider_id: Uuid) -> Result<Self> {
        let label = [LABEL, provider_id.as_bytes()].concat();
        let number = secrets.derive(&label)?;
        let signing = EncodingKey::from_ec_der(&document(&number)?);
        let mut public = Jwk::from_encoding_key(&signing, Algorithm::ES256).map_err(Error::internal)?;
        let id = public.thumbprint(ThumbprintHash::SHA256);
        public.common.key_id = Some(id.map_err(Error::internal)?);
        public.common.public_key_use = Some(PublicKeyUse::Signature);
        Ok(Self { signing, public })
    }

    /// The public half, for the provider to fetch.
    pub fn jwks(&self) -> Value {
        json!({"keys": [self.public]})
    }

    /// A proof for one request to the token endpoint.
    pub fn assertion(
        &self,
        provider: &identity_provider::Model,
        token_endpoint: &str,
        now: DateTime<Utc>,
    ) -> Result<String> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid.clone_from(&self.public.common.key_id);
        let claims = json!({
            "iss": provider.client_id,
            "sub": provider.client_id,
            "aud": token_endpoint,
            "jti": Uuid::new_v4().to_string(),
            "iat": now.timestamp(),
            "exp": (now + LIFETIME).timestamp(),
        });
        jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Error::internal)
    }
}

/// The key of a private number, as PKCS #8.
fn document(number: &[u8]) -> Result<Vec<u8>> {
    let unusable = "the derived number is no key";
    let private = PrivateKey::from_private_key(&ECDH_P256, number).map_err(|_| Error::internal(unusable))?;
    let public = private
        .compute_public_key()
        .map_err(|_| Error::internal(unusable))?;
    let pair = EcdsaKeyPair::from_private_key_and_public_key(
        &ECDSA_P256_SHA256_FIXED_SIGNING,
        number,
        public.as_ref(),
    );
    let pair = pair.map_err(|_| Error::internal(unusable))?;
    let document = pair.to_pkcs8v1().map_err(|_| Error::internal(unusable))?;
    Ok(document.as_ref().to_vec())
}
