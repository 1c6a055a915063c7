//! Giving a user another role.
//!
//! Somebody who has joined signs in again, with the new rights. Somebody who has not gets a new invitation: the old link promised another role.

use entity::invitation::{self, Status as InvitationStatus};
use entity::user::{self, Role, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::give_role::give_role;
use super::rules::check_role;
use super::tell;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::enforcement::break_glass_users;
use crate::error::{Code, Refusal, Result};
use crate::invitations::ResendInvitations;
use crate::invitations::rules::{State, state};
use crate::platform::constants::Constants;
use crate::sessions::end_sessions_of;

/// Changes a user's role. The primary role is not given this way.
#[derive(Clone, Debug)]
pub struct ChangeUserRole {
    pub user_id: Uuid,
    pub role: Role,
}

impl Command for ChangeUserRole {
    type Output = user::Model;
    const NAME: &'static str = "users.change_role";

    fn action(&self) -> Action {
        Action::ChangeRoles
    }

    async fn apply(self, work: &mut Work) -> Result<user::Model> {
        let giver = work.member()?.clone();
        let account_id = giver.account_id;
        let missing = || Refusal::new(Code::NotFound, "There is no such user.").at("input.userId");
        let before = user::Entity::find_by_id((account_id, self.user_id))
            .one(work.reader())
            .await?
            .filter(|user| user.status != Status::Removed)
            .ok_or_else(missing)?;
        if before.role == self.role && self.role != Role::PrimaryAdmin {
            return Ok(before);
        }
        let keepers = break_glass_users(work.reader(), account_id).await?;
        check_role(&giver, &before, self.role, keepers.contains(&before.id)).map_err(
            |refusal| match refusal.code {
                Code::RoleNotAssignable | Code::PlanRequired => refusal.at("input.role"),
                _ => refusal.at("input.userId"),
            },
        )?;
        let given = give_role(work, account_id, &[&before], self.role).await?;
        let after = given.into_iter().next().ok_or_else(missing)?;
        match after.status {
            Status::Active => {
                end_sessions_of(work, account_id, &[after.id]).await?;
                tell::roles_changed(work, account_id, std::slice::from_ref(&after)).await?;
            }
            Status::Pending => renew_invitation(work, &after, giver.user_id).await?,
            Status::Staged | Status::Disabled | Status::Removed => {}
        }
        Ok(after)
    }
}

/// The pending invitation offers the new role, in the name of who gave it. An open one is sent anew, which kills the old link; where it was sent too often, its mail
/// waits, and the correction does not. An expired one waits for somebody to send it.
async fn renew_invitation(work: &mut Work, user: &user::Model, giver: Uuid) -> Result<()> {
    let update = invitation::Entity::update_many()
        .col_expr(invitation::Column::Role, Expr::value(user.role))
        .col_expr(invitation::Column::InvitedBy, Expr::value(giver))
        .filter(invitation::Column::AccountId.eq(user.account_id))
        .filter(invitation::Column::UserId.eq(user.id))
        .filter(invitation::Column::Status.eq_constant(InvitationStatus::Pending));
    let pending = work.update_returning(update).await?;
    let open = pending
        .into_iter()
        .filter(|invitation| state(invitation, work.now()) == State::Pending);
    let invitations: Vec<Uuid> = open.map(|invitation| invitation.id).collect();
    if invitations.is_empty() {
        return Ok(());
    }
    let outcomes = work.run(ResendInvitations::when_allowed(invitations)).await?;
    outcomes.into_iter().collect::<Result<(), Refusal>>()?;
    Ok(())
}
