//! Withdrawing invitations: the link is dead, the person is known but not invited any more, and seats kept for them are free.

use entity::ids::Kind;
use entity::invitation::{self, Status};
use entity::user;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::accounts::counters::Delta;
use crate::assignments::give_up;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::groups::leave_all;
use crate::platform::constants::Constants;

/// Withdraws invitations.
#[derive(Clone, Debug)]
pub struct RevokeInvitations {
    pub invitations: Vec<Uuid>,
}

impl Command for RevokeInvitations {
    /// One for each invitation, in order; false: it was withdrawn before.
    type Output = Vec<Result<bool, Refusal>>;
    const NAME: &'static str = "invitations.revoke";

    fn action(&self) -> Action {
        Action::ManageUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let account_id = work.account_id()?;
        let found = super::by_id(work, account_id, &self.invitations).await?;
        let outcome = |id: &Uuid| match found.get(id).map(|invitation| invitation.status) {
            None => Err(Refusal::new(Code::NotFound, "There is no such invitation.")),
            Some(Status::Accepted) => Err(Refusal::new(
                Code::InvitationAlreadyAccepted,
                "The person has joined already. Disable or remove the user instead.",
            )),
            Some(Status::Revoked) => Ok(false),
            Some(Status::Pending) => Ok(true),
        };
        let outcomes: Vec<_> = self.invitations.iter().map(outcome).collect();
        let pending: Vec<&invitation::Model> = found
            .values()
            .filter(|invitation| invitation.status == Status::Pending)
            .collect();
        withdraw(work, account_id, &pending).await?;
        Ok(outcomes)
    }
}

async fn withdraw(work: &mut Work, account_id: Uuid, pending: &[&invitation::Model]) -> Result<()> {
    if pending.is_empty() {
        return Ok(());
    }
    let users: Vec<Uuid> = pending.iter().map(|invitation| invitation.user_id).collect();
    give_up(work, account_id, &users).await?;
    leave_all(work, account_id, &users).await?;
    let revoked = invitation::Entity::update_many()
        .col_expr(invitation::Column::Status, Expr::value(Status::Revoked))
        .col_expr(invitation::Column::RevokedAt, Expr::value(work.now()))
        .filter(invitation::Column::AccountId.eq(account_id))
        .filter(invitation::Column::Id.is_in(pending.iter().map(|invitation| invitation.id)));
    work.update(revoked).await?;
    let staged = user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(user::Status::Staged))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Id.is_in(users))
        .filter(user::Column::Status.eq_constant(user::Status::Pending));
    let staged = work.update_returning(staged).await?;
    let mut delta = Delta::default();
    for user in &staged {
        delta.loses(user::Status::Pending, user.role);
        delta.gains(user::Status::Staged, user.role);
    }
    delta.write(work, account_id).await?;
    for invitation in pending {
        work.touch(Kind::Invitation.text(invitation.id));
    }
    Ok(())
}
