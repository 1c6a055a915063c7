//! Handing over the primary role: one transaction, one winner.
//!
//! Commands of an account take turns, so of two hand-overs at once the second would find a new primary administrator and unseat them, though whoever asked
//! meant the old one. Each therefore remembers whom it set out to relieve; if that is somebody else by its turn, it is refused as stale.

use entity::account;
use entity::ids::Kind;
use entity::user::{self, Role, Status};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::give_role::give_role;
use super::rules::{check_heir, check_retreat};
use super::tell;
use crate::access::{Action, Actor, is_administrative};
use crate::app::App;
use crate::command::{Command, Work};
use crate::enforcement::{break_glass_users, keeps_the_way_in};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::constants::Constants;
use crate::platform::events::Wake;
use crate::sessions::end_sessions_of;

/// Makes somebody else the primary administrator.
#[derive(Clone, Debug)]
pub struct HandOverPrimary {
    pub to: Uuid,
    /// What the present one becomes.
    pub retreat_to: Role,
    /// Who was the primary administrator when this was asked for.
    seen: Option<Uuid>,
}

impl HandOverPrimary {
    pub fn new(to: Uuid, retreat_to: Role) -> Self {
        Self {
            to,
            retreat_to,
            seen: None,
        }
    }
}

/// Both people, as they are afterwards.
#[derive(Clone, Debug)]
pub struct HandedOver {
    pub primary: user::Model,
    pub former: user::Model,
}

impl Command for HandOverPrimary {
    type Output = HandedOver;
    const NAME: &'static str = "accounts.hand_over_primary";

    fn action(&self) -> Action {
        Action::HandOverPrimary
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        if let Some(account_id) = actor.account_id() {
            self.seen = primary(app.reader(), account_id).await?.map(|primary| primary.id);
        }
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<HandedOver> {
        let actor = work.member()?.clone();
        let account_id = actor.account_id;
        let present = primary(work.reader(), account_id).await?;
        let present = present.ok_or_else(|| Error::internal("an account without a primary administrator"))?;
        if self.seen != Some(present.id) {
            return Err(stale());
        }
        let heir = user::Entity::find_by_id((account_id, self.to))
            .one(work.reader())
            .await?
            .filter(|user| user.status != Status::Removed)
            .ok_or_else(|| Refusal::new(Code::NotFound, "There is no such user.").at("input.toUserId"))?;
        check_heir(&heir).map_err(|refusal| refusal.at("input.toUserId"))?;
        check_retreat(&actor, &present, self.retreat_to)
            .map_err(|refusal| refusal.at("input.demoteSelfTo"))?;
        if !is_administrative(self.retreat_to) {
            relied_on(work, &present).await?;
        }
        // First down, then up: there are never two, not even within the transaction.
        let former = give_role(work, account_id, &[&present], self.retreat_to).await?;
        let primary = give_role(work, account_id, &[&heir], Role::PrimaryAdmin).await?;
        let (Some(former), Some(primary)) = (former.into_iter().next(), primary.into_iter().next()) else {
            return Err(stale());
        };
        note(work, account_id).await?;
        end_sessions_of(work, account_id, &[former.id, primary.id]).await?;
        tell::handed_over(work, &former, &primary).await?;
        Ok(HandedOver { primary, former })
    }
}

async fn primary<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<Option<user::Model>> {
    Ok(user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Role.eq(Role::PrimaryAdmin))
        .filter(user::Column::Status.ne_constant(Status::Removed))
        .one(db)
        .await?)
}

async fn relied_on(work: &Work, present: &user::Model) -> Result<()> {
    let keepers = break_glass_users(work.reader(), present.account_id).await?;
    if keepers.contains(&present.id) {
        return Err(keeps_the_way_in().at("input.demoteSelfTo").into());
    }
    Ok(())
}

/// The account's version.
async fn note(work: &mut Work, account_id: Uuid) -> Result<()> {
    work.touch(Kind::Account.text(account_id));
    let version = Expr::col(account::Column::Version).add(1);
    let update = account::Entity::update_many()
        .col_expr(account::Column::Version, version)
        .filter(account::Column::Id.eq(account_id));
    work.update(update).await?;
    work.wake(Wake::Account { id: account_id });
    Ok(())
}

fn stale() -> Error {
    let text = "Somebody handed the role over meanwhile. Look again who has it.";
    Refusal::new(Code::StaleVersion, text).into()
}
