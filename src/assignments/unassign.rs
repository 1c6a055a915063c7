//! Taking seats back.

use std::collections::{BTreeMap, HashMap};

use entity::ids::Kind;
use entity::user::Status;
use entity::{assignment, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::SEATS;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::constants::Constants;

/// Takes seats back, by assignment.
#[derive(Clone, Debug)]
pub struct UnassignSeats {
    pub assignments: Vec<Uuid>,
    /// Take none unless all can be taken.
    pub all_or_nothing: bool,
}

/// What became of one.
#[derive(Clone, Debug, PartialEq)]
pub enum Unassigned {
    Released { subscription_id: Uuid },
    Refused(Refusal),
}

impl Command for UnassignSeats {
    type Output = Vec<Unassigned>;
    const NAME: &'static str = "seats.unassign";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<Unassigned>> {
        let account_id = work.account_id()?;
        let found = assignment::Entity::find()
            .filter(assignment::Column::AccountId.eq(account_id))
            .filter(assignment::Column::Id.is_in(self.assignments.iter().copied()))
            .all(work.reader())
            .await?;
        // Taken out as they are met: named twice is found once.
        let mut held: HashMap<Uuid, Uuid> =
            found.iter().map(|seat| (seat.id, seat.subscription_id)).collect();
        let mut refusals = Vec::new();
        let mut outcomes = Vec::with_capacity(self.assignments.len());
        for (place, id) in self.assignments.iter().enumerate() {
            outcomes.push(match held.remove(id) {
                Some(subscription_id) => Unassigned::Released { subscription_id },
                None => {
                    let text = "There is no such assignment: the seat is free already.";
                    let refusal =
                        Refusal::new(Code::NotAssigned, text).at(&format!("input.assignmentIds.{place}"));
                    refusals.push(refusal.clone());
                    Unassigned::Refused(refusal)
                }
            });
        }
        if self.all_or_nothing && !refusals.is_empty() {
            return Err(Error::Refused(refusals));
        }
        release(work, account_id, &found).await?;
        Ok(outcomes)
    }
}

/// Deletes assignments and gives their seats back to the subscriptions they came from.
pub async fn release(work: &mut Work, account_id: Uuid, seats: &[assignment::Model]) -> Result<()> {
    if seats.is_empty() {
        return Ok(());
    }
    let waiting = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Id.is_in(seats.iter().map(|seat| seat.user_id)))
        .filter(user::Column::Status.ne_constant(Status::Active))
        .all(work.reader())
        .await?;
    let mut freed: BTreeMap<Uuid, (i32, i32)> = BTreeMap::new();
    for seat in seats {
        let (used, reserved) = freed.entry(seat.subscription_id).or_default();
        *used += 1;
        *reserved += i32::from(waiting.iter().any(|user| user.id == seat.user_id));
        work.touch(Kind::Assignment.text(seat.id));
    }
    let gone = assignment::Entity::delete_many()
        .filter(assignment::Column::AccountId.eq(account_id))
        .filter(assignment::Column::Id.is_in(seats.iter().map(|seat| seat.id)));
    work.delete(gone).await?;
    for (id, (used, reserved)) in freed {
        work.count(&SEATS, account_id, id, vec![-used, -reserved], None)
            .await?;
    }
    Ok(())
}
