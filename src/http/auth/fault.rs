//! Refusals of these endpoints as HTTP says them: a status, and the shape of a GraphQL answer, so that clients read one kind of error. Internal text ends in
//! the log.

use std::borrow::Cow;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde_json::json;

use super::unstored;
use crate::error::Error;

/// Why a request got nothing.
pub(super) struct Fault {
    status: StatusCode,
    code: Cow<'static, str>,
    message: Cow<'static, str>,
    retry_after_seconds: Option<u32>,
}

impl Fault {
    /// The one answer to whoever does not get in, whatever the reason.
    pub const INVALID_CREDENTIALS: Self = Self::new(
        StatusCode::UNAUTHORIZED,
        "INVALID_CREDENTIALS",
        "The e-mail address or the password is wrong, or this account is not open to you.",
    );
    pub const NOT_JSON: Self = Self::new(
        StatusCode::UNSUPPORTED_MEDIA_TYPE,
        "BAD_USER_INPUT",
        "Send the request as application/json.",
    );
    pub const TOO_LARGE: Self = Self::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        "BAD_USER_INPUT",
        "The request is larger than 8 KiB.",
    );
    pub const TOO_SLOW: Self = Self::new(
        StatusCode::REQUEST_TIMEOUT,
        "BAD_USER_INPUT",
        "The request did not arrive in time.",
    );
    pub const CUT_SHORT: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "BAD_USER_INPUT",
        "The request broke off.",
    );
    pub const BAD_BODY: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "BAD_USER_INPUT",
        "This is not the JSON object that belongs here.",
    );
    pub const WRONG_PASSWORD: Self = Self::new(
        StatusCode::FORBIDDEN,
        "WRONG_PASSWORD",
        "This is not your present password.",
    );
    pub const NOT_BY_PASSWORD: Self = Self::new(
        StatusCode::FORBIDDEN,
        "SESSION_NOT_BY_PASSWORD",
        "You did not sign in with a password here. Sign in anew where you came from, or have a code sent to you by mail.",
    );
    pub const BY_PASSWORD: Self = Self::new(
        StatusCode::FORBIDDEN,
        "SESSION_BY_PASSWORD",
        "You signed in with a password here. Give that once more.",
    );
    pub const WRONG_CODE: Self = Self::new(
        StatusCode::FORBIDDEN,
        "WRONG_CODE",
        "This is not the code of the latest mail, or it is older than ten minutes. Ask for another one.",
    );
    pub const NOT_OPEN: Self = Self::new(
        StatusCode::FORBIDDEN,
        "FORBIDDEN",
        "You have no active user in this account.",
    );
    pub const DEAD_LINK: Self = Self::new(
        StatusCode::BAD_REQUEST,
        "RESET_LINK_DEAD",
        "This link is not good any more. Ask for a new one and use the latest mail.",
    );
    pub const FOREIGN_ORIGIN: Self = Self::new(
        StatusCode::FORBIDDEN,
        "FORBIDDEN",
        "Pages of this origin may not sign people in or out here.",
    );

    /// What only these endpoints say, with its meaning.
    pub const OWN: [&Self; 6] = [
        &Self::INVALID_CREDENTIALS,
        &Self::WRONG_PASSWORD,
        &Self::NOT_BY_PASSWORD,
        &Self::BY_PASSWORD,
        &Self::WRONG_CODE,
        &Self::DEAD_LINK,
    ];

    const fn new(status: StatusCode, code: &'static str, message: &'static str) -> Self {
        Self {
            status,
            code: Cow::Borrowed(code),
            message: Cow::Borrowed(message),
            retry_after_seconds: None,
        }
    }
}

impl Fault {
    pub(super) fn told(&self) -> (u16, String, String) {
        (
            self.status.as_u16(),
            self.code.to_string(),
            self.message.to_string(),
        )
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        if let Error::Internal(cause) | Error::Unavailable(cause) = &error {
            tracing::error!(%cause, code = error.code(), "a sign-in request failed");
        }
        let status = match &error {
            Error::Refused(_) | Error::BadInput(_) | Error::InvalidCursor => StatusCode::BAD_REQUEST,
            Error::Unauthenticated | Error::AccessTokenExpired | Error::SessionExpired => {
                StatusCode::UNAUTHORIZED
            }
            Error::Forbidden => StatusCode::FORBIDDEN,
            Error::RateLimited { .. } => StatusCode::TOO_MANY_REQUESTS,
            Error::Busy | Error::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
            Error::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        };
        let retry_after_seconds = match &error {
            Error::RateLimited { retry_after_seconds } => Some(*retry_after_seconds),
            _ => None,
        };
        let code = match &error {
            Error::Refused(refusals) => refusals.first().map(|refusal| refusal.code.name().into()),
            _ => None,
        };
        Self {
            status,
            code: code.unwrap_or_else(|| error.code().into()),
            message: error.public_message().into(),
            retry_after_seconds,
        }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let mut extensions = json!({"code": self.code});
        if let Some(seconds) = self.retry_after_seconds {
            extensions["retryAfterSeconds"] = seconds.into();
        }
        let body = Json(json!({"errors": [{"message": self.message, "extensions": extensions}]}));
        let mut response = unstored((self.status, body).into_response());
        if self.status == StatusCode::UNAUTHORIZED {
            // RFC 9110 section 11.6.1 wants a challenge; browsers ask nobody for a bearer token.
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(seconds) = self.retry_after_seconds {
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}
