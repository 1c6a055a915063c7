//! Believing a logout token, or not (OpenID Connect Back-Channel Logout 1.0, section 2.6; security catalogue, A14).
//!
//! Everything about it is demanded: its type, the event, a name of its own, and that it says nothing an ID token would say, so that neither passes for
//! the other.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};
use openidconnect::JsonWebKey;
use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::Deserialize;

use super::claims::{self, Claims, SKEW};
use super::id_token::{of_signature, payload};
use super::key::{ALLOWED, Key};
use crate::sso::Rejection;

/// Longest token that is looked at.
pub const LONGEST: usize = crate::limits::LOGOUT_TOKEN;
/// Oldest token that is obeyed.
pub const LONGEST_AGE: Duration = Duration::minutes(2);
const TYPE: &str = "logout+jwt";
const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

/// Whom to sign out: a subject, one session of it, or a session by its name alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    pub subject: Option<String>,
    pub provider_session: Option<String>,
    /// The token's own name: it is obeyed once.
    pub token_id: String,
}

/// What a logout token must agree with.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub now: DateTime<Utc>,
}

#[derive(Deserialize)]
struct Header {
    alg: CoreJwsSigningAlgorithm,
    typ: Option<String>,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
}

/// Verifies a logout token with the keys its provider publishes.
pub fn verify(token: &str, keys: &[Key], expected: &Expected<'_>) -> Result<Verified, Rejection> {
    let malformed = Rejection::LogoutTokenMalformed;
    let (signed, signature) = token.rsplit_once('.').ok_or(malformed)?;
    let header = signed.split_once('.').ok_or(malformed)?.0;
    let decode = |text: &str| URL_SAFE_NO_PAD.decode(text).map_err(|_| malformed);
    let header: Header = serde_json::from_slice(&decode(header)?).map_err(|_| malformed)?;
    if header.crit.is_some() {
        return Err(malformed);
    }
    let is_type = header.typ.is_some_and(|typ| typ.eq_ignore_ascii_case(TYPE));
    if !is_type {
        return Err(Rejection::LogoutTokenTypeWrong);
    }
    if !ALLOWED.contains(&header.alg) {
        return Err(Rejection::IdTokenAlgorithmNotAllowed);
    }
    let mut candidates = keys
        .iter()
        .filter(|key| key.is_for(header.kid.as_deref(), &header.alg));
    let (Some(key), None) = (candidates.next(), candidates.next()) else {
        return Err(Rejection::IdTokenKeyUnknown);
    };
    key.verify_signature(&header.alg, signed.as_bytes(), &decode(signature)?)
        .map_err(|error| of_signature(&error))?;
    check(&payload(token).ok_or(malformed)?, expected)
}

fn check(claims: &Claims, expected: &Expected<'_>) -> Result<Verified, Rejection> {
    if claims::text(claims, "iss") != Some(expected.issuer) {
        return Err(Rejection::IdTokenIssuerWrong);
    }
    let is_for_us = match claims.get("aud") {
        Some(serde_json::Value::Array(audiences)) => audiences
            .iter()
            .any(|one| one.as_str() == Some(expected.client_id)),
        Some(one) => one.as_str() == Some(expected.client_id),
        None => false,
    };
    if !is_for_us {
        return Err(Rejection::IdTokenAudienceWrong);
    }
    check_times(claims, expected)?;
    let events = claims.get("events").and_then(serde_json::Value::as_object);
    if !events.is_some_and(|events| events.get(EVENT).is_some_and(serde_json::Value::is_object)) {
        return Err(Rejection::LogoutTokenEventMissing);
    }
    if claims.contains_key("nonce") {
        return Err(Rejection::LogoutTokenHasNonce);
    }
    let token_id = claims::text(claims, "jti").filter(|id| !id.is_empty());
    let subject = claims
        .contains_key("sub")
        .then(|| claims::subject(claims))
        .transpose()?;
    let provider_session = claims::provider_session(claims);
    if subject.is_none() && provider_session.is_none() {
        return Err(Rejection::LogoutTokenNamesNobody);
    }
    Ok(Verified {
        subject,
        provider_session,
        token_id: token_id.ok_or(Rejection::LogoutTokenMalformed)?.to_owned(),
    })
}

fn check_times(claims: &Claims, expected: &Expected<'_>) -> Result<(), Rejection> {
    let time = |claim| claims::time(claims, claim).map_err(|()| Rejection::LogoutTokenMalformed);
    let issued = time("iat")?.ok_or(Rejection::LogoutTokenMalformed)?;
    if issued > expected.now + SKEW {
        return Err(Rejection::IdTokenIssuedInFuture);
    }
    let is_over = time("exp")?.is_some_and(|ends| ends <= expected.now - SKEW);
    if is_over || issued < expected.now - LONGEST_AGE {
        return Err(Rejection::LogoutTokenTooOld);
    }
    Ok(())
}
