//! Believing a logout token, or not (OpenID Connect Back-Channel Logout 1.0, section 2.6; security catalogue, A14).
//!
//! Everything about it is demanded: the event, a name of its own, and that it says nothing an ID token would say, so that neither passes for the other. Its
//! type is only recommended, and many providers write `JWT` or none; one that says it is something else is not one.

use chrono::{DateTime, Duration, Utc};

use super::claims::{self, Claims, SKEW};
use super::jws::Jws;
use super::key::Key;
use crate::sso::Rejection;

/// Longest token that is looked at.
pub const LONGEST: usize = crate::limits::LOGOUT_TOKEN;
/// Oldest token that is obeyed.
pub const LONGEST_AGE: Duration = Duration::minutes(2);
const TYPES: [&str; 2] = ["logout+jwt", "jwt"];
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

/// Verifies a logout token with the keys its provider publishes.
pub fn verify(token: &str, keys: &[Key], expected: &Expected<'_>) -> Result<Verified, Rejection> {
    let jws = Jws::read(token).ok_or(Rejection::LogoutTokenMalformed)?;
    if jws.kind().is_some_and(|kind| !TYPES.contains(&kind.as_str())) {
        return Err(Rejection::LogoutTokenTypeWrong);
    }
    let (claims, _) = jws.verify(keys)?;
    check(&claims, expected)
}

fn check(claims: &Claims, expected: &Expected<'_>) -> Result<Verified, Rejection> {
    if claims::text(claims, "iss") != Some(expected.issuer) {
        return Err(Rejection::IdTokenIssuerWrong);
    }
    if !claims::is_for(claims, expected.client_id) {
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
