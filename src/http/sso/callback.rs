//! `GET /sso/callback/{provider}`: the browser is back. First whether it is the one that left, and back for the first time; then what it brings.

use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use entity::sso_attempt::{self, Purpose};
use entity::{identity_provider, sso_test};
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use uuid::Uuid;

use super::{Visitor, cookie, failure, pages, provider_named};
use crate::error::{Error, Result};
use crate::platform::secrets::{self, Claim};
use crate::sessions::Begun;
use crate::sso::attempt::{Secrets, UseAttempt};
use crate::sso::provider::round_trip::{Answer, Assertion, RoundTrip, Steps, Trouble};
use crate::sso::sign_in::before::EndBefore;
use crate::sso::trial::{FinishTrial, judge_claims, received};
use crate::sso::{Rejection, SsoSignIn};

#[derive(Deserialize)]
pub(super) struct Sent {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

pub(super) async fn callback(
    visitor: Visitor,
    Path(provider): Path<String>,
    sent: Result<Query<Sent>, QueryRejection>,
) -> Response {
    let provider = match provider_named(visitor.app(), &provider).await {
        Ok(Some(provider)) => provider,
        Ok(None) => return pages::nowhere_to_go(),
        Err(error) => return failure(&error),
    };
    // A parameter sent twice could be read in two ways.
    let sent = sent.map(|Query(sent)| sent).ok();
    match arrive(&visitor, &provider, sent).await {
        Ok((attempt, secrets, claim, answer)) => {
            let arrival = Arrival {
                provider,
                attempt,
                secrets,
                claim,
            };
            arrival.go_on(visitor, answer).await
        }
        Err(Trouble::Rejected(Rejection::StateUnknown)) if !is_known(&visitor, &provider) => {
            // Nobody left for here: that is no refused sign-in, but a stray request.
            pages::turned_away(Rejection::StateUnknown)
        }
        Err(trouble) => visitor.explain(&provider, trouble).await,
    }
}

/// Whether the browser left for this account. One that left for another has nothing to leave in this one's audit log.
fn is_known(visitor: &Visitor, provider: &identity_provider::Model) -> bool {
    let left = visitor.attempts.are_of(visitor.app(), provider.account_id);
    left.unwrap_or_default()
}

/// Finds the attempt the browser is back from, and uses it up.
async fn arrive(
    visitor: &Visitor,
    provider: &identity_provider::Model,
    sent: Option<Sent>,
) -> Result<(sso_attempt::Model, Secrets, Claim, Answer), Trouble> {
    let app = visitor.app();
    let sent = sent.ok_or(Rejection::StateUnknown)?;
    let state = sent.state.unwrap_or_default();
    let claim = app.secrets().open(secrets::Purpose::SsoState, &state)?;
    // A state of another account is none here, whoever brings it.
    let claim = claim.filter(|claim| claim.account_id == provider.account_id);
    let claim = claim.ok_or(Rejection::StateUnknown)?;
    if !visitor.attempts.contain(app, claim)? {
        return Err(Rejection::BrowserMismatch.into());
    }
    let identity_provider_id = provider.id;
    let using = UseAttempt {
        claim,
        identity_provider_id,
    };
    let attempt = app.run(&visitor.anonymous(), using).await??;
    let answer = Answer {
        code: sent.code,
        issuer: sent.iss,
        is_error: sent.error.is_some(),
    };
    Ok((attempt, Secrets::of(app, claim)?, claim, answer))
}

/// A browser that is rightly back.
struct Arrival {
    provider: identity_provider::Model,
    attempt: sso_attempt::Model,
    secrets: Secrets,
    claim: Claim,
}

impl Arrival {
    async fn go_on(self, visitor: Visitor, answer: Answer) -> Response {
        let trip = RoundTrip {
            app: visitor.app(),
            provider: &self.provider,
            secrets: &self.secrets,
            started_at: self.attempt.started_at,
        };
        let mut steps = Steps::default();
        let outcome = trip.complete(answer, &mut steps).await;
        match (self.attempt.purpose, self.attempt.sso_test_id) {
            (Purpose::Test, Some(test_id)) => self.finish_trial(&visitor, test_id, outcome, steps).await,
            (Purpose::Test, None) => pages::trial_is_over(),
            (Purpose::SignIn, _) => match self.sign_in(&visitor, outcome).await {
                Ok(Ok(begun)) => self
                    .let_in(visitor, &begun)
                    .await
                    .unwrap_or_else(|error| failure(&error)),
                // The command has put the reason into the audit log.
                Ok(Err(rejection)) => pages::turned_away(rejection),
                Err(trouble) => visitor.explain(&self.provider, trouble).await,
            },
        }
    }

    async fn sign_in(
        &self,
        visitor: &Visitor,
        outcome: Result<Assertion, Trouble>,
    ) -> Result<Result<Begun, Rejection>, Trouble> {
        let sign_in = SsoSignIn {
            assertion: outcome?,
            before: visitor.before,
        };
        let actor = visitor.speaking(&self.provider);
        Ok(visitor.app().run(&actor, sign_in).await?)
    }

    /// The session's cookie, and on to where the person wanted to go.
    async fn let_in(&self, visitor: Visitor, begun: &Begun) -> Result<Response> {
        let app = visitor.sessions.app();
        if let Some(before) = visitor.before {
            // Not the provider's doing: the session may be another account's, whose audit log then has it.
            app.run(&visitor.anonymous(), EndBefore { before }).await?;
        }
        let target = HeaderValue::from_str(&self.attempt.return_to).map_err(Error::internal)?;
        let headers = [
            (LOCATION, target),
            (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        let mut response = (StatusCode::SEE_OTHER, headers).into_response();
        for cookie in [
            visitor.sessions.refresh_cookie(begun)?,
            cookie::clear_before(&app.settings().public_url)?,
            visitor.attempts.without(app, self.claim)?,
        ] {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        Ok(response)
    }

    async fn finish_trial(
        &self,
        visitor: &Visitor,
        test_id: Uuid,
        outcome: Result<Assertion, Trouble>,
        mut steps: Steps,
    ) -> Response {
        let claims: Vec<sso_test::ReceivedClaim> = match &outcome {
            Ok(assertion) => {
                judge_claims(&self.provider, assertion, &mut steps);
                received(&self.provider, &assertion.claims)
            }
            Err(Trouble::Rejected(_)) => Vec::new(),
            Err(Trouble::Failed(error)) => {
                tracing::error!(?error, "a trial sign-in failed");
                Vec::new()
            }
        };
        let finish = FinishTrial {
            test_id,
            steps: steps.0.clone(),
            claims: claims.clone(),
        };
        match visitor.app().run(&visitor.speaking(&self.provider), finish).await {
            Ok(Some(is_passed)) => pages::trial(is_passed, &steps.0, &claims),
            Ok(None) => pages::trial_is_over(),
            Err(error) => failure(&error),
        }
    }
}
