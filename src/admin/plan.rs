//! What an account pays for.
//!
//! Leaving premium takes nothing from the people: SSO administrators become secondary ones, and whoever is linked to a provider goes on signing in by it.

use entity::account::{self, Plan};
use entity::ids::Kind;
use entity::invitation;
use entity::user::{self, Role, Status};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::account::lock_named;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::platform::constants::Constants;
use crate::platform::events::Wake;
use crate::sessions::end_sessions_of;
use crate::users::lifecycle::tell;

/// Moves an account to a plan.
#[derive(Clone, Debug)]
pub struct SetPlan {
    /// The account's slug.
    pub account: String,
    pub plan: Plan,
}

impl Command for SetPlan {
    /// Those who were SSO administrators, as they are now.
    type Output = Vec<user::Model>;
    const NAME: &'static str = "accounts.set_plan";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<user::Model>> {
        let before = lock_named(work, &self.account).await?;
        work.touch(Kind::Account.text(before.id));
        if before.plan != self.plan {
            let update = account::Entity::update_many()
                .col_expr(account::Column::Plan, Expr::value(self.plan))
                .col_expr(
                    account::Column::Version,
                    Expr::col(account::Column::Version).add(1),
                )
                .filter(account::Column::Id.eq(before.id));
            work.update(update).await?;
            work.wake(Wake::Account { id: before.id });
            work.changed("plan", Some(before.plan.to_value()), Some(self.plan.to_value()));
        }
        match self.plan {
            Plan::Standard => demote(work, before.id).await,
            Plan::Premium => Ok(Vec::new()),
        }
    }
}

/// Both roles are administrative, so no counter changes.
async fn demote(work: &mut Work, account_id: Uuid) -> Result<Vec<user::Model>> {
    let update = user::Entity::update_many()
        .col_expr(user::Column::Role, Expr::value(Role::SecondaryAdmin))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Role.eq(Role::SsoAdmin))
        .filter(user::Column::Status.ne_constant(Status::Removed));
    let demoted = work.update_returning(update).await?;
    // What was offered with the role is offered with the next lower one.
    let offers = invitation::Entity::update_many()
        .col_expr(invitation::Column::Role, Expr::value(Role::SecondaryAdmin))
        .filter(invitation::Column::AccountId.eq(account_id))
        .filter(invitation::Column::Role.eq(Role::SsoAdmin))
        .filter(invitation::Column::Status.eq_constant(invitation::Status::Pending));
    work.update(offers).await?;
    for user in &demoted {
        work.touch(Kind::User.text(user.id));
        work.changed(
            "role",
            Some(Role::SsoAdmin.to_value()),
            Some(Role::SecondaryAdmin.to_value()),
        );
    }
    let ids: Vec<Uuid> = demoted.iter().map(|user| user.id).collect();
    end_sessions_of(work, account_id, &ids).await?;
    tell::roles_changed(work, account_id, &demoted).await?;
    Ok(demoted)
}
