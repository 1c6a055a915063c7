//! Approving requests: each gives a seat, or a place in the line.

use entity::access_request::{Model, Status};
use entity::assignment;
use uuid::Uuid;

use super::decided::{Decided, named, write};
use super::rules::{Step, step, words};
use crate::access::Action;
use crate::assignments::{AssignSeats, Assigned, SeatRequest, SeatSource};
use crate::command::{Command, Work};
use crate::error::{Refusal, Result};

/// Approves requests, in order, for as long as there are seats. One that cannot be approved stays open and keeps no other from it.
#[derive(Clone, Debug)]
pub struct Approve {
    pub requests: Vec<Uuid>,
    /// Whoever finds no seat waits for one; otherwise the request stays open.
    pub waits: bool,
    pub source: assignment::Source,
    pub answer: Option<String>,
}

/// What became of one.
#[derive(Clone, Debug)]
pub enum Approved {
    Given(Assigned),
    /// It was approved before.
    Before,
}

impl Command for Approve {
    /// One for each that was named, in order.
    type Output = Vec<Result<Approved, Refusal>>;
    const NAME: &'static str = "access_requests.approve";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let answer = words(self.answer.as_deref(), "input.answer")?;
        let account_id = work.account_id()?;
        let known = named(work, account_id, &self.requests).await?;
        let mut outcomes: Vec<Result<Approved, Refusal>> = Vec::with_capacity(self.requests.len());
        // Named twice is decided once: the second time it is as before.
        let mut open: Vec<(usize, &Model)> = Vec::new();
        for (place, id) in self.requests.iter().enumerate() {
            let request = known.get(id);
            let is_again = open.iter().any(|(_, one)| one.id == *id);
            outcomes.push(match step(request, Status::Approved) {
                Ok(Step::Decide) if !is_again => {
                    open.extend(request.map(|request| (place, request)));
                    Ok(Approved::Before)
                }
                Ok(_) => Ok(Approved::Before),
                Err(refusal) => Err(refusal.at(&format!("input.requestIds.{place}"))),
            });
        }
        if open.is_empty() {
            return Ok(outcomes);
        }
        let seat = |(_, request): &(usize, &Model)| SeatRequest {
            user_id: request.user_id,
            source: SeatSource::Product(request.product_id),
            components: None,
            expires_on: None,
        };
        let command = AssignSeats {
            requests: open.iter().map(seat).collect(),
            source: self.source,
            waits: self.waits,
            newcomers: Vec::new(),
        };
        let assigned = work.run(command).await?;
        let mut decided = Vec::new();
        for ((place, request), assigned) in open.into_iter().zip(assigned) {
            outcomes[place] = match assigned {
                Assigned::Refused(refusal) => Err(refusal.at(&format!("input.requestIds.{place}"))),
                given => {
                    decided.push(Decided {
                        request,
                        waits: matches!(given, Assigned::Waiting { .. }),
                    });
                    Ok(Approved::Given(given))
                }
            };
        }
        write(work, account_id, Status::Approved, answer.as_deref(), &decided).await?;
        Ok(outcomes)
    }
}
