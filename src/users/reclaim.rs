//! Taking back seats that nobody seems to need: of people who neither used the product nor signed in for a while, and of people whose invitation ran out.

use std::collections::HashMap;

use chrono::{DateTime, Duration, Utc};
use entity::assignment::{Column, Entity};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use super::seats::{Idle, is_reclaimable, with_holders};
use crate::access::Action;
use crate::assignments::{Named, UnassignSeats, Unassigned};
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::limits;
use crate::platform::arrays::among;
use crate::usage::last::metered_since;

/// For how long people have to be idle, seen at a moment.
pub async fn idle_for<C: ConnectionTrait>(
    db: &C,
    account_id: Uuid,
    days: i32,
    now: DateTime<Utc>,
) -> Result<Idle> {
    match usize::try_from(days) {
        Ok(1..=limits::IDLE_DAYS) => {
            let since = now - Duration::days(days.into());
            Ok(Idle {
                days,
                since,
                now,
                metered: metered_since(db, account_id, since, now).await?,
            })
        }
        _ => Err(Error::BadInput(format!(
            "Somebody is idle for 1 to {} days.",
            limits::IDLE_DAYS
        ))),
    }
}

/// Takes back those of some seats that can be reclaimed still.
#[derive(Clone, Debug)]
pub struct ReclaimSeats {
    pub idle_days: i32,
    pub assignments: Vec<Uuid>,
}

impl Command for ReclaimSeats {
    /// One for each that was named, in order, with who holds it; `None`: nobody does.
    type Output = Vec<(Option<Uuid>, Unassigned)>;
    const NAME: &'static str = "seats.reclaim";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<(Option<Uuid>, Unassigned)>> {
        let account_id = work.account_id()?;
        let idle = idle_for(work.reader(), account_id, self.idle_days, work.now()).await?;
        let named = || {
            Entity::find()
                .filter(Column::AccountId.eq(account_id))
                .filter(among(work.backend(), Column::Id, &self.assignments))
        };
        let ids = |query: sea_orm::Select<Entity>| {
            query
                .select_only()
                .columns([Column::Id, Column::UserId])
                .into_tuple::<(Uuid, Uuid)>()
        };
        let idle = with_holders(named()).filter(is_reclaimable(account_id, work.backend(), &idle));
        let idle: HashMap<Uuid, Uuid> = ids(idle).all(work.reader()).await?.into_iter().collect();
        let held: HashMap<Uuid, Uuid> = ids(named()).all(work.reader()).await?.into_iter().collect();
        // What is in use is kept from the command that takes back; what is not there it refuses itself.
        let is_kept = |id: &Uuid| held.contains_key(id) && !idle.contains_key(id);
        let taken = self
            .assignments
            .iter()
            .map(|id| if is_kept(id) { Uuid::nil() } else { *id });
        let command = UnassignSeats {
            seats: Named::Assignments(taken.collect()),
            all_or_nothing: false,
        };
        let outcomes = work.run(command).await?;
        let told = |(place, (id, outcome)): (usize, (&Uuid, Unassigned))| {
            let outcome = match is_kept(id) {
                true => Err(in_use().at(&format!("input.assignmentIds.{place}"))),
                false => outcome,
            };
            (held.get(id).copied(), outcome)
        };
        Ok(self
            .assignments
            .iter()
            .zip(outcomes)
            .enumerate()
            .map(told)
            .collect())
    }
}

fn in_use() -> Refusal {
    Refusal::new(
        Code::SeatInUse,
        "Somebody uses this seat: they have signed in or used the product since, or their invitation stands.",
    )
}
