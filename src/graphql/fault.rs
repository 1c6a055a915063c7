//! From the house's errors to what GraphQL clients see. Internal text ends here, in the log.

use async_graphql::{Pos, ServerError};
use graphql::Fault;

use crate::error::Error;

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let fault = Self::new(error.code(), error.public_message());
        match error {
            Error::RateLimited { retry_after_seconds } => {
                fault.with("retryAfterSeconds", retry_after_seconds)
            }
            Error::Internal(cause) | Error::Unavailable(cause) => fault.caused_by(cause),
            _ => fault,
        }
    }
}

/// A top-level error with its stable code.
pub fn server_error(error: Error, pos: Pos) -> ServerError {
    Fault::from(error).server_error(pos)
}

/// The same, where async-graphql adds place and path itself.
pub fn graphql_error(error: Error) -> async_graphql::Error {
    let error = server_error(error, Pos::default());
    async_graphql::Error {
        message: error.message,
        source: None,
        extensions: error.extensions,
    }
}
