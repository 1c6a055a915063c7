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
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::secrets;
use crate::sessions::Begun;
use crate::sso::attempt::{Secrets, UseAttempt, signed_in_by};
use crate::sso::provider::round_trip::{Answer, Assertion, RoundTrip, Steps, Trouble};
use crate::sso::sign_in::before::EndBefore;
use crate::sso::trial::{FinishTrial, received, show_profile};
use crate::sso::{Denial, Rejection, SsoSignIn};

#[derive(Deserialize)]
pub(super) struct Sent {
    state: Option<String>,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
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
    let state = sent.as_ref().and_then(|sent| sent.state.clone());
    match arrive(&visitor, &provider, sent).await {
        Ok((attempt, secrets, answer)) => {
            let arrival = Arrival {
                provider,
                attempt,
                secrets,
            };
            arrival.go_on(visitor, answer).await
        }
        Err(Trouble::Rejected(denial)) => turn_back(&visitor, &provider, denial, state.as_deref()).await,
        Err(trouble) => visitor.explain(&provider, trouble).await,
    }
}

/// Somebody brings what is no answer that is waited for. Who was signed in by it already, and went back to it, goes on.
async fn turn_back(
    visitor: &Visitor,
    provider: &identity_provider::Model,
    denial: Denial,
    state: Option<&str>,
) -> Response {
    let app = visitor.app();
    match denial.rejection {
        // Nobody left for here: that is no refused sign-in, but a stray request.
        Rejection::StateUnknown if !is_known(visitor, provider) => {
            pages::turned_away(Rejection::StateUnknown)
        }
        Rejection::StateUsed => match went_on(app, state.unwrap_or_default()).await {
            Ok(Some(response)) => response,
            Ok(None) => visitor.explain(provider, denial.into()).await,
            Err(error) => failure(&error),
        },
        _ => visitor.explain(provider, denial.into()).await,
    }
}

/// Where somebody goes on whom this answer has signed in already.
async fn went_on(app: &App, state: &str) -> Result<Option<Response>> {
    let Some(claim) = app.secrets().open(secrets::Purpose::SsoState, state)? else {
        return Ok(None);
    };
    let path = signed_in_by(app, claim).await?;
    path.map(|path| on_to(&path)).transpose()
}

/// On to a path of ours.
fn on_to(path: &str) -> Result<Response> {
    let headers = [
        (LOCATION, HeaderValue::from_str(path).map_err(Error::internal)?),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((StatusCode::SEE_OTHER, headers).into_response())
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
) -> Result<(sso_attempt::Model, Secrets, Answer), Trouble> {
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
        error: sent.error,
        error_description: sent.error_description,
    };
    Ok((attempt, Secrets::of(app, claim)?, answer))
}

/// A browser that is rightly back.
struct Arrival {
    provider: identity_provider::Model,
    attempt: sso_attempt::Model,
    secrets: Secrets,
}

impl Arrival {
    async fn go_on(self, visitor: Visitor, answer: Answer) -> Response {
        let trip = RoundTrip {
            app: visitor.app(),
            provider: &self.provider,
            secrets: &self.secrets,
            started_at: self.attempt.started_at,
            is_trial: self.attempt.purpose == Purpose::Test,
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
            attempt_id: self.attempt.id,
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
        let mut response = on_to(&self.attempt.return_to)?;
        for cookie in [
            visitor.sessions.refresh_cookie(begun)?,
            cookie::clear_before(&app.settings().public_url)?,
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
                show_profile(&assertion.profile, &mut steps);
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
            steps,
            claims: claims.clone(),
            assertion: outcome.ok(),
            before: visitor.before,
        };
        match visitor.app().run(&visitor.speaking(&self.provider), finish).await {
            Ok(Some(steps)) => pages::trial(&steps, &claims),
            Ok(None) => pages::trial_is_over(),
            Err(error) => failure(&error),
        }
    }
}
