//! Some rows of a file, done as its kind asks for.

use std::ops::Range;
use std::sync::Arc;

use entity::import::{self, Kind};

use super::parse::Row;
use super::people::{AddPeople, Came};
use super::take::TakeSeats;
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::Result;

/// Does some rows of a file. Knows nothing of imports' books: the dry run rehearses it, the batch keeps it.
#[derive(Clone, Debug)]
pub enum Portion {
    Add(AddPeople),
    Take(TakeSeats),
}

impl Portion {
    pub fn of(import: &import::Model, rows: Arc<[Row]>, range: Range<usize>) -> Self {
        match import.kind {
            Kind::Users | Kind::Assignments => Self::Add(AddPeople::of(import, rows, range)),
            Kind::Unassignments => Self::Take(TakeSeats::of(import, rows, range)),
        }
    }

    /// The rows that are meant.
    pub fn rows(&self) -> (Arc<[Row]>, Range<usize>) {
        match self {
            Self::Add(people) => (people.rows.clone(), people.range.clone()),
            Self::Take(seats) => (seats.rows.clone(), seats.range.clone()),
        }
    }
}

impl Command for Portion {
    type Output = Came;
    const NAME: &'static str = AddPeople::NAME;
    /// The command within leaves its own row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Came> {
        match self {
            Self::Add(people) => work.run(people).await,
            Self::Take(seats) => work.run(seats).await,
        }
    }
}
