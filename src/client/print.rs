//! The one place of the client that writes to standard output, which is for results only: talk goes to standard error.

use std::io::Write;

use super::error::ClientError;
use super::summary::Summary;

pub(super) fn line(text: &str) -> Result<(), ClientError> {
    writeln!(std::io::stdout(), "{text}").map_err(ClientError::Output)
}

/// How it went, for programs or for people.
pub(super) fn summary(summary: &Summary, is_json: bool) -> Result<(), ClientError> {
    line(&if is_json {
        summary.to_json()
    } else {
        summary.to_text()
    })
}
