//! Believing an ID token, or not (OpenID Connect Core section 3.1.3.7; security catalogue, A2).
//!
//! Judged is what a sign-in rests on: signature, issuer, audience, the party it was issued to, times, nonce, the hash of the access token, the subject, and how
//! long ago the person proved who they are. A provider may say whatever else it likes, of whatever type.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::claims::{self, Claims, SKEW};
use super::jws::Jws;
use super::key::{Algorithm, Key};
use crate::sso::Rejection;

/// What an ID token must agree with.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub access_token: &'a str,
    pub now: DateTime<Utc>,
    pub fresh: Option<Fresh>,
}

/// The person must have proven who they are since the browser was sent to have them do so.
#[derive(Clone, Copy, Debug)]
pub struct Fresh {
    pub since: DateTime<Utc>,
    /// That the provider was asked is enough, where it does not say when it did.
    pub trusts_prompt: bool,
}

/// What a token that is believed says.
#[derive(Clone, Debug)]
pub struct Verified {
    pub subject: String,
    pub provider_session: Option<String>,
    /// When the person proved who they are, if the provider says so.
    pub authenticated_at: Option<DateTime<Utc>>,
    pub claims: Claims,
}

/// Verifies an ID token with the keys its provider publishes.
pub fn verify(token: &str, keys: &[Key], expected: &Expected<'_>) -> Result<Verified, Rejection> {
    let jws = Jws::read(token).ok_or(Rejection::IdTokenMalformed)?;
    if jws.kind().is_some_and(|kind| kind != "jwt") {
        return Err(Rejection::IdTokenMalformed);
    }
    let (claims, algorithm) = jws.verify(keys)?;
    check_parties(&claims, expected)?;
    check_times(&claims, expected)?;
    if claims::text(&claims, "nonce") != Some(expected.nonce) {
        return Err(Rejection::IdTokenNonceWrong);
    }
    check_access_token(&claims, algorithm, expected)?;
    Ok(Verified {
        subject: claims::subject(&claims)?,
        provider_session: claims::provider_session(&claims),
        authenticated_at: authenticated_at(&claims, expected)?,
        claims,
    })
}

fn check_parties(claims: &Claims, expected: &Expected<'_>) -> Result<(), Rejection> {
    match claims.get("iss") {
        None => return Err(Rejection::IdTokenMalformed),
        Some(issuer) if issuer.as_str() != Some(expected.issuer) => {
            return Err(Rejection::IdTokenIssuerWrong);
        }
        Some(_) => {}
    }
    // A token may be for others too, as long as it is for us; whom it was issued to is said by `azp`.
    if !claims::is_for(claims, expected.client_id) {
        return Err(Rejection::IdTokenAudienceWrong);
    }
    match claims.get("azp") {
        Some(party) if party.as_str() != Some(expected.client_id) => {
            Err(Rejection::IdTokenAuthorizedPartyWrong)
        }
        _ => Ok(()),
    }
}

fn check_times(claims: &Claims, expected: &Expected<'_>) -> Result<(), Rejection> {
    let latest = expected.now + SKEW;
    let time = |claim| claims::time(claims, claim).map_err(|()| Rejection::IdTokenMalformed);
    let ends = time("exp")?.ok_or(Rejection::IdTokenMalformed)?;
    if ends <= expected.now - SKEW {
        return Err(Rejection::IdTokenExpired);
    }
    if time("iat")?.ok_or(Rejection::IdTokenMalformed)? > latest {
        return Err(Rejection::IdTokenIssuedInFuture);
    }
    if time("nbf")?.is_some_and(|begins| begins > latest) {
        return Err(Rejection::IdTokenNotYetValid);
    }
    Ok(())
}

fn check_access_token(
    claims: &Claims,
    algorithm: Algorithm,
    expected: &Expected<'_>,
) -> Result<(), Rejection> {
    match claims.get("at_hash") {
        None | Some(Value::Null) => Ok(()),
        Some(hash) if hash.as_str() == Some(&algorithm.half_hash(expected.access_token)) => Ok(()),
        Some(_) => Err(Rejection::IdTokenAccessTokenHashWrong),
    }
}

/// Some providers write 0, or a text, where they do not know: then it is not said.
fn authenticated_at(claims: &Claims, expected: &Expected<'_>) -> Result<Option<DateTime<Utc>>, Rejection> {
    let said = claims::time(claims, "auth_time").ok().flatten();
    let said = said.filter(|at| *at > DateTime::UNIX_EPOCH);
    if said.is_some_and(|at| at > expected.now + SKEW) {
        return Err(Rejection::IdTokenIssuedInFuture);
    }
    let is_since = |at: DateTime<Utc>, since| at >= since - SKEW;
    match (expected.fresh, said) {
        (Some(fresh), Some(at)) if !is_since(at, fresh.since) => Err(Rejection::SignInNotRecent),
        (Some(fresh), None) => {
            let issued = claims::time(claims, "iat").ok().flatten();
            let is_younger = issued.is_some_and(|at| is_since(at, fresh.since));
            match fresh.trusts_prompt && is_younger {
                true => Ok(Some(fresh.since)),
                false => Err(Rejection::SignInNotRecent),
            }
        }
        (_, said) => Ok(said.map(|at| at.min(expected.now))),
    }
}

/// What a token says, as it stands there, for somebody to look at.
pub fn said_of(token: &str, claim: &str) -> Option<String> {
    let said = Jws::read(token)?.claim(claim)?.to_string();
    Some(said)
}

#[cfg(test)]
mod tests;
