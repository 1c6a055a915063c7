//! Codes given out and not yet exchanged: each good once, and for a minute.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Duration, Utc};

use super::Login;
use super::request::Request;
use crate::error::Result;

const LIFETIME: Duration = Duration::minutes(1);

/// What a code stands for.
pub struct Grant {
    pub request: Request,
    pub person: Login,
    pub given_at: DateTime<Utc>,
}

#[derive(Default)]
pub struct Grants(Mutex<HashMap<String, Grant>>);

impl Grants {
    /// Gives out a code; those that nobody came for are forgotten.
    pub fn give(&self, request: Request, person: Login, now: DateTime<Utc>) -> Result<String> {
        let code = super::random_text()?;
        let mut grants = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        grants.retain(|_, grant| now - grant.given_at < LIFETIME);
        let grant = Grant {
            request,
            person,
            given_at: now,
        };
        grants.insert(code.clone(), grant);
        Ok(code)
    }

    /// Takes a code back for what it stands for, if the one who brings it is the one it was given to (RFC 7636).
    pub fn take(
        &self,
        code: &str,
        return_address: &str,
        verifier: &str,
        now: DateTime<Utc>,
    ) -> Option<Grant> {
        let grant = self
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(code)?;
        let is_in_time = now - grant.given_at < LIFETIME;
        let is_the_same = grant.request.redirect_uri == return_address
            && grant.request.code_challenge == challenge(verifier);
        (is_in_time && is_the_same).then_some(grant)
    }
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::super::PEOPLE;
    use super::super::request::Request;
    use super::{Grants, challenge};

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const BACK: &str = "http://127.0.0.1/back";

    fn request() -> Request {
        Request {
            redirect_uri: BACK.into(),
            code_challenge: challenge(VERIFIER),
            ..Request::default()
        }
    }

    #[test]
    fn the_challenge_is_that_of_the_rfc() {
        assert_eq!(challenge(VERIFIER), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }

    #[test]
    fn a_code_is_good_once_in_time_and_for_whom_it_was_given_to() {
        let (grants, now) = (Grants::default(), DateTime::UNIX_EPOCH);
        let give = || grants.give(request(), PEOPLE[0], now).unwrap();
        let code = give();
        assert!(grants.take(&code, BACK, VERIFIER, now).is_some());
        assert!(grants.take(&code, BACK, VERIFIER, now).is_none(), "twice");
        assert!(grants.take(&give(), BACK, "another", now).is_none());
        assert!(
            grants
                .take(&give(), "http://127.0.0.1/elsewhere", VERIFIER, now)
                .is_none()
        );
        let late = now + Duration::minutes(1);
        assert!(grants.take(&give(), BACK, VERIFIER, late).is_none());
        assert!(grants.take("made up", BACK, VERIFIER, now).is_none());
    }
}
