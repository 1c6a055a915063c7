//! The few pages people see on the way: why they were refused, and what a trial came to. Plain text in our own words; what a provider or anybody else
//! wrote is escaped, and nothing on the page may run or load from elsewhere.

use askama::Template;
use axum::response::{IntoResponse, Response};
use entity::sso_test::{ReceivedClaim, Step, StepName};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER};
use http::{HeaderValue, StatusCode};

use crate::sso::{Rejection, Remedy};

/// Nothing from elsewhere, nothing that runs, no frame around it.
const POLICY: &str =
    "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("../pages/files/invitation/page.css");

#[derive(Template)]
#[template(path = "sso/message.html")]
struct Message<'a> {
    title: &'a str,
    text: &'a str,
    code: Option<&'a str>,
}

#[derive(Template)]
#[template(path = "sso/trial.html")]
struct Trial<'a> {
    is_passed: bool,
    steps: &'a [Step],
    claims: &'a [ReceivedClaim],
}

/// Why somebody was refused, and what to do.
pub fn turned_away(rejection: Rejection) -> Response {
    let status = match rejection.remedy() {
        Remedy::StartAgain => StatusCode::BAD_REQUEST,
        Remedy::FollowAdvice => StatusCode::FORBIDDEN,
        Remedy::AskAdministrator => StatusCode::BAD_GATEWAY,
    };
    let page = Message {
        title: "You are not signed in",
        text: rejection.advice(),
        code: Some(rejection.code()),
    };
    render(status, &page)
}

/// The one answer to whatever leads to no provider: an address nobody routes, a provider or a trial that is not there.
pub fn nowhere_to_go() -> Response {
    let page = Message {
        title: "No single sign-on here",
        text: "There is no single sign-on for this. Sign in with your password, or ask your administrator.",
        code: None,
    };
    render(StatusCode::NOT_FOUND, &page)
}

/// For whoever signed out here and came by a provider that offers no way to sign out there.
pub async fn signed_out() -> Response {
    let page = Message {
        title: "You are signed out here",
        text: "Your session at your identity provider goes on: it offers no way to end it from here. If others use this device, sign out there, too.",
        code: None,
    };
    render(StatusCode::OK, &page)
}

pub fn trial_is_over() -> Response {
    let page = Message {
        title: "This test is over",
        text: "A test link is good once, for ten minutes. Start another test.",
        code: None,
    };
    render(StatusCode::GONE, &page)
}

/// Something went wrong on our side; what, stands in the log.
pub fn failed() -> Response {
    let page = Message {
        title: "That did not work",
        text: "Something went wrong on our side. Begin again in a minute.",
        code: None,
    };
    render(StatusCode::INTERNAL_SERVER_ERROR, &page)
}

/// A part we stand on does not answer; nothing was changed, and beginning anew may well succeed.
pub fn busy() -> Response {
    let page = Message {
        title: "Too busy",
        text: "We could not get to you in time. Begin again in a minute.",
        code: None,
    };
    let mut response = render(StatusCode::SERVICE_UNAVAILABLE, &page);
    let soon = HeaderValue::from_static("10");
    response.headers_mut().insert(RETRY_AFTER, soon);
    response
}

/// Somebody at this network begins without end, or brings back what is no answer.
pub fn too_often(retry_after_seconds: u32) -> Response {
    let page = Message {
        title: "Too many sign-ins",
        text: "Too many sign-ins were begun from your network. Begin again in some minutes.",
        code: None,
    };
    let mut response = render(StatusCode::TOO_MANY_REQUESTS, &page);
    let wait = HeaderValue::from(retry_after_seconds);
    response.headers_mut().insert(RETRY_AFTER, wait);
    response
}

/// What a trial came to.
pub fn trial(steps: &[Step], claims: &[ReceivedClaim]) -> Response {
    let page = Trial {
        is_passed: steps.iter().all(|step| step.is_passed),
        steps,
        claims,
    };
    render(StatusCode::OK, &page)
}

pub async fn style() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, STYLE).into_response()
}

fn render(status: StatusCode, page: &impl Template) -> Response {
    let html = match page.render() {
        Ok(html) => html,
        Err(error) => {
            tracing::error!(%error, "a page could not be written");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (status, headers, html).into_response()
}

/// A step as people call it.
const fn step_name(step: &Step) -> &'static str {
    match step.name {
        StepName::Discovery => "Reading the provider's description of itself",
        StepName::Jwks => "Reading its keys",
        StepName::Authorization => "Signing in there",
        StepName::Token => "Buying tokens for the code",
        StepName::IdToken => "Verifying the ID token",
        StepName::Userinfo => "Asking for more about the person",
        StepName::Claims => "Reading who the person is",
        StepName::Decision => "Deciding whether they come in",
    }
}
