//! Calls about many things at once: what to do when some are wrong, and how it ended for each.

use async_graphql::Enum;

use crate::error::{Code, Error, Refusal, Result};
use crate::graphql::batch::{Object, Type, enum_leaf};

/// What a bulk mutation does when some items are wrong.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkErrorPolicy {
    /// Change nothing unless every item can be applied (one transaction).
    RejectAll,
    /// Apply the items that can be applied, report the others.
    SkipFailed,
}

/// Outcome of one item. UNCHANGED: it was so already.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkItemStatus {
    Applied,
    Unchanged,
    Failed,
}

enum_leaf!(BulkErrorPolicy, BulkItemStatus);

/// Totals over results[].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BulkSummary {
    applied: i32,
    unchanged: i32,
    failed: i32,
}

impl BulkSummary {
    pub fn of(statuses: impl Iterator<Item = BulkItemStatus>) -> Self {
        let mut summary = Self::default();
        for status in statuses {
            match status {
                BulkItemStatus::Applied => summary.applied += 1,
                BulkItemStatus::Unchanged => summary.unchanged += 1,
                BulkItemStatus::Failed => summary.failed += 1,
            }
        }
        summary
    }
}

impl Object for BulkSummary {
    const NAME: &'static str = "BulkSummary";
    const DOC: &'static str = "Totals over results[]; applied + unchanged + failed = total.";

    fn describe(t: &mut Type<Self>) {
        t.value("total", |summary| {
            summary.applied + summary.unchanged + summary.failed
        });
        t.value("applied", |summary| summary.applied);
        t.value("unchanged", |summary| summary.unchanged);
        t.value("failed", |summary| summary.failed);
    }
}

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
