//! Disabling: shut out at once, on every replica; what they held is remembered for the day they are enabled again.

use entity::disabled_seat;
use entity::user::{self, Status};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::UserOutcome;
use super::named::{Named, UserPlan};
use super::rules::check_leaving;
use super::take_out::{GivenUp, take_out};
use crate::access::{Action, Member};
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

/// Disables active users.
#[derive(Clone, Debug)]
pub struct DisableUsers {
    pub users: Vec<Uuid>,
    /// Disable none unless all can be disabled.
    pub all_or_nothing: bool,
}

impl Command for DisableUsers {
    /// One for each user, in order.
    type Output = Vec<UserOutcome>;
    const NAME: &'static str = "users.disable";

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<UserOutcome>> {
        let actor = work.member()?.clone();
        let named = Named::judged(work, &self.users, |user, keeps_password| {
            judge(&actor, user, keeps_password)
        })
        .await?;
        if self.all_or_nothing {
            named.insist()?;
        }
        let leaving: Vec<user::Model> = named.to_change().into_iter().cloned().collect();
        let given_up = take_out(work, &leaving, Status::Disabled).await?;
        remember(work, &given_up).await?;
        Ok(named.outcomes(given_up.outcome()))
    }
}

fn judge(actor: &Member, user: &user::Model, keeps_password: bool) -> UserPlan {
    match user.status {
        Status::Disabled => UserPlan::Leave,
        Status::Staged | Status::Pending => UserPlan::Refuse(Refusal::new(
            Code::Invalid,
            "This person has not joined yet. Revoke the invitation or remove the user instead.",
        )),
        Status::Active | Status::Removed => check_leaving(actor, user, keeps_password).into(),
    }
}

async fn remember(work: &Work, given_up: &GivenUp) -> Result<()> {
    let rows = given_up.0.iter().map(|seat| disabled_seat::ActiveModel {
        account_id: Set(seat.account_id),
        id: Set(work.new_id()),
        user_id: Set(seat.user_id),
        product_id: Set(seat.product_id),
        components: Set(seat.components.clone()),
        source: Set(seat.source),
        released_at: Set(work.now()),
        expires_on: Set(seat.expires_on),
    });
    work.insert(rows.collect()).await
}
