//! Taking seats back.

use std::collections::{BTreeMap, HashMap, HashSet};

use entity::assignment::Source;
use entity::ids::Kind;
use entity::user::Status;
use entity::{assignment, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use super::read::Seat;
use super::{SEATS, holding, waitlist};
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

/// A seat that is held by hand no longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Taken {
    pub seat: Seat,
    /// It is not free: a group of its holder gives it.
    pub stays: bool,
}

/// What became of one: the seat that was taken back, or why none was.
pub type Unassigned = Result<Taken, Refusal>;

/// A seat, and whether a group of its holder gives it.
#[derive(FromQueryResult)]
struct Found {
    #[sea_orm(nested)]
    seat: assignment::Model,
    is_of_group: bool,
}

impl Found {
    async fn all(work: &Work, seats: Select<assignment::Entity>) -> Result<Vec<Self>> {
        let found = seats
            .expr_as(Expr::cust(holding::IS_GIVEN), "is_of_group")
            .into_model()
            .all(work.reader());
        Ok(found.await?)
    }

    /// There is nothing to take back by hand.
    fn is_held_by_groups(&self) -> bool {
        self.is_of_group && self.seat.source == Source::Group
    }
}

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
        let text = match self {
            Self::Assignments(_) => "There is no such assignment: the seat is free already.",
            Self::OfUsers { .. } => "This user has no seat of the product.",
        };
        Refusal::new(Code::NotAssigned, text).at(&self.path(place))
    }

    fn path(&self, place: usize) -> String {
        let list = match self {
            Self::Assignments(_) => "assignmentIds",
            Self::OfUsers { .. } => "userIds",
        };
        format!("input.{list}.{place}")
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
        let named = assignment::Entity::find()
            .filter(assignment::Column::AccountId.eq(account_id))
            .filter(self.seats.condition(work));
        let found = Found::all(work, named).await?;
        let kept = found.iter().filter(|one| one.is_held_by_groups());
        let kept = kept.map(|one| one.seat.user_id).collect();
        let kept = holding::refusals(work, account_id, kept).await?;
        let outcomes = self.outcomes(&found, &kept)?;
        let by_hand = found.into_iter().filter(|one| !one.is_held_by_groups());
        let_go(work, account_id, by_hand).await?;
        Ok(outcomes)
    }
}

impl UnassignSeats {
    fn outcomes(&self, found: &[Found], kept: &HashMap<(Uuid, Uuid), Refusal>) -> Result<Vec<Unassigned>> {
        // Taken out as they are met: named twice is found once.
        let mut held: HashMap<Uuid, &Found> =
            found.iter().map(|one| (self.seats.key(&one.seat), one)).collect();
        let taken = |(place, id)| {
            let one = held.remove(id).ok_or_else(|| self.seats.missing(place))?;
            let (seat, stays) = (Seat::from(&one.seat), one.is_of_group);
            match kept.get(&(seat.user_id, seat.product_id)) {
                Some(refusal) if one.is_held_by_groups() => Err(refusal.clone().at(&self.seats.path(place))),
                _ => Ok(Taken { seat, stays }),
            }
        };
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

/// Ends seats whose time is over; what a group gives stays with it, without an end. Answers how many there were.
pub async fn end(work: &mut Work, account_id: Uuid, seats: Select<assignment::Entity>) -> Result<usize> {
    let ended = Found::all(work, seats).await?;
    let count = ended.len();
    let_go(work, account_id, ended.into_iter()).await?;
    Ok(count)
}

/// Nobody holds these by hand any more: what a group gives stays with it, the others are free.
async fn let_go(work: &mut Work, account_id: Uuid, seats: impl Iterator<Item = Found>) -> Result<()> {
    let (staying, freed): (Vec<Found>, Vec<Found>) = seats.partition(|one| one.is_of_group);
    let staying: Vec<Uuid> = staying.into_iter().map(|one| one.seat.id).collect();
    holding::let_go(work, account_id, &staying).await?;
    let freed: Vec<assignment::Model> = freed.into_iter().map(|one| one.seat).collect();
    release(work, account_id, &freed).await
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
    let of = |id: fn(&assignment::Model) -> Uuid| seats.iter().map(id).collect::<Vec<Uuid>>();
    let waiting = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), user::Column::Id, &of(|seat| seat.user_id)))
        .filter(user::Column::Status.ne_constant(Status::Active))
        .all(work.reader())
        .await?;
    let waiting: HashSet<Uuid> = waiting.into_iter().map(|user| user.id).collect();
    let mut freed: BTreeMap<Uuid, (i32, i32)> = BTreeMap::new();
    for seat in seats {
        let (used, reserved) = freed.entry(seat.subscription_id).or_default();
        *used += 1;
        *reserved += i32::from(waiting.contains(&seat.user_id));
        work.touch(Kind::Assignment.text(seat.id));
        work.wake(Wake::Seats {
            account_id,
            id: seat.product_id,
        });
    }
    work.follow_with(&waitlist::GIVE, account_id);
    let gone = assignment::Entity::delete_many()
        .filter(assignment::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), assignment::Column::Id, &of(|seat| seat.id)));
    work.delete(gone).await?;
    for (id, (used, reserved)) in freed {
        work.count(&SEATS, account_id, id, vec![-used, -reserved], None)
            .await?;
    }
    Ok(())
}
