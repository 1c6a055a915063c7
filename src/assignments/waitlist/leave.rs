//! Leaving the line.

use std::collections::HashSet;

use entity::ids::Kind;
use entity::waitlist_entry::{self, Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::arrays::among;

/// Takes people off the waitlist.
#[derive(Clone, Debug)]
pub struct LeaveWaitlist {
    pub entries: Vec<Uuid>,
    /// Take nobody off unless all can be.
    pub all_or_nothing: bool,
}

impl Command for LeaveWaitlist {
    /// One for each that was named, in order.
    type Output = Vec<Result<(), Refusal>>;
    const NAME: &'static str = "seats.leave_waitlist";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let account_id = work.account_id()?;
        let found = Entity::find()
            .filter(Column::AccountId.eq(account_id))
            .filter(among(work.backend(), Column::Id, &self.entries))
            .all(work.reader())
            .await?;
        let outcomes = self.outcomes(&found);
        let refusals: Vec<Refusal> = outcomes.iter().filter_map(|one| one.clone().err()).collect();
        if self.all_or_nothing && !refusals.is_empty() {
            return Err(Error::Refused(refusals));
        }
        if found.is_empty() {
            return Ok(outcomes);
        }
        for entry in &found {
            work.touch(Kind::WaitlistEntry.text(entry.id));
        }
        let gone = Entity::delete_many()
            .filter(Column::AccountId.eq(account_id))
            .filter(among(work.backend(), Column::Id, &self.entries));
        work.delete(gone).await?;
        Ok(outcomes)
    }
}

impl LeaveWaitlist {
    fn outcomes(&self, found: &[waitlist_entry::Model]) -> Vec<Result<(), Refusal>> {
        let mut waiting: HashSet<Uuid> = found.iter().map(|entry| entry.id).collect();
        let outcome = |(place, id): (usize, &Uuid)| match waiting.remove(id) {
            true => Ok(()),
            false => {
                let text = "There is no such entry: the person has a seat or does not wait any more.";
                Err(Refusal::new(Code::NotFound, text).at(&format!("input.entryIds.{place}")))
            }
        };
        self.entries.iter().enumerate().map(outcome).collect()
    }
}

/// These users wait for nothing any more.
pub async fn leave(work: &Work, account_id: Uuid, users: &[Uuid]) -> Result<()> {
    let gone = Entity::delete_many()
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::UserId, users));
    work.delete(gone).await?;
    Ok(())
}
