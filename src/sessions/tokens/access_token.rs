//! Access tokens: signed statements of who a session belongs to, good for ten minutes (RFC 9068, signed with Ed25519).
//!
//! A token is believed only if everything about it is as we write it: algorithm, type, key id, issuer, audience, and every claim present in its right
//! type. The keys are those of [`signing_keys`](super::signing_keys).

use std::sync::{Arc, PoisonError, RwLock};

use chrono::{DateTime, Duration, Utc};
use entity::ids::Kind;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, Header, Validation};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::signing_keys::KeyRing;
use super::verified::{Statement, Verified, digest};
use crate::error::{Error, Result};

/// Says that it is an access token and nothing else of ours (RFC 9068 section 2.1).
const TYPE: &str = "at+jwt";
pub(super) const LIFETIME: Duration = Duration::minutes(10);
/// How far the clocks of two replicas may be apart.
pub(super) const LEEWAY: Duration = Duration::seconds(5);

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
    keys: RwLock<Arc<KeyRing>>,
    verified: Verified,
    validation: Validation,
    issuer: String,
    audience: String,
}

impl AccessTokens {
    /// `issuer` is our public address; its GraphQL endpoint is whom the tokens are for.
    pub fn new(keys: KeyRing, issuer: &str) -> Self {
        let audience = format!("{issuer}/graphql");
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[&audience]);
        // The library would ask the system's clock; `verify` asks ours.
        validation.validate_exp = false;
        Self {
            keys: RwLock::new(Arc::new(keys)),
            verified: Verified::default(),
            validation,
            issuer: issuer.to_owned(),
            audience,
        }
    }

    pub fn keys(&self) -> Arc<KeyRing> {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Goes on with the generations read last. Only when they are others, what was verified by the former ones is forgotten.
    pub fn adopt(&self, keys: KeyRing) {
        if !self.keys().is_like(&keys) {
            *self.keys.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(keys);
            self.verified.forget();
        }
    }

    /// Fails when no key signs at a moment.
    pub fn require_key(&self, now: DateTime<Utc>) -> Result<()> {
        self.keys().signing(now).map(drop)
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
        let keys = self.keys();
        let key = keys.signing(now)?;
        let mut header = Header::new(Algorithm::EdDSA);
        header.typ = Some(TYPE.to_owned());
        header.kid = Some(key.id.clone());
        let text = jsonwebtoken::encode(&header, &claims, &key.signing).map_err(Error::internal)?;
        Ok(AccessToken { text, expires_at })
    }

    /// Whom a token speaks for. What is no token at all is `Unauthenticated`; one that is not ours or not good any more is
    /// `AccessTokenExpired`, which tells a client to get a new one by its refresh token.
    pub fn verify(&self, token: &str, now: DateTime<Utc>) -> Result<Bearer> {
        let said = self.genuine(token, now)?;
        let (now, leeway) = (now.timestamp(), LEEWAY.num_seconds());
        let is_in_time =
            said.expires.saturating_add(leeway) > now && said.issued.saturating_sub(leeway) <= now;
        if is_in_time {
            Ok(said.bearer)
        } else {
            Err(Error::AccessTokenExpired)
        }
    }

    /// When a genuine token lapses.
    pub fn expiry(&self, token: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        DateTime::from_timestamp(self.genuine(token, now).ok()?.expires, 0)
    }

    /// What a token of ours says, whether or not it is in time.
    fn genuine(&self, token: &str, now: DateTime<Utc>) -> Result<Statement> {
        let digest = digest(token).ok_or_else(|| Error::internal("no digest"))?;
        if let Some(known) = self.verified.get(&digest) {
            return Ok(known);
        }
        let header = jsonwebtoken::decode_header(token).map_err(refusal)?;
        let keys = self.keys();
        let key = header.kid.as_deref().and_then(|id| keys.named(id, now));
        let key = key
            .filter(|_| header.typ.as_deref() == Some(TYPE))
            .ok_or(Error::AccessTokenExpired)?;
        let decoded = jsonwebtoken::decode::<Claims>(token, &key.verifying, &self.validation);
        let claims = decoded.map_err(refusal)?.claims;
        let said = Statement {
            bearer: bearer(&claims).ok_or(Error::AccessTokenExpired)?,
            issued: claims.iat,
            expires: claims.exp,
        };
        self.verified.remember(digest, said, now.timestamp());
        Ok(said)
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
        _ => Error::AccessTokenExpired,
    }
}

#[cfg(test)]
mod tests;
