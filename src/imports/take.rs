//! Taking seats back from the people of some rows: who has none of those products has nothing to lose, and who is unknown fails their row.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use entity::assignment;
use entity::import::{self, Source};
use entity::import_row::{Effects, Freed, Problem, RowOutcome};
use entity::user::{self, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::judge::{self, RowResult};
use super::parse::Row;
use super::people::Came;
use crate::access::Action;
use crate::assignments::{Named, UnassignSeats};
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::platform::arrays::{among, among_texts};
use crate::platform::constants::Constants;

/// Takes the seats that a file names from the people of some rows.
#[derive(Clone, Debug)]
pub struct TakeSeats {
    pub rows: Arc<[Row]>,
    pub range: Range<usize>,
    sources: Arc<[Source]>,
}

impl TakeSeats {
    pub fn of(import: &import::Model, rows: Arc<[Row]>, range: Range<usize>) -> Self {
        let sources = import.sources.as_ref().map(|sources| sources.0.as_slice());
        Self {
            rows,
            range,
            sources: sources.unwrap_or_default().into(),
        }
    }
}

impl Command for TakeSeats {
    type Output = Came;
    const NAME: &'static str = "imports.take_seats";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Came> {
        let rows = &self.rows[self.range.clone()];
        let people = self.people(work, rows).await?;
        let mut seats = self.seats(work, people.values()).await?;
        let mut taken = Vec::new();
        for row in rows.iter().filter(|row| row.same_as.is_none()) {
            let user_id = row
                .entry
                .as_ref()
                .ok()
                .and_then(|entry| people.get(entry.email.key()));
            let of_user = user_id.and_then(|id| seats.get(id)).into_iter().flatten();
            taken.extend(of_user.map(|seat| seat.id));
        }
        let kept = self.take(work, taken).await?;
        let results = rows.iter().map(|row| {
            let entry = match &row.entry {
                Ok(entry) => entry,
                Err(refusals) => return judge::refused(refusals),
            };
            let Some(user_id) = people.get(entry.email.key()).copied() else {
                let text = "Nobody in the account has this address.";
                return judge::refused(&[judge::at(Refusal::new(Code::NotFound, text), row, "Email")]);
            };
            if let Some(first) = row.same_as {
                return judge::duplicate(first, Some(user_id));
            }
            let seats = seats.remove(&user_id).unwrap_or_default();
            came_to(user_id, row, &seats, &kept)
        });
        let results = results.collect();
        Ok(Came { results, mails: 0 })
    }
}

impl TakeSeats {
    /// Takes seats back; answers why some stay.
    async fn take(&self, work: &mut Work, seats: Vec<Uuid>) -> Result<HashMap<Uuid, Refusal>> {
        if seats.is_empty() {
            return Ok(HashMap::new());
        }
        let command = UnassignSeats {
            seats: Named::Assignments(seats.clone()),
            all_or_nothing: false,
        };
        let outcomes = work.run(command).await?;
        let kept = seats.into_iter().zip(outcomes);
        Ok(kept
            .filter_map(|(id, outcome)| Some((id, outcome.err()?)))
            .collect())
    }

    /// Who the rows tell of, by the keys of their addresses.
    async fn people(&self, work: &Work, rows: &[Row]) -> Result<HashMap<String, Uuid>> {
        let keys = rows
            .iter()
            .filter_map(|row| Some(row.entry.as_ref().ok()?.email.key()));
        let found = user::Entity::find()
            .filter(user::Column::AccountId.eq(work.account_id()?))
            .filter(user::Column::Status.ne_constant(Status::Removed))
            .filter(among_texts(work.backend(), user::Column::EmailKey, keys))
            .all(work.reader())
            .await?;
        Ok(found.into_iter().map(|user| (user.email_key, user.id)).collect())
    }

    /// What each of them has of what is to be taken.
    async fn seats(
        &self,
        work: &Work,
        people: impl Iterator<Item = &Uuid>,
    ) -> Result<HashMap<Uuid, Vec<assignment::Model>>> {
        let people: Vec<Uuid> = people.copied().collect();
        let held = assignment::Entity::find()
            .filter(assignment::Column::AccountId.eq(work.account_id()?))
            .filter(among(work.backend(), assignment::Column::UserId, &people))
            .order_by_asc(assignment::Column::Id)
            .all(work.reader())
            .await?;
        let is_meant = |seat: &assignment::Model| {
            self.sources.iter().any(|source| {
                source.product_id == seat.product_id
                    && source.subscription_id.is_none_or(|id| id == seat.subscription_id)
            })
        };
        let mut seats: HashMap<Uuid, Vec<assignment::Model>> = HashMap::new();
        for seat in held.into_iter().filter(is_meant) {
            seats.entry(seat.user_id).or_default().push(seat);
        }
        Ok(seats)
    }
}

/// What a group gives stays, and fails the row: whoever wants it back has to take it off the group.
fn came_to(
    user_id: Uuid,
    row: &Row,
    seats: &[assignment::Model],
    kept: &HashMap<Uuid, Refusal>,
) -> RowResult {
    let refusals = seats.iter().filter_map(|seat| kept.get(&seat.id));
    let problems: Vec<Problem> = refusals
        .map(|refusal| judge::problem(&judge::at(refusal.clone(), row, "Email")))
        .collect();
    let seats = seats.iter().filter(|seat| !kept.contains_key(&seat.id));
    let seats: Vec<&assignment::Model> = seats.collect();
    let freed = seats.iter().map(|seat| Freed {
        product_id: seat.product_id,
        subscription_id: seat.subscription_id,
        components: seat.components.0.clone(),
        expires_on: seat.expires_on,
    });
    RowResult {
        outcome: match (problems.is_empty(), seats.is_empty()) {
            (false, _) => RowOutcome::Failed,
            (true, true) => RowOutcome::Unchanged,
            (true, false) => RowOutcome::Unassigned,
        },
        user_id: Some(user_id),
        problems,
        seats: Vec::new(),
        effects: Effects {
            freed: freed.collect(),
            ..Effects::default()
        },
    }
}
