//! What can be listed. A kind of export is the columns of its lines and the rows they are made of, read in batches within a snapshot; everything else is the same for all.

mod assignments;
mod audit_events;
mod offer;
mod people;
mod users;

use async_trait::async_trait;
use entity::export::Kind;

use self::assignments::Assignments;
use self::audit_events::AuditEvents;
use self::people::People;
use self::users::Users;
use super::lines::Lines;
use super::request::Request;
use crate::error::Result;
use crate::platform::db::Snapshot;
use crate::read::Scope;

/// Rows that are read with one statement: enough that statements cost nothing, few enough that they are small beside a piece of the file.
const BATCH: u64 = 2_000;

/// One kind of lines.
#[async_trait]
pub trait Listing: Send {
    /// Their names, in the order of the cells of each line.
    fn columns(&self) -> Vec<String>;

    /// How many things there are to be listed; one may come to several lines.
    async fn count(&self, at: &Snapshot) -> Result<u64>;

    /// Writes the lines of the next batch of things, in the order in which these were made. Answers of how many: none when there are no more.
    async fn next(&mut self, at: &Snapshot, lines: &mut Lines) -> Result<u64>;
}

/// What is asked for, as far as whoever reads may see it.
pub async fn of(kind: Kind, scope: &Scope, at: &Snapshot, request: &Request) -> Result<Box<dyn Listing>> {
    Ok(match kind {
        Kind::Users => Box::new(Users::of(scope, at, request).await?),
        Kind::Assignments => Box::new(Assignments::of(scope, at, request).await?),
        Kind::AuditEvents => Box::new(AuditEvents::of(scope, request)?),
    })
}

fn names(columns: &[&str]) -> Vec<String> {
    columns.iter().map(|column| (*column).to_owned()).collect()
}
