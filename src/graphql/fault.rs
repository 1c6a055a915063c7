//! From the house's errors to what GraphQL clients see. Internal text ends here, in the log.

use async_graphql::{ErrorExtensionValues, Pos, ServerError};

use crate::error::Error;

/// A top-level error with its stable code.
pub fn server_error(error: &Error, pos: Pos) -> ServerError {
    if let Error::Internal(cause) | Error::Unavailable(cause) = error {
        tracing::error!(%cause, code = error.code(), "a field could not be resolved");
    }
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", error.code());
    if let Error::RateLimited { retry_after_seconds } = error {
        extensions.set("retryAfterSeconds", *retry_after_seconds);
    }
    let mut answer = ServerError::new(error.public_message(), Some(pos));
    answer.extensions = Some(extensions);
    answer
}

/// The same, where async-graphql adds place and path itself.
#[expect(clippy::needless_pass_by_value, reason = "stands where errors are mapped")]
pub fn graphql_error(error: Error) -> async_graphql::Error {
    let error = server_error(&error, Pos::default());
    async_graphql::Error {
        message: error.message,
        source: None,
        extensions: error.extensions,
    }
}
