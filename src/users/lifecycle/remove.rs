//! Removing: gone from every list, a tombstone for what refers to them. The e-mail is free to be added again, as somebody new.

use entity::disabled_seat;
use entity::user::{self, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::UserOutcome;
use super::named::Named;
use super::rules::check_leaving;
use super::take_out::take_out;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::Result;

/// Removes users, whatever their status.
#[derive(Clone, Debug)]
pub struct RemoveUsers {
    pub users: Vec<Uuid>,
    /// Remove none unless all can be removed.
    pub all_or_nothing: bool,
}

impl Command for RemoveUsers {
    /// One for each user, in order.
    type Output = Vec<UserOutcome>;
    const NAME: &'static str = "users.remove";

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<UserOutcome>> {
        let actor = work.member()?.clone();
        let named = Named::judged(work, &self.users, |user, keeps_password| {
            check_leaving(&actor, user, keeps_password).into()
        })
        .await?;
        if self.all_or_nothing {
            named.insist()?;
        }
        let leaving: Vec<user::Model> = named.to_change().into_iter().cloned().collect();
        let given_up = take_out(work, &leaving, Status::Removed).await?;
        forget(work, &leaving).await?;
        Ok(named.outcomes(given_up.outcome()))
    }
}

/// Who was disabled before has nothing to take back any more.
async fn forget(work: &Work, leaving: &[user::Model]) -> Result<()> {
    let forgotten = disabled_seat::Entity::delete_many()
        .filter(disabled_seat::Column::AccountId.eq(work.account_id()?))
        .filter(disabled_seat::Column::UserId.is_in(leaving.iter().map(|user| user.id)));
    work.delete(forgotten).await?;
    Ok(())
}
