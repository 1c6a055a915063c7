//! Calls about many things at once: what to do when some are wrong, and how it ended for each.

pub use graphql::{BulkErrorPolicy, BulkItemStatus, BulkSummary};

use crate::error::{Code, Error, Refusal, Result};

/// Refuses a list that is empty or too long.
pub fn check_length(given: usize, most: usize, field: &str) -> Result<()> {
    let refusal = match given {
        0 => Refusal::new(Code::Required, "The list is empty."),
        given if given > most => Refusal::new(
            Code::TooManyItems,
            format!("At most {most} at once; {given} were given. Import a CSV file for more."),
        ),
        _ => return Ok(()),
    };
    Err(Error::from(refusal.at(field)))
}

/// A position in a list as clients count it.
pub fn index(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX)
}
