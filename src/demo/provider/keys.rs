//! What ID tokens are signed with: a key made at the start, published like any provider's, forgotten at the end.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{Error, Result};

/// Other at each start, so that whoever remembers the former key sees that it is gone.
pub struct Keys {
    id: String,
    signing: EncodingKey,
    published: Value,
}

impl Keys {
    pub fn make() -> Result<Self> {
        let unusable = || Error::internal("no key could be made");
        let document = EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &SystemRandom::new())
            .map_err(|_| unusable())?;
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, document.as_ref())
            .map_err(|_| unusable())?;
        // An uncompressed point: 4, then both coordinates.
        let point = pair.public_key().as_ref();
        let (x, y) = point
            .get(1..)
            .and_then(|both| both.split_at_checked(32))
            .ok_or_else(unusable)?;
        let id = super::random_text()?;
        let published = json!({"keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": id,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }]});
        Ok(Self {
            id,
            signing: EncodingKey::from_ec_der(document.as_ref()),
            published,
        })
    }

    /// The public half, as a key set.
    pub fn published(&self) -> Value {
        self.published.clone()
    }

    pub fn sign(&self, claims: &impl Serialize) -> Result<String> {
        let mut header = Header::new(Algorithm::ES256);
        header.kid = Some(self.id.clone());
        jsonwebtoken::encode(&header, claims, &self.signing).map_err(Error::internal)
    }
}
