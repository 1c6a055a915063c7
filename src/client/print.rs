//! The one place of the client that writes to standard output, which is for results only: talk goes to standard error.

use std::io::Write;

use super::error::ClientError;

pub(super) fn line(text: &str) -> Result<(), ClientError> {
    writeln!(std::io::stdout(), "{text}").map_err(ClientError::Output)
}
