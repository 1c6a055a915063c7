//! `POST /sso/logout/{provider}`: a provider tells us that a session of its own is over (OpenID Connect Back-Channel Logout 1.0).

use axum::extract::Path;
use axum::extract::rejection::FormRejection;
use axum::response::{IntoResponse, Response};
use axum::{Form, Json};
use entity::identity_provider;
use http::header::{CACHE_CONTROL, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::{Visitor, provider_named};
use crate::error::{Error, Result};
use crate::rate_limit;
use crate::sessions::attempts::telling;
use crate::sso::Rejection;
use crate::sso::logout::{BackchannelLogout, CountDisbelieved, believe};
use crate::sso::provider::round_trip::Trouble;

#[derive(Deserialize)]
pub(super) struct Sent {
    logout_token: String,
}

pub(super) async fn logout(
    visitor: Visitor,
    Path(provider): Path<String>,
    sent: Result<Form<Sent>, FormRejection>,
) -> Response {
    let provider = provider_named(visitor.app(), &provider).await;
    let outcome = match (provider, sent) {
        (Ok(Some(provider)), Ok(Form(sent))) => obey(&visitor, &provider, &sent.logout_token).await,
        (Err(error), _) => Err(Trouble::Failed(error)),
        _ => return answer(StatusCode::BAD_REQUEST, "invalid_request"),
    };
    match outcome {
        Ok(()) => ([(CACHE_CONTROL, no_store())], StatusCode::OK).into_response(),
        Err(Trouble::Rejected(denial)) => {
            tracing::info!(reason = denial.rejection.code(), "a logout token was refused");
            answer(StatusCode::BAD_REQUEST, "invalid_request")
        }
        Err(Trouble::Failed(Error::RateLimited { retry_after_seconds })) => {
            let mut answer = answer(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable");
            let wait = HeaderValue::from(retry_after_seconds);
            answer.headers_mut().insert(RETRY_AFTER, wait);
            answer
        }
        Err(Trouble::Failed(error)) => {
            tracing::error!(?error, "a back-channel logout failed");
            answer(StatusCode::INTERNAL_SERVER_ERROR, "server_error")
        }
    }
}

async fn obey(visitor: &Visitor, provider: &identity_provider::Model, token: &str) -> Result<(), Trouble> {
    let app = visitor.app();
    // Anybody can send a token nobody signed: it is counted for their network, and only what the provider said is a matter for the audit log.
    let disbelieved = telling(provider.id, &visitor.origin);
    rate_limit::check(app.reader(), &disbelieved, app.clock().now()).await?;
    let verified = match believe(app, provider, token).await {
        // A provider that does not answer is not the fault of whoever speaks in its name.
        Err(Trouble::Rejected(denial))
            if !matches!(
                denial.rejection,
                Rejection::DiscoveryFailed | Rejection::KeysUnavailable
            ) =>
        {
            let identity_provider_id = provider.id;
            app.run(&visitor.anonymous(), CountDisbelieved { identity_provider_id })
                .await?;
            return Err(denial.into());
        }
        judged => judged?,
    };
    let logout = BackchannelLogout { verified };
    app.run(&visitor.speaking(provider), logout).await??;
    Ok(())
}

fn answer(status: StatusCode, error: &str) -> Response {
    let body = Json(json!({"error": error}));
    (status, [(CACHE_CONTROL, no_store())], body).into_response()
}

fn no_store() -> HeaderValue {
    HeaderValue::from_static("no-store")
}
