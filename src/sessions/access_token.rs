//! Access tokens: signed statements of who a session belongs to, good for ten minutes (RFC 9068, signed with Ed25519).
//!
//! The key comes from the master key, so all replicas sign and verify alike and nothing is stored. A token is believed only if everything about it is as
//! we write it: algorithm, type, key id, issuer, audience, and every claim present in its right type.

use aws_lc_rs::digest;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use entity::ids::Kind;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use serde::{Deserialize, Serialize};
use serde_json::json;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::platform::secrets::Secrets;

const KEY_LABEL: &[u8] = b"muster/access-token/1";
/// Says that it is an access token and nothing else of ours (RFC 9068 section 2.1).
const TYPE: &str = "at+jwt";
const LIFETIME: Duration = Duration::minutes(10);
/// How far the clocks of two replicas may be apart.
const LEEWAY: Duration = Duration::seconds(5);

/// Whom a genuine token speaks for. Whether the session still stands is for its row to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bearer {
    pub account_id: Uuid,
    pub user_id: Uuid,
    pub session_id: Uuid,
}

/// A token with its end.
#[derive(Clone)]
pub struct AccessToken {
    pub text: String,
    pub expires_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    /// The user, by global id.
    sub: String,
    /// The account, by global id.
    acc: String,
    /// The session, by global id.
    sid: String,
    iat: i64,
    exp: i64,
}

/// Issues and verifies access tokens.
pub struct AccessTokens {
    signing: EncodingKey,
    verifying: DecodingKey,
    validation: Validation,
    /// The public key as JSON web keys write it.
    x: String,
    key_id: String,
    issuer: String,
    audience: String,
}

impl AccessTokens {
    /// `issuer` is our public address; its GraphQL endpoint is whom the tokens are for.
    pub fn new(secrets: &Secrets, issuer: &str) -> Result<Self> {
        let pair =
            Ed25519KeyPair::from_seed_unchecked(&secrets.derive(KEY_LABEL)?).map_err(Error::internal)?;
        let signing = EncodingKey::from_ed_der(
            pair.to_pkcs8()
                .map_err(|_| Error::internal("unusable key"))?
                .as_ref(),
        );
        let public_key = pair.public_key().as_ref();
        let x = URL_SAFE_NO_PAD.encode(public_key);
        let audience = format!("{issuer}/graphql");
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[&audience]);
        // The library would ask the system's clock; `verify` asks ours.
        validation.validate_exp = false;
        Ok(Self {
            signing,
            verifying: DecodingKey::from_ed_der(public_key),
            validation,
            key_id: thumbprint(&x),
            x,
            issuer: issuer.to_owned(),
            audience,
        })
    }

    pub fn issue(&self, bearer: Bearer, now: DateTime<Utc>) -> Result<AccessToken> {
        let expires_at = now + LIFETIME;
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: Kind::User.text(bearer.user_id),
            acc: Kind::Account.text(bearer.account_id),
            sid: Kind::Session.text(bearer.session_id),
            iat: now.timestamp(),
            exp: expires_at.timestamp(),
        };
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(self.key_id.clone());
        let text = jsonwebtoken::encode(&header, &claims, &self.signing).map_err(Error::internal)?;
        Ok(AccessToken { text, expires_at })
    }

    /// Whom a token speaks for. What is no token at all is `Unauthenticated`; one that is not ours or not good any more is `SessionExpired`, which
    /// tells a client to get a new one.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer> {
        let token =
            jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation).map_err(refusal)?;
        let is_ours = token.header.typ.as_deref() == Some(TYPE)
            && token.header.kid.as_deref() == Some(self.key_id.as_str());
        let (issued, expires) = (token.claims.iat, token.claims.exp);
        let (now, leeway) = (now.timestamp(), LEEWAY.num_seconds());
        let is_in_time = expires.saturating_add(leeway) > now && issued.saturating_sub(leeway) <= now;
        let bearer = bearer(&token.claims).filter(|_| is_ours && is_in_time);
        bearer.ok_or(Error::SessionExpired)
    }

    /// When a genuine token lapses.
    pub fn expiry(&self, token: &str) -> Option<DateTime<Utc>> {
        let token = jsonwebtoken::decode::<Claims>(token, &self.verifying, &self.validation).ok()?;
        DateTime::from_timestamp(token.claims.exp, 0)
    }

    /// The public key for others who verify our tokens, as a JSON web key set (RFC 7517, RFC 8037).
    pub fn jwks(&self) -> serde_json::Value {
        json!({"keys": [{
            "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": self.key_id, "x": self.x,
        }]})
    }
}

fn bearer(claims: &Claims) -> Option<Bearer> {
    Some(Bearer {
        account_id: Kind::Account.parse(&claims.acc)?,
        user_id: Kind::User.parse(&claims.sub)?,
        session_id: Kind::Session.parse(&claims.sid)?,
    })
}

fn refusal(error: jsonwebtoken::errors::Error) -> Error {
    match error.into_kind() {
        ErrorKind::InvalidToken | ErrorKind::Base64(_) | ErrorKind::Json(_) | ErrorKind::Utf8(_) => {
            Error::Unauthenticated
        }
        _ => Error::SessionExpired,
    }
}

/// The key's name: its RFC 7638 thumbprint, so that another key never has the same.
fn thumbprint(x: &str) -> String {
    let canonical = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests;
