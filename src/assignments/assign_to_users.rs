//! Giving each of some users a seat of each of some products, as somebody asks for it who sees the refusals.

use chrono::NaiveDate;
use entity::assignment;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::refusals::{at_fault, together};
use super::{AssignSeats, Assigned, SeatRequest, SeatSource, rules};
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};

/// Gives seats to users, in order, and each user the products in order.
#[derive(Clone, Debug)]
pub struct AssignToUsers {
    pub users: Vec<Uuid>,
    pub sources: Vec<SeatSource>,
    /// Components that are on, of any of the products.
    pub components: Option<Vec<Uuid>>,
    pub source: assignment::Source,
    /// The last day on which the seats are held.
    pub expires_on: Option<NaiveDate>,
    /// Whoever finds no seat waits for one.
    pub waits: bool,
    /// Give none unless all can be given.
    pub all_or_nothing: bool,
}

/// What became of one source for one user. A refusal names its input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Given {
    pub user_id: Uuid,
    pub outcome: Assigned,
}

impl Command for AssignToUsers {
    type Output = Vec<Given>;
    const NAME: &'static str = AssignSeats::NAME;
    /// The command within leaves its own row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<Given>> {
        rules::check_last_day(self.expires_on, work.now().date_naive())?;
        let command = AssignSeats {
            requests: self.requests(),
            source: self.source,
            waits: self.waits,
            newcomers: Vec::new(),
        };
        let outcomes = work.run(command).await?;
        self.judged(outcomes)
    }
}

impl AssignToUsers {
    fn requests(&self) -> Vec<SeatRequest> {
        let of_user = |user: &Uuid| {
            let user_id = *user;
            let request = move |source: &SeatSource| SeatRequest {
                user_id,
                source: *source,
                components: self.components.clone(),
                expires_on: self.expires_on,
            };
            self.sources.iter().map(request)
        };
        self.users.iter().flat_map(of_user).collect()
    }

    fn judged(&self, outcomes: Vec<Assigned>) -> Result<Vec<Given>> {
        let locate = at_fault(self.sources.len());
        if self.all_or_nothing {
            let asked: Vec<_> = self.sources.iter().copied().cycle().zip(&outcomes).collect();
            let refusals = together(&asked, &locate);
            if !refusals.is_empty() {
                return Err(Error::Refused(refusals));
            }
        }
        let given = |(place, outcome): (usize, Assigned)| Given {
            user_id: self.users[place / self.sources.len()],
            outcome: match outcome {
                Assigned::Refused(refusal) => Assigned::Refused(locate(refusal, Some(place))),
                done => done,
            },
        };
        Ok(outcomes.into_iter().enumerate().map(given).collect())
    }
}
