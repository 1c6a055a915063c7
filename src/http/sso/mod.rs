//! The addresses of single sign-on: where browsers begin and come back to, and where providers speak to us.

mod callback;
mod cookie;
mod initiate;
mod logout;
mod pages;
mod return_to;
mod start;

use std::net::{IpAddr, SocketAddr};

use axum::Router;
use axum::extract::{ConnectInfo, FromRequestParts, Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use entity::identity_provider;
use entity::ids::Kind;
use http::header::{ALLOW, CACHE_CONTROL};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, StatusCode};

use cookie::Attempts;

use crate::access::{Actor, Origin};
use crate::app::App;
use crate::error::{Code, Error, Result};
use crate::sessions::Sessions;
use crate::sso::lookup::by_id;
use crate::sso::provider::client_key::ClientKey;
use crate::sso::provider::round_trip::Trouble;
use crate::sso::sign_in::before::Before;
use crate::sso::{Denial, RefuseSignIn, Rejection};

/// The routes of single sign-on.
pub fn routes(sessions: &Sessions) -> Router {
    Router::new()
        .route("/sso/start", get(start::start).head(does_nothing))
        .route(
            "/sso/callback/{provider}",
            get(callback::callback).head(does_nothing),
        )
        .route(
            "/sso/initiate/{provider}",
            get(initiate::by_link).post(initiate::by_form).head(does_nothing),
        )
        .route("/sso/signed-out", get(pages::signed_out))
        .route("/sso/logout/{provider}", post(logout::logout))
        .route("/sso/jwks/{provider}", get(jwks))
        .route("/assets/sso/page.css", get(pages::style))
        .with_state(sessions.clone())
}

/// Whoever only asks for headers (link checkers, previews) begins nothing and uses nothing up.
async fn does_nothing() -> Response {
    let allowed = HeaderValue::from_static("GET");
    (StatusCode::METHOD_NOT_ALLOWED, [(ALLOW, allowed)]).into_response()
}

/// What we prove ourselves with at a provider's token endpoint.
async fn jwks(State(sessions): State<Sessions>, Path(provider): Path<String>) -> Response {
    let app = sessions.app();
    let Ok(Some(provider)) = provider_named(app, &provider).await else {
        return StatusCode::NOT_FOUND.into_response();
    };
    match ClientKey::of(app.secrets(), provider.id) {
        Ok(key) => {
            let age = HeaderValue::from_static("public, max-age=600");
            ([(CACHE_CONTROL, age)], axum::Json(key.jwks())).into_response()
        }
        Err(error) => failure(&error),
    }
}

/// Whoever sends a request, as far as it can be known before they are.
struct Visitor {
    sessions: Sessions,
    origin: Origin,
    attempts: Attempts,
    /// The session the browser has, or had when it left.
    before: Option<Before>,
}

impl FromRequestParts<Sessions> for Visitor {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, sessions: &Sessions) -> Result<Self, Self::Rejection> {
        Self::of(sessions, &parts.headers, peer(parts)).map_err(|error| failure(&error))
    }
}

impl Visitor {
    fn of(sessions: &Sessions, headers: &HeaderMap, peer: Option<IpAddr>) -> Result<Self> {
        let app = sessions.app();
        let before = Before::of(app, sessions.refresh_token(headers).as_ref())?;
        let before = match before {
            None => cookie::read_before(app, headers)?,
            now => now,
        };
        Ok(Self {
            origin: sessions.origin(headers, peer),
            attempts: Attempts::read(headers, &app.settings().public_url),
            before,
            sessions: sessions.clone(),
        })
    }

    fn app(&self) -> &App {
        self.sessions.app()
    }

    fn anonymous(&self) -> Actor {
        Actor::Anonymous(self.origin.clone())
    }

    /// The provider as the actor whose word is being looked at.
    fn speaking(&self, provider: &identity_provider::Model) -> Actor {
        Actor::Sso {
            account_id: provider.account_id,
            identity_provider_id: provider.id,
            label: provider.name.clone(),
            origin: self.origin.clone(),
        }
    }

    /// Turns somebody away: the reason goes into the audit log, the advice to the person.
    async fn turn_away(&self, provider: &identity_provider::Model, denial: Denial) -> Response {
        let rejection = denial.rejection;
        tracing::info!(reason = rejection.code(), provider = %provider.id, "a sign-in was refused");
        let refused = RefuseSignIn { denial };
        match self.app().run(&self.speaking(provider), refused).await {
            Ok(()) => pages::turned_away(rejection),
            Err(error) => failure(&error),
        }
    }

    async fn explain(&self, provider: &identity_provider::Model, trouble: Trouble) -> Response {
        match trouble {
            Trouble::Rejected(denial) => self.turn_away(provider, denial).await,
            // The one refusal that is found after rows were written, and took them back.
            Trouble::Failed(Error::Refused(refusals))
                if refusals
                    .iter()
                    .any(|refusal| refusal.code == Code::SeatsExhausted) =>
            {
                self.turn_away(provider, Rejection::SeatsExhausted.into()).await
            }
            Trouble::Failed(error) => failure(&error),
        }
    }
}

fn peer(parts: &Parts) -> Option<IpAddr> {
    let info = parts.extensions.get::<ConnectInfo<SocketAddr>>()?;
    Some(info.0.ip())
}

/// The provider an address names; one of these addresses names no more.
async fn provider_named(app: &App, text: &str) -> Result<Option<identity_provider::Model>> {
    match Kind::IdentityProvider.parse(text) {
        Some(id) => by_id(app.reader(), id).await,
        None => Ok(None),
    }
}

fn failure(error: &Error) -> Response {
    if let Error::RateLimited { retry_after_seconds } = error {
        return pages::too_often(*retry_after_seconds);
    }
    tracing::error!(?error, "single sign-on failed");
    match error {
        Error::Busy | Error::Unavailable(_) => pages::busy(),
        _ => pages::failed(),
    }
}
