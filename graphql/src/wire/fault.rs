//! The codes a top-level error may carry: a closed list.

use async_graphql::{ErrorExtensionValues, Pos, ServerError, Value};
use http::{HeaderMap, StatusCode};

/// Why an operation, or a part of its answer, is missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    Unauthenticated,
    AccessTokenExpired,
    SessionExpired,
    Forbidden,
    BadUserInput,
    InvalidCursor,
    ParseFailed,
    ValidationFailed,
    CostLimitExceeded,
    RateLimited,
    PersistedQueryNotFound,
    Internal,
    Busy,
    Unavailable,
}

impl Fault {
    const ALL: [Self; 14] = [
        Self::Unauthenticated,
        Self::AccessTokenExpired,
        Self::SessionExpired,
        Self::Forbidden,
        Self::BadUserInput,
        Self::InvalidCursor,
        Self::ParseFailed,
        Self::ValidationFailed,
        Self::CostLimitExceeded,
        Self::RateLimited,
        Self::PersistedQueryNotFound,
        Self::Internal,
        Self::Busy,
        Self::Unavailable,
    ];

    /// The text in `extensions.code`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::AccessTokenExpired => "ACCESS_TOKEN_EXPIRED",
            Self::SessionExpired => "SESSION_EXPIRED",
            Self::Forbidden => "FORBIDDEN",
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::InvalidCursor => "INVALID_CURSOR",
            Self::ParseFailed => "GRAPHQL_PARSE_FAILED",
            Self::ValidationFailed => "GRAPHQL_VALIDATION_FAILED",
            Self::CostLimitExceeded => "COST_LIMIT_EXCEEDED",
            Self::RateLimited => "RATE_LIMITED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::Internal => "INTERNAL",
            Self::Busy => "BUSY",
            Self::Unavailable => "UNAVAILABLE",
        }
    }

    /// The fault an error declares; `None` for an error that came from somewhere else than our own code.
    pub fn of(error: &ServerError) -> Option<Self> {
        match error.extensions.as_ref()?.get("code")? {
            Value::String(code) => Self::named(code),
            _ => None,
        }
    }

    fn named(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fault| fault.code() == code)
    }

    /// The status of an HTTP answer that carries no data because of this.
    ///
    /// The draft of GraphQL over HTTP says 422 for an invalid document; its audit suite (graphql-http 1.23) still wants 400.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::Unauthenticated | Self::AccessTokenExpired | Self::SessionExpired => {
                StatusCode::UNAUTHORIZED
            }
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::RateLimited => StatusCode::TOO_MANY_REQUESTS,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::BadUserInput
            | Self::InvalidCursor
            | Self::ParseFailed
            | Self::ValidationFailed
            | Self::CostLimitExceeded
            | Self::PersistedQueryNotFound => StatusCode::BAD_REQUEST,
        }
    }

    /// An error with this code.
    pub fn error(self, message: impl Into<String>, position: Option<Pos>) -> ServerError {
        self.stamp(ServerError::new(message, position))
    }

    /// Gives an error of another origin this code, keeping its message.
    pub fn stamp(self, mut error: ServerError) -> ServerError {
        error
            .extensions
            .get_or_insert_with(ErrorExtensionValues::default)
            .set("code", self.code());
        error
    }
}

/// What a caller is told whom the application did not admit. The cause goes to the log only.
pub fn not_admitted(error: &crate::Fault, request: &RequestId) -> ServerError {
    let fault = Fault::named(error.code).unwrap_or(Fault::Internal);
    let mut answer = fault.error(&error.message, None);
    let extensions = answer
        .extensions
        .get_or_insert_with(ErrorExtensionValues::default);
    for (name, value) in &error.extensions {
        extensions.set(*name, value.clone());
    }
    if let Some(cause) = &error.cause {
        tracing::error!(request_id = %request.0, error = %cause, "a caller could not be admitted");
        extensions.set("requestId", request.0.as_str());
    }
    answer
}

/// Names one request in the log and, when something broke, in the answer, so that a report of it can be traced.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

impl RequestId {
    const LONGEST: usize = 64;

    /// The id that an outer layer or a proxy gave the request, else a new one.
    pub fn of(headers: &HeaderMap) -> Self {
        headers
            .get("x-request-id")
            .and_then(|id| id.to_str().ok())
            .filter(|id| {
                (1..=Self::LONGEST).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic())
            })
            .map_or_else(Self::random, |id| Self(id.to_owned()))
    }

    /// A new one, for an operation on a socket.
    pub fn random() -> Self {
        let mut bytes = [0; 16];
        // Without randomness ids repeat, which spoils a search in the log and nothing else.
        if aws_lc_rs::rand::fill(&mut bytes).is_err() {
            tracing::warn!("no randomness for a request id");
        }
        Self(uuid::Builder::from_random_bytes(bytes).into_uuid().to_string())
    }
}
