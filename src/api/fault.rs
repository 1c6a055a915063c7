//! From Muster's errors to what GraphQL clients see. Internal text ends here, in the log.

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
