//! `GET /sso/start`: finds the provider and sends the browser there.
//!
//! By e-mail address (the provider its verified domain routes to), by provider, or by the link of a trial. Whatever leads nowhere is answered alike.

use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::response::{IntoResponse, Response};
use entity::identity_provider::{self, Status};
use entity::sso_attempt::Purpose;
use entity::sso_test::{self, StepName};
use http::header::{CACHE_CONTROL, LOCATION, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use sea_orm::EntityTrait;
use serde::Deserialize;
use uuid::Uuid;

use super::return_to::return_to;
use super::{Visitor, cookie, failure, pages, provider_named};
use crate::error::{Error, Result};
use crate::person::EmailAddress;
use crate::platform::secrets;
use crate::sso::attempt::{self, BeginAttempt};
use crate::sso::lookup::routed;
use crate::sso::provider::exchange::authorization_url;
use crate::sso::provider::round_trip::{Steps, Trouble};
use crate::sso::trial::FinishTrial;
use crate::sso::{Denial, Directory, Rejection};

#[derive(Deserialize)]
pub(super) struct Asked {
    email: Option<String>,
    provider: Option<String>,
    /// The token of a trial.
    test: Option<String>,
    return_to: Option<String>,
    /// `1`: the person has to prove anew who they are, for what needs a recent sign-in.
    recent: Option<String>,
}

/// Where a browser goes, and for what.
pub(super) struct Journey {
    pub provider: identity_provider::Model,
    pub test: Option<Uuid>,
    pub return_to: String,
    pub login_hint: Option<String>,
    pub is_fresh_demanded: bool,
}

pub(super) async fn start(visitor: Visitor, asked: Result<Query<Asked>, QueryRejection>) -> Response {
    let Ok(Query(asked)) = asked else {
        return pages::nowhere_to_go();
    };
    match find(&visitor, asked).await {
        Ok(Some(journey)) => send_off(visitor, journey).await,
        Ok(None) => pages::nowhere_to_go(),
        Err(error) => failure(&error),
    }
}

async fn find(visitor: &Visitor, asked: Asked) -> Result<Option<Journey>> {
    let app = visitor.app();
    let journey = |provider: Option<identity_provider::Model>| {
        provider.map(|provider| Journey {
            provider,
            test: None,
            return_to: return_to(asked.return_to.as_deref()),
            login_hint: None,
            is_fresh_demanded: asked.recent.as_deref() == Some("1"),
        })
    };
    if let Some(token) = &asked.test {
        let Some((provider, test)) = trial(visitor, token).await? else {
            return Ok(None);
        };
        let test = Some(test);
        return Ok(journey(Some(provider)).map(|journey| Journey { test, ..journey }));
    }
    if let Some(id) = &asked.provider {
        return Ok(journey(provider_named(app, id).await?));
    }
    let Some(email) = asked
        .email
        .as_deref()
        .and_then(|email| EmailAddress::parse(email).ok())
    else {
        return Ok(None);
    };
    let login_hint = Some(email.as_typed().to_owned());
    let routed = routed(app.reader(), &email).await?;
    Ok(journey(routed).map(|journey| Journey {
        login_hint,
        ..journey
    }))
}

/// The provider of a trial that has been started and not finished.
async fn trial(visitor: &Visitor, token: &str) -> Result<Option<(identity_provider::Model, Uuid)>> {
    let app = visitor.app();
    let Some(claim) = app.secrets().open(secrets::Purpose::SsoTest, token)? else {
        return Ok(None);
    };
    let test = sso_test::Entity::find_by_id((claim.account_id, claim.id))
        .one(app.reader())
        .await?;
    let is_open = |test: &sso_test::Model| {
        test.status == sso_test::Status::Started && test.expires_at > app.clock().now()
    };
    let Some(test) = test.filter(is_open) else {
        return Ok(None);
    };
    let provider = identity_provider::Entity::find_by_id((test.account_id, test.identity_provider_id))
        .one(app.reader())
        .await?;
    Ok(provider.map(|provider| (provider, test.id)))
}

/// Sends the browser to the provider.
pub(super) async fn send_off(visitor: Visitor, journey: Journey) -> Response {
    let provider = journey.provider.clone();
    if journey.test.is_none() && provider.status != Status::Enabled {
        // Nobody comes from anywhere yet: it is said to whoever asks, and is nothing for the audit log.
        return pages::turned_away(Rejection::SsoNotEnabled);
    }
    let test = journey.test;
    match (depart(&visitor, journey).await, test) {
        (Ok((url, code)), _) => leave(visitor, &url, code).unwrap_or_else(|error| failure(&error)),
        (Err(Trouble::Rejected(denial)), Some(test_id)) => {
            fail_trial(&visitor, &provider, test_id, &denial).await
        }
        (Err(trouble), _) => visitor.explain(&provider, trouble).await,
    }
}

/// A trial that comes to its end before the browser has left: the provider does not say where to go.
async fn fail_trial(
    visitor: &Visitor,
    provider: &identity_provider::Model,
    test_id: Uuid,
    denial: &Denial,
) -> Response {
    let mut steps = Steps::default();
    steps.add(StepName::Discovery, false, Some(denial.explained()));
    let finish = FinishTrial {
        test_id,
        steps,
        claims: Vec::new(),
        assertion: None,
        before: None,
    };
    match visitor.app().run(&visitor.speaking(provider), finish).await {
        Ok(Some(steps)) => pages::trial(&steps, &[]),
        Ok(None) => pages::trial_is_over(),
        Err(error) => failure(&error),
    }
}

/// Begins an attempt; answers where to go, and what the browser keeps.
async fn depart(visitor: &Visitor, journey: Journey) -> Result<(String, String), Trouble> {
    let app = visitor.app();
    let provider = journey.provider;
    let directory = app.shared::<Directory>();
    let metadata = match journey.test {
        Some(_) => directory.anew(app, &provider).await?,
        None => directory.metadata(app, &provider).await?,
    };
    let begin = BeginAttempt {
        account_id: provider.account_id,
        identity_provider_id: provider.id,
        purpose: match journey.test {
            Some(_) => Purpose::Test,
            None => Purpose::SignIn,
        },
        sso_test_id: journey.test,
        return_to: journey.return_to,
    };
    let id = app.run(&visitor.anonymous(), begin).await?;
    let claim = attempt::claim(provider.account_id, id, journey.is_fresh_demanded);
    let secrets = attempt::Secrets::of(app, claim)?;
    let url = authorization_url(app, &provider, &metadata, &secrets, journey.login_hint)?;
    Ok((url.into(), secrets.browser))
}

fn leave(visitor: Visitor, url: &str, code: String) -> Result<Response> {
    let public_url = &visitor.sessions.app().settings().public_url;
    let headers = [
        (LOCATION, HeaderValue::from_str(url).map_err(Error::internal)?),
        (SET_COOKIE, visitor.attempts.with(code, public_url)?),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    let mut response = (StatusCode::SEE_OTHER, headers).into_response();
    if let Some(before) = visitor.before {
        let cookie = cookie::set_before(visitor.sessions.app(), before)?;
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    Ok(response)
}
