//! Proving at a token endpoint who we are by a signature (`private_key_jwt`, OpenID Connect Core section 9).
//!
//! Each provider's key comes from the master key and the provider's id, so all replicas sign alike, nothing is stored, and what one provider sees
//! of us is of no use at another.

use aws_lc_rs::agreement::{ECDH_P256, PrivateKey};
use aws_lc_rs::digest;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use entity::identity_provider;
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
    pair: EcdsaKeyPair,
    x: String,
    y: String,
}

impl ClientKey {
    pub fn of(secrets: &Secrets, provider_id: Uuid) -> Result<Self> {
        let label = [LABEL, provider_id.as_bytes()].concat();
        let number = secrets.derive(&label)?;
        let unusable = |_| Error::internal("the derived number is no key");
        let private = PrivateKey::from_private_key(&ECDH_P256, &number)
            .map_err(|_| Error::internal("the derived number is no key"))?;
        let public = private.compute_public_key().map_err(unusable)?;
        let pair = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &number,
            public.as_ref(),
        )
        .map_err(|_| Error::internal("the derived number is no key"))?;
        // An uncompressed point: 4, then both coordinates.
        let (x, y) = public.as_ref()[1..].split_at(32);
        Ok(Self {
            pair,
            x: URL_SAFE_NO_PAD.encode(x),
            y: URL_SAFE_NO_PAD.encode(y),
        })
    }

    /// The public half, for the provider to fetch.
    pub fn jwks(&self) -> Value {
        json!({"keys": [{
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": self.id(), "x": self.x, "y": self.y,
        }]})
    }

    /// A proof for one request to the token endpoint.
    pub fn assertion(
        &self,
        provider: &identity_provider::Model,
        token_endpoint: &str,
        now: DateTime<Utc>,
    ) -> Result<String> {
        let header = json!({"alg": "ES256", "typ": "JWT", "kid": self.id()});
        let claims = json!({
            "iss": provider.client_id,
            "sub": provider.client_id,
            "aud": token_endpoint,
            "jti": Uuid::new_v4().to_string(),
            "iat": now.timestamp(),
            "exp": (now + LIFETIME).timestamp(),
        });
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(&header), encode(&claims));
        let signature = self
            .pair
            .sign(&SystemRandom::new(), signed.as_bytes())
            .map_err(|_| Error::internal("signing failed"))?;
        Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
    }

    /// The key's name: its RFC 7638 thumbprint.
    fn id(&self) -> String {
        let canonical = format!(
            r#"{{"crv":"P-256","kty":"EC","x":"{}","y":"{}"}}"#,
            self.x, self.y
        );
        URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
    }
}
