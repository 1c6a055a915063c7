//! The provider's addresses: what it is, what it signs with, the page to choose a person on, and the exchange of a code.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Form, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::ExposeSecret;
use serde::Deserialize;
use serde_json::{Value, json};
use url::Url;

use super::request::Request;
use super::{CLIENT_ID, PEOPLE, Shared};
use crate::error::{Error, Result};

/// Seconds an ID token is good.
const TOKEN_LIFETIME: i64 = 300;
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'";
const STYLE: &str = include_str!("../../http/pages/files/invitation/page.css");

pub fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/.well-known/openid-configuration", get(describe))
        .route("/jwks", get(keys))
        .route("/authorize", get(choose))
        .route("/authorize/as", get(chosen))
        .route("/token", post(exchange))
        .route("/page.css", get(style))
        .with_state(shared)
}

async fn describe(State(shared): State<Arc<Shared>>) -> Json<Value> {
    let issuer = &shared.issuer;
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "scopes_supported": ["openid", "email", "profile"],
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn keys(State(shared): State<Arc<Shared>>) -> Json<Value> {
    Json(shared.keys.published())
}

async fn style() -> impl IntoResponse {
    (
        [(CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"))],
        STYLE,
    )
}

#[derive(Template)]
#[template(path = "demo/provider.html")]
struct Page {
    /// What is wrong, or nothing.
    refusal: Option<&'static str>,
    people: Vec<Choice>,
}

struct Choice {
    name: String,
    email: String,
    link: String,
}

async fn choose(State(shared): State<Arc<Shared>>, Query(request): Query<Request>) -> Response {
    let refusal = shared.check(&request).err();
    let choice = |(place, person): (usize, &super::Login)| Choice {
        name: format!("{} {}", person.given_name, person.family_name),
        email: person.email(&shared.domain),
        link: link(&shared.issuer, &request, place).unwrap_or_default(),
    };
    let people = match refusal {
        Some(_) => Vec::new(),
        None => PEOPLE.iter().enumerate().map(choice).collect(),
    };
    let status = match refusal {
        Some(_) => StatusCode::BAD_REQUEST,
        None => StatusCode::OK,
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    match (Page { refusal, people }).render() {
        Ok(html) => (status, headers, html).into_response(),
        Err(error) => failed(&Error::internal(error)),
    }
}

/// The same request once more, with the person chosen.
fn link(issuer: &str, request: &Request, person: usize) -> Option<String> {
    let mut url: Url = format!("{issuer}/authorize/as").parse().ok()?;
    let asked = serde_json::to_value(request).ok()?;
    for (name, value) in asked.as_object()? {
        url.query_pairs_mut().append_pair(name, value.as_str()?);
    }
    url.query_pairs_mut().append_pair("person", &person.to_string());
    Some(url.into())
}

#[derive(Deserialize)]
struct Chosen {
    person: usize,
}

async fn chosen(
    State(shared): State<Arc<Shared>>,
    Query(request): Query<Request>,
    Query(Chosen { person }): Query<Chosen>,
) -> Response {
    if let Err(refusal) = shared.check(&request) {
        return (StatusCode::BAD_REQUEST, refusal).into_response();
    }
    let Some(person) = PEOPLE.get(person) else {
        return (StatusCode::BAD_REQUEST, "There is nobody of this number.").into_response();
    };
    let state = request.state.clone();
    let sent_back = request.redirect_uri.parse::<Url>().map_err(Error::internal);
    let code = shared.grants.give(request, *person, shared.clock.now());
    match (sent_back, code) {
        (Ok(mut url), Ok(code)) => {
            url.query_pairs_mut()
                .append_pair("code", &code)
                .append_pair("state", &state)
                .append_pair("iss", &shared.issuer);
            Redirect::to(url.as_str()).into_response()
        }
        (Err(error), _) | (_, Err(error)) => failed(&error),
    }
}

#[derive(Deserialize)]
struct Exchange {
    grant_type: String,
    code: String,
    redirect_uri: String,
    code_verifier: String,
}

async fn exchange(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    Form(sent): Form<Exchange>,
) -> Response {
    let refused = |status, error: &str| (status, Json(json!({"error": error}))).into_response();
    if !shared.is_client(&headers) {
        return refused(StatusCode::UNAUTHORIZED, "invalid_client");
    }
    if sent.grant_type != "authorization_code" {
        return refused(StatusCode::BAD_REQUEST, "unsupported_grant_type");
    }
    match shared.exchange(&sent) {
        Ok(Some(answer)) => {
            let headers = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
            (headers, Json(answer)).into_response()
        }
        Ok(None) => refused(StatusCode::BAD_REQUEST, "invalid_grant"),
        Err(error) => failed(&error),
    }
}

impl Shared {
    fn check(&self, request: &Request) -> Result<(), &'static str> {
        request.check(self.return_address().as_deref())
    }

    fn is_client(&self, headers: &HeaderMap) -> bool {
        let expected = format!("{CLIENT_ID}:{}", self.client_secret.expose_secret());
        let sent = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let sent = sent.and_then(|text| STANDARD.decode(text.strip_prefix("Basic ")?).ok());
        let equal = |sent: Vec<u8>| {
            aws_lc_rs::constant_time::verify_slices_are_equal(&sent, expected.as_bytes()).is_ok()
        };
        sent.is_some_and(equal)
    }

    /// The tokens for a code; `None` when it is worth nothing.
    fn exchange(&self, sent: &Exchange) -> Result<Option<Value>> {
        let now = self.clock.now();
        let Some(grant) = self
            .grants
            .take(&sent.code, &sent.redirect_uri, &sent.code_verifier, now)
        else {
            return Ok(None);
        };
        let person = grant.person;
        let id_token = self.keys.sign(&json!({
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": person.subject(),
            "nonce": grant.request.nonce,
            "iat": now.timestamp(),
            "exp": now.timestamp() + TOKEN_LIFETIME,
            "auth_time": grant.given_at.timestamp(),
            "email": person.email(&self.domain),
            "email_verified": true,
            "given_name": person.given_name,
            "family_name": person.family_name,
        }))?;
        Ok(Some(json!({
            "access_token": super::random_text()?,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFETIME,
            "id_token": id_token,
        })))
    }
}

fn failed(error: &Error) -> Response {
    tracing::error!(?error, "the demo's identity provider failed");
    StatusCode::INTERNAL_SERVER_ERROR.into_response()
}
