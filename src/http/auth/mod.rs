//! The endpoints of signing in. They are not mutations, so that a GraphQL document cannot multiply guesses by aliases, and the cookie goes nowhere else.
//!
//! A page of another origin can make a browser send a form with our cookie. It cannot make it send `application/json` without asking, nor hide the
//! `Origin`; both are demanded, beside `SameSite=Strict`.

mod cookie;
mod fault;
mod passwords;

use std::net::{IpAddr, SocketAddr};

use axum::body::{Body, HttpBody};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use chrono::{DateTime, SecondsFormat, Utc};
use entity::ids::Kind;
use futures::StreamExt;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ORIGIN, SET_COOKIE};
use http::{HeaderMap, HeaderValue, StatusCode};
use secrecy::SecretString;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use fault::Fault;

use crate::access::Actor;
use crate::error::Error;
use crate::sessions::{
    AccountName, Begun, EndSession, Entry, RotateSession, Sessions, SignIn, SwitchAccount, Switched,
};
use crate::sso;
use graphql::nul;
use graphql::wire::came_too_slowly;

/// The codes that only these endpoints answer: status, code, meaning. For `docs/errors.md`.
pub fn own_codes() -> Vec<(u16, String, String)> {
    Fault::OWN.iter().map(|fault| fault.told()).collect()
}

const LONGEST_BODY: usize = crate::limits::AUTH_BODY;
/// Well below the time a key is published before it signs.
const JWKS_AGE: HeaderValue = HeaderValue::from_static("public, max-age=300");

impl Sessions {
    /// The routes of signing in.
    pub fn router(&self) -> Router {
        Router::new()
            .route("/auth/sign-in", post(sign_in))
            .route("/auth/refresh", post(refresh))
            .route("/auth/sign-out", post(sign_out))
            .route("/auth/switch", post(switch))
            .route("/auth/confirm", post(passwords::confirm))
            .route("/auth/confirm/code", post(passwords::send_code))
            .route("/auth/password/forgot", post(passwords::forgot))
            .route("/auth/password/reset", post(passwords::reset))
            .route("/auth/password/change", post(passwords::change))
            .route("/.well-known/jwks.json", get(jwks))
            .with_state(self.clone())
    }
}

#[derive(Deserialize)]
struct Credentials {
    email: String,
    password: String,
    account: Option<String>,
}

#[derive(Deserialize)]
struct Destination {
    /// Slug or global id.
    account: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    access_token: String,
    expires_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
    /// Other accounts the person could have entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<Vec<Account>>,
}

#[derive(Serialize)]
struct Account {
    id: String,
    name: String,
    slug: String,
}

impl From<AccountName> for Account {
    fn from(account: AccountName) -> Self {
        Self {
            id: Kind::Account.text(account.id),
            name: account.name,
            slug: account.slug,
        }
    }
}

async fn sign_in(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let caller = Caller::of(&sessions, &request)?;
    caller.require_origin(&sessions, caller.refresh_token.is_some())?;
    let sent: Credentials = sent(request).await?;
    let command = SignIn::new(&sent.email, sent.password.into(), sent.account)
        .replacing(caller.refresh_token)
        .from_device(caller.device);
    sessions.require_signing_key()?;
    match sessions.app().run(&caller.actor, command).await? {
        Entry::Refused => Err(Fault::INVALID_CREDENTIALS),
        Entry::Granted(signed_in) => {
            let others = signed_in.others.into_iter().map(Account::from).collect();
            let account = signed_in.account.into();
            opened(&sessions, &signed_in.begun, Some(account), Some(others))
        }
    }
}

async fn refresh(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let caller = Caller::of(&sessions, &request)?;
    caller.require_origin(&sessions, true)?;
    let refresh_token = caller.refresh_token.ok_or(Error::Unauthenticated)?;
    sessions.require_signing_key()?;
    let rotate = RotateSession { refresh_token };
    match sessions.app().run(&caller.actor, rotate).await? {
        Entry::Granted(begun) => opened(&sessions, &begun, None, None),
        Entry::Refused => Ok(shown_out(&sessions)?),
    }
}

/// Goes over to another account of the same person, in a session of its own.
async fn switch(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let caller = Caller::of(&sessions, &request)?;
    caller.require_origin(&sessions, true)?;
    let refresh_token = caller.refresh_token.clone().ok_or(Error::Unauthenticated)?;
    let sent: Destination = sent(request).await?;
    sessions.require_signing_key()?;
    let command = SwitchAccount::new(refresh_token, sent.account);
    match sessions.app().run(&caller.actor, command).await? {
        Switched::Over { begun, account } => opened(&sessions, &begun, Some(account.into()), None),
        Switched::NotByPassword => Err(Fault::NOT_BY_PASSWORD),
        Switched::NotOpen => Err(Fault::NOT_OPEN),
        Switched::Ended => Ok(shown_out(&sessions)?),
    }
}

async fn sign_out(State(sessions): State<Sessions>, request: Request) -> Result<Response, Fault> {
    let caller = Caller::of(&sessions, &request)?;
    caller.require_origin(&sessions, true)?;
    let mut done = StatusCode::NO_CONTENT.into_response();
    if let Some(refresh_token) = caller.refresh_token {
        let app = sessions.app();
        // Asked while the session can still be found.
        let onward = sso::logout::end_session_url(app, &refresh_token).await?;
        app.run(&caller.actor, EndSession { refresh_token }).await?;
        if let Some(url) = onward {
            done = Json(json!({"endSessionUrl": url})).into_response();
        }
    }
    Ok(with_cookie(unstored(done), cookie::clear(sessions.settings())?))
}

async fn jwks(State(sessions): State<Sessions>) -> Response {
    let keys = sessions.tokens().keys().published(sessions.app().clock().now());
    ([(CACHE_CONTROL, JWKS_AGE)], Json(keys)).into_response()
}

/// The session is over, and the cookie goes with it.
fn shown_out(sessions: &Sessions) -> Result<Response, Error> {
    let fault = Fault::from(Error::SessionExpired);
    Ok(with_cookie(
        fault.into_response(),
        cookie::clear(sessions.settings())?,
    ))
}

/// The JSON object a request carries.
async fn sent<T: DeserializeOwned>(request: Request) -> Result<T, Fault> {
    let body = read(request.into_body()).await?;
    if nul::is_spelt_in(&body) {
        return Err(Fault::BAD_BODY);
    }
    serde_json::from_slice(&body).map_err(|_| Fault::BAD_BODY)
}

/// The whole body, if it is not too long and comes to its end in time.
async fn read(body: Body) -> Result<Vec<u8>, Fault> {
    // What says so itself is not waited for: the connection would end with some of it unread, and the answer could be lost.
    if body.size_hint().lower() > LONGEST_BODY as u64 {
        return Err(Fault::TOO_LARGE);
    }
    let (mut kept, mut pieces) = (Vec::new(), body.into_data_stream());
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|error| match came_too_slowly(&error) {
            true => Fault::TOO_SLOW,
            false => Fault::CUT_SHORT,
        })?;
        if kept.len() + piece.len() > LONGEST_BODY {
            return Err(Fault::TOO_LARGE);
        }
        kept.extend_from_slice(&piece);
    }
    Ok(kept)
}

/// What a request brings along beside its body.
struct Caller {
    actor: Actor,
    origin: Option<HeaderValue>,
    refresh_token: Option<SecretString>,
    device: Option<SecretString>,
}

impl Caller {
    fn of(sessions: &Sessions, request: &Request<Body>) -> Result<Self, Fault> {
        let headers = request.headers();
        if !is_json(headers) {
            return Err(Fault::NOT_JSON);
        }
        Ok(Self {
            actor: Actor::Anonymous(sessions.origin(headers, peer(request))),
            origin: headers.get(ORIGIN).cloned(),
            refresh_token: cookie::read(headers, sessions.settings()),
            device: cookie::read_device(headers, sessions.settings()),
        })
    }

    /// Refuses pages of other origins. A request without `Origin` does not come from a page; it may do what the cookie has no part in.
    fn require_origin(&self, sessions: &Sessions, uses_cookie: bool) -> Result<(), Fault> {
        let is_allowed = match &self.origin {
            None => !uses_cookie,
            Some(origin) => origin
                .to_str()
                .is_ok_and(|origin| sessions.settings().allows_origin(origin)),
        };
        if is_allowed {
            Ok(())
        } else {
            Err(Fault::FOREIGN_ORIGIN)
        }
    }
}

fn peer(request: &Request<Body>) -> Option<IpAddr> {
    let info = request.extensions().get::<ConnectInfo<SocketAddr>>()?;
    Some(info.0.ip())
}

fn is_json(headers: &HeaderMap) -> bool {
    let sent = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = sent.and_then(|text| text.split(';').next()).unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn opened(
    sessions: &Sessions,
    begun: &Begun,
    account: Option<Account>,
    accounts: Option<Vec<Account>>,
) -> Result<Response, Fault> {
    let token = sessions.issue(begun)?;
    let body = Opened {
        access_token: token.text,
        expires_at: in_full(token.expires_at),
        account,
        accounts,
    };
    let now = sessions.app().clock().now();
    let cookie = cookie::set(begun, sessions.settings(), now)?;
    Ok(with_cookie(unstored(Json(body).into_response()), cookie))
}

fn in_full(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}

fn with_cookie(mut response: Response, cookie: HeaderValue) -> Response {
    response.headers_mut().append(SET_COOKIE, cookie);
    response
}

/// Tokens and refusals are for one reader; nothing on the way keeps them.
fn unstored(mut response: Response) -> Response {
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(CACHE_CONTROL, no_store);
    response
}
