//! What disabling and removing have in common: the seats are free, the sessions and API tokens over, the counters right.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::user::{self, Status};
use entity::{assignment, invitation};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::UserOutcome;
use crate::accounts::counters::Delta;
use crate::api_tokens::revoke_tokens_of;
use crate::assignments::give_up;
use crate::command::Work;
use crate::directory::people;
use crate::error::Result;
use crate::groups::leave_all;
use crate::platform::constants::Constants;
use crate::sessions::end_sessions_of;

/// The seats that users gave up.
pub struct GivenUp(pub Vec<assignment::Model>);

impl GivenUp {
    /// Tells for each user how many there were.
    pub fn outcome(&self) -> impl FnMut(Uuid) -> UserOutcome + use<> {
        let mut counts: HashMap<Uuid, i32> = HashMap::new();
        for seat in &self.0 {
            *counts.entry(seat.user_id).or_default() += 1;
        }
        move |id| UserOutcome::Applied {
            released_seats: counts.get(&id).copied().unwrap_or_default(),
            shortfalls: Vec::new(),
        }
    }
}

/// Takes users out of the account for a while (`DISABLED`) or for good (`REMOVED`).
pub async fn take_out(work: &mut Work, leaving: &[user::Model], to: Status) -> Result<GivenUp> {
    let account_id = work.account_id()?;
    let ids: Vec<Uuid> = leaving.iter().map(|user| user.id).collect();
    if ids.is_empty() {
        return Ok(GivenUp(Vec::new()));
    }
    let seats = give_up(work, account_id, &ids).await?;
    revoke_invitations(work, account_id, &ids).await?;
    let at = match to {
        Status::Removed => user::Column::RemovedAt,
        _ => user::Column::DisabledAt,
    };
    let update = user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(to))
        .col_expr(at, Expr::value(work.now()))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Id.is_in(ids.iter().copied()));
    work.update(update).await?;
    if to == Status::Removed {
        let gone: Vec<&user::Model> = leaving.iter().collect();
        people::forget(work, &gone).await?;
        leave_all(work, account_id, &ids).await?;
    }
    end_sessions_of(work, account_id, &ids).await?;
    revoke_tokens_of(work, account_id, &ids).await?;
    let mut delta = Delta::default();
    for user in leaving {
        delta.loses(user.status, user.role);
        delta.gains(to, user.role);
        work.touch(Kind::User.text(user.id));
    }
    delta.write(work, account_id).await?;
    Ok(GivenUp(seats))
}

/// Whoever has not accepted yet cannot do so any more.
async fn revoke_invitations(work: &Work, account_id: Uuid, users: &[Uuid]) -> Result<()> {
    let revoked = invitation::Entity::update_many()
        .col_expr(
            invitation::Column::Status,
            Expr::value(invitation::Status::Revoked),
        )
        .col_expr(invitation::Column::RevokedAt, Expr::value(work.now()))
        .filter(invitation::Column::AccountId.eq(account_id))
        .filter(invitation::Column::UserId.is_in(users.iter().copied()))
        .filter(invitation::Column::Status.eq_constant(invitation::Status::Pending));
    work.update(revoked).await?;
    Ok(())
}

/// Makes users active again.
pub async fn let_in(work: &mut Work, returning: &[user::Model]) -> Result<()> {
    let account_id = work.account_id()?;
    let update = user::Entity::update_many()
        .col_expr(user::Column::Status, Expr::value(Status::Active))
        .col_expr(user::Column::DisabledAt, Expr::value(None::<DateTime<Utc>>))
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Id.is_in(returning.iter().map(|user| user.id)));
    work.update(update).await?;
    let mut delta = Delta::default();
    for user in returning {
        delta.loses(user.status, user.role);
        delta.gains(Status::Active, user.role);
        work.touch(Kind::User.text(user.id));
    }
    delta.write(work, account_id).await
}
