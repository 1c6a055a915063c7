//! Taking seats back.

use std::collections::{BTreeMap, HashMap};

use entity::ids::Kind;
use entity::user::Status;
use entity::{assignment, user};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::read::Seat;
use super::{SEATS, waitlist};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::platform::events::Wake;

/// Takes seats back.
#[derive(Clone, Debug)]
pub struct UnassignSeats {
    pub seats: Named,
    /// Take none unless all can be taken.
    pub all_or_nothing: bool,
}

/// Which seats.
#[derive(Clone, Debug)]
pub enum Named {
    Assignments(Vec<Uuid>),
    /// Those that these users hold of a product.
    OfUsers {
        users: Vec<Uuid>,
        product_id: Uuid,
    },
}

/// What became of one: the seat that was taken back, or why none was.
pub type Unassigned = Result<Seat, Refusal>;

impl Named {
    fn ids(&self) -> &[Uuid] {
        match self {
            Self::Assignments(ids) | Self::OfUsers { users: ids, .. } => ids,
        }
    }

    fn condition(&self, work: &Work) -> Condition {
        let one_of = |column| Condition::all().add(among(work.backend(), column, self.ids()));
        match self {
            Self::Assignments(_) => one_of(assignment::Column::Id),
            Self::OfUsers { product_id, .. } => {
                one_of(assignment::Column::UserId).add(assignment::Column::ProductId.eq(*product_id))
            }
        }
    }

    const fn key(&self, seat: &assignment::Model) -> Uuid {
        match self {
            Self::Assignments(_) => seat.id,
            Self::OfUsers { .. } => seat.user_id,
        }
    }

    fn missing(&self, place: usize) -> Refusal {
        let (text, list) = match self {
            Self::Assignments(_) => (
                "There is no such assignment: the seat is free already.",
                "assignmentIds",
            ),
            Self::OfUsers { .. } => ("This user has no seat of the product.", "userIds"),
        };
        Refusal::new(Code::NotAssigned, text).at(&format!("input.{list}.{place}"))
    }
}

impl Command for UnassignSeats {
    /// One for each that was named, in order.
    type Output = Vec<Unassigned>;
    const NAME: &'static str = "seats.unassign";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<Unassigned>> {
        let account_id = work.account_id()?;
        let found = assignment::Entity::find()
            .filter(assignment::Column::AccountId.eq(account_id))
            .filter(self.seats.condition(work))
            .all(work.reader())
            .await?;
        let outcomes = self.outcomes(&found)?;
        release(work, account_id, &found).await?;
        Ok(outcomes)
    }
}

impl UnassignSeats {
    fn outcomes(&self, found: &[assignment::Model]) -> Result<Vec<Unassigned>> {
        // Taken out as they are met: named twice is found once.
        let mut held: HashMap<Uuid, Seat> = found
            .iter()
            .map(|seat| (self.seats.key(seat), Seat::from(seat)))
            .collect();
        let taken = |(place, id)| held.remove(id).ok_or_else(|| self.seats.missing(place));
        let outcomes: Vec<Unassigned> = self.seats.ids().iter().enumerate().map(taken).collect();
        let refusals: Vec<Refusal> = outcomes
            .iter()
            .filter_map(|outcome| outcome.clone().err())
            .collect();
        match self.all_or_nothing && !refusals.is_empty() {
            true => Err(Error::Refused(refusals)),
            false => Ok(outcomes),
        }
    }
}

/// These users hold and wait for nothing any more. Answers what they held. Before their status changes: by it a seat counts as taken or as kept for somebody.
pub async fn give_up(work: &mut Work, account_id: Uuid, users: &[Uuid]) -> Result<Vec<assignment::Model>> {
    let seats = assignment::Entity::find()
        .filter(assignment::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), assignment::Column::UserId, users))
        .all(work.reader())
        .await?;
    release(work, account_id, &seats).await?;
    waitlist::leave(work, account_id, users).await?;
    Ok(seats)
}

/// Deletes assignments and gives their seats back to the subscriptions they came from, and so to whoever waits for them. Every seat that is freed is freed here.
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
        work.wake(Wake::Seats {
            account_id,
            id: seat.product_id,
        });
    }
    work.follow_with(&waitlist::GIVE, account_id);
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
