//! Believing an ID token, or not.
//!
//! `openidconnect` reads it and verifies what the protocol says: issuer, audience, signature, expiry, nonce. What it leaves to its user we check on top
//! (security catalogue, A2): the authorised party, times in the future, the hash of the access token, and how long ago the person proved who they are.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use openidconnect::core::{CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessToken, AccessTokenHash, ClaimsVerificationError, ClientId, EmptyAdditionalClaims,
    IdToken as OpenIdToken, IdTokenVerifier, IssuerUrl, JsonWebKeySet, Nonce, SignatureVerificationError,
};

use super::claims::{self, Claims, SKEW};
use super::key::{ALLOWED, Key};
use crate::sso::Rejection;

/// An ID token as `openidconnect` reads it.
pub type IdToken = OpenIdToken<
    EmptyAdditionalClaims,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJwsSigningAlgorithm,
>;

/// What an ID token must agree with.
#[derive(Clone, Debug)]
pub struct Expected<'a> {
    pub issuer: &'a str,
    pub client_id: &'a str,
    pub nonce: &'a str,
    pub access_token: &'a str,
    pub now: DateTime<Utc>,
    /// The person must have proven who they are since then.
    pub fresh_since: Option<DateTime<Utc>>,
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
pub fn verify(token: &IdToken, keys: &[Key], expected: &Expected<'_>) -> Result<Verified, Rejection> {
    verify_protocol(token, keys, expected)?;
    // The very bytes that were signed, because the library's own types keep only the claims it knows.
    let claims = payload(&token.to_string()).ok_or(Rejection::IdTokenMalformed)?;
    check_times(&claims, expected)?;
    if let Some(party) = claims.get("azp")
        && party.as_str() != Some(expected.client_id)
    {
        return Err(Rejection::IdTokenAuthorizedPartyWrong);
    }
    Ok(Verified {
        subject: claims::subject(&claims)?,
        provider_session: claims::provider_session(&claims),
        authenticated_at: authenticated_at(&claims, expected)?,
        claims,
    })
}

fn verify_protocol(token: &IdToken, keys: &[Key], expected: &Expected<'_>) -> Result<(), Rejection> {
    let issuer = IssuerUrl::new(expected.issuer.to_owned()).map_err(|_| Rejection::IdTokenIssuerWrong)?;
    let client_id = ClientId::new(expected.client_id.to_owned());
    let earliest_end = expected.now - SKEW;
    let verifier = IdTokenVerifier::new_public_client(client_id, issuer, JsonWebKeySet::new(keys.to_vec()))
        .set_allowed_algs(ALLOWED)
        // A token may be for others too, as long as it is for us; whom it was issued to is checked by `azp`.
        .set_other_audience_verifier_fn(|_| true)
        .set_time_fn(move || earliest_end);
    let nonce = Nonce::new(expected.nonce.to_owned());
    let verified = token
        .claims(&verifier, &nonce)
        .map_err(|error| rejection(&error))?;
    let Some(hash) = verified.access_token_hash() else {
        return Ok(());
    };
    let algorithm = token.signing_alg().map_err(|error| of_signature(&error))?;
    let key = token
        .signing_key(&verifier)
        .map_err(|error| of_signature(&error))?;
    let access_token = AccessToken::new(expected.access_token.to_owned());
    match AccessTokenHash::from_token(&access_token, algorithm, key) {
        Ok(own) if own == *hash => Ok(()),
        _ => Err(Rejection::IdTokenAccessTokenHashWrong),
    }
}

fn check_times(claims: &Claims, expected: &Expected<'_>) -> Result<(), Rejection> {
    let latest = expected.now + SKEW;
    let time = |claim| claims::time(claims, claim).map_err(|()| Rejection::IdTokenMalformed);
    if time("iat")?.is_some_and(|issued| issued > latest) {
        return Err(Rejection::IdTokenIssuedInFuture);
    }
    if time("nbf")?.is_some_and(|begins| begins > latest) {
        return Err(Rejection::IdTokenNotYetValid);
    }
    Ok(())
}

fn authenticated_at(claims: &Claims, expected: &Expected<'_>) -> Result<Option<DateTime<Utc>>, Rejection> {
    let said = claims::time(claims, "auth_time").map_err(|()| Rejection::IdTokenMalformed)?;
    if said.is_some_and(|at| at > expected.now + SKEW) {
        return Err(Rejection::IdTokenIssuedInFuture);
    }
    if let Some(since) = expected.fresh_since
        && said.is_none_or(|at| at < since - SKEW)
    {
        return Err(Rejection::SignInNotRecent);
    }
    Ok(said.map(|at| at.min(expected.now)))
}

/// The claims of a token in compact form, without a look at its signature.
pub fn payload(token: &str) -> Option<Claims> {
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}

fn rejection(error: &ClaimsVerificationError) -> Rejection {
    match error {
        ClaimsVerificationError::Expired(_) => Rejection::IdTokenExpired,
        ClaimsVerificationError::InvalidAudience(_) => Rejection::IdTokenAudienceWrong,
        ClaimsVerificationError::InvalidIssuer(_) => Rejection::IdTokenIssuerWrong,
        ClaimsVerificationError::InvalidNonce(_) => Rejection::IdTokenNonceWrong,
        ClaimsVerificationError::SignatureVerification(error) => of_signature(error),
        _ => Rejection::IdTokenMalformed,
    }
}

/// What is wrong with a signature.
pub fn of_signature(error: &SignatureVerificationError) -> Rejection {
    match error {
        SignatureVerificationError::DisallowedAlg(_)
        | SignatureVerificationError::UnsupportedAlg(_)
        | SignatureVerificationError::NoSignature => Rejection::IdTokenAlgorithmNotAllowed,
        SignatureVerificationError::NoMatchingKey | SignatureVerificationError::AmbiguousKeyId(_) => {
            Rejection::IdTokenKeyUnknown
        }
        SignatureVerificationError::InvalidKey(_) => Rejection::IdTokenKeyUnusable,
        _ => Rejection::IdTokenSignatureWrong,
    }
}

#[cfg(test)]
mod tests;
