//! Calls about many things at once: what to do when some are wrong, and how it ended for each.

use async_graphql::ID;
use entity::ids::Kind;
use uuid::Uuid;

pub use graphql::{BulkErrorPolicy, BulkItemStatus, BulkSummary};

use super::errors::UserError;
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

/// The ids of a list that is neither empty nor too long. What is no id of the kind names none: it is answered as not found, like one of another account.
pub fn named(kind: Kind, given: &[ID], most: usize, field: &str) -> Result<Vec<Uuid>> {
    check_length(given.len(), most, field)?;
    let id = |given: &ID| kind.parse(given).unwrap_or(Uuid::nil());
    Ok(given.iter().map(id).collect())
}

/// How it ended for one item, as [`graphql::Bulk::of`] takes it.
pub fn item<R>(ended: Result<BulkItemStatus, Refusal>, own: R) -> (BulkItemStatus, Vec<UserError>, R) {
    match ended {
        Ok(status) => (status, Vec::new(), own),
        Err(refusal) => (BulkItemStatus::Failed, vec![refusal.into()], own),
    }
}

/// A position in a list as clients count it.
pub fn index(place: usize) -> i32 {
    i32::try_from(place).unwrap_or(i32::MAX)
}
