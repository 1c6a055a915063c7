//! Calls about many things at once: what to do when some are wrong, and how it ended for each.

use async_graphql::ID;
use entity::ids::Kind;
use futures::future::Either;
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
            format!("At most {most} at once; {given} were given."),
        ),
        _ => return Ok(()),
    };
    Err(Error::from(refusal.at(field)))
}

/// The ids of a list that is neither empty nor too long. What is no id of the kind names none: it is answered as not found, like one of another account.
pub fn named(kind: Kind, given: &[ID], most: usize, field: &str) -> Result<Vec<Uuid>> {
    check_length(given.len(), most, field)?;
    let id = |given: &ID| kind.parse(given).unwrap_or_default();
    Ok(given.iter().map(id).collect())
}

/// What a call is about, where it can be said in two ways: by exactly one of them. Each comes with the name of its field.
pub fn one_of<A, B>(first: (Option<A>, &str), second: (Option<B>, &str)) -> Result<Either<A, B>> {
    let ((first, one), (second, other)) = (first, second);
    match (first, second) {
        (Some(first), None) => Ok(Either::Left(first)),
        (None, Some(second)) => Ok(Either::Right(second)),
        (None, None) => {
            let refusal = Refusal::new(Code::Required, format!("Give {one} or {other}."));
            Err(refusal.at(&format!("input.{one}")).into())
        }
        (Some(_), Some(_)) => {
            let refusal = Refusal::new(Code::Invalid, format!("Give {one} or {other}, not both."));
            Err(refusal.at(&format!("input.{other}")).into())
        }
    }
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
