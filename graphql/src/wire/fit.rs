//! Which errors a client may read as they are.

use async_graphql::{ErrorExtensionValues, ServerError};

use super::fault::{Fault, RequestId};

/// Keeps what our own code or the validation says, hides everything else.
pub fn fit_for_clients(error: ServerError, executed: bool, request: &RequestId) -> ServerError {
    match Fault::of(&error) {
        Some(Fault::Internal) => internal(error, request),
        Some(_) => error,
        // A resolver's own error has its cause as source; the library's words about a request have none.
        None if error.source.is_some() => internal(error, request),
        None if !executed && is_about_cost(&error.message) => Fault::CostLimitExceeded.stamp(error),
        None if !executed => Fault::ValidationFailed.stamp(error),
        None if is_about_input(&error.message) => Fault::BadUserInput.stamp(error),
        None => internal(error, request),
    }
}

/// Whoever may not read the schema is not told the names in it that are like theirs.
pub fn without_suggestion(mut error: ServerError) -> ServerError {
    if let Some(end) = error.message.find(" Did you mean ") {
        error.message.truncate(end);
    }
    error
}

fn internal(mut error: ServerError, request: &RequestId) -> ServerError {
    tracing::error!(request_id = %request.0, path = ?error.path, error = %error.message, "an operation failed");
    "Internal error".clone_into(&mut error.message);
    error.source = None;
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", Fault::Internal.code());
    extensions.set("requestId", request.0.as_str());
    error.extensions = Some(extensions);
    error
}

/// How the library's validation words its own limits.
fn is_about_cost(message: &str) -> bool {
    matches!(message, "Query is too complex." | "Query is nested too deep.")
        || message.starts_with("The recursion depth of the query cannot be greater than")
}

/// How the library words that an argument's text is no value of a scalar, which it finds while executing.
fn is_about_input(message: &str) -> bool {
    message.starts_with("Failed to parse \"") || message.starts_with("Expected input type \"")
}
