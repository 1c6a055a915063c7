//! Reading invitations: always of the reader's account.

use chrono::{DateTime, Utc};
use entity::invitation::{Column, Delivery, Entity, Model, Status};
use entity::rows::Row;
use entity::user;
use sea_orm::sea_query::{Alias, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition, DatabaseBackend, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::rules::State;
use crate::error::Result;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::{Scope, account_row};

account_row! {
    /// The offer to join.
    Invitation, invitation
}

/// Every invitation of some users in the order of making: the last of a user's is the one that counts.
pub async fn of_users(scope: &Scope, users: &[Uuid]) -> Result<Vec<Invitation>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let found = Entity::find()
        .filter(Column::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), Column::UserId, users))
        .order_by_asc(Column::Id)
        .into_model::<Row<Model>>()
        .all(scope.db())
        .await?;
    Ok(found
        .into_iter()
        .map(|Row(model)| Invitation::from(model))
        .collect())
}

/// Invitations that are in a state at a moment.
pub fn is_in(state: State, now: DateTime<Utc>) -> Condition {
    let is = |status| Condition::all().add(Column::Status.eq_constant(status));
    match state {
        State::Pending => is(Status::Pending).add(Column::ExpiresAt.gt(now)),
        State::Expired => is(Status::Pending).add(Column::ExpiresAt.lte(now)),
        State::Accepted => is(Status::Accepted),
        State::Revoked => is(Status::Revoked),
    }
}

/// Users of an account whose latest invitation is in one of some states at a moment.
pub fn in_states(backend: DatabaseBackend, account_id: Uuid, states: &[State], now: DateTime<Utc>) -> Expr {
    let is = |state: &State| match state {
        // Of a user's invitations one can be pending, and that is the latest.
        State::Pending | State::Expired => is_in(*state, now),
        State::Accepted => latest(account_id, Status::Accepted),
        State::Revoked => latest(account_id, Status::Revoked),
    };
    let any = states.iter().map(is).fold(Condition::any(), Condition::add);
    // One question, because two of them joined by OR would be asked of each user.
    let any = if any.is_empty() {
        any.add(Expr::value(false))
    } else {
        any
    };
    let of = invited(account_id).cond_where(any).take();
    match states {
        [State::Expired] => of_few(backend, of),
        _ => user_id().in_subquery(of),
    }
}

fn user_id() -> Expr {
    Expr::col((user::Entity, user::Column::Id))
}

/// Whose invitations few have. PostgreSQL takes it for a third of them, whatever the time, and would read all users; as an array it is asked once, and each user is
/// looked up by their key.
fn of_few(backend: DatabaseBackend, invitations: SelectStatement) -> Expr {
    if backend != DatabaseBackend::Postgres {
        return user_id().in_subquery(invitations);
    }
    let invitations = Expr::SubQuery(None, Box::new(invitations.into()));
    Expr::cust_with_exprs("$1 = ANY(ARRAY $2)", [user_id(), invitations])
}

/// Users of an account whose pending invitation's mail became one of these.
pub fn delivered_as(backend: DatabaseBackend, account_id: Uuid, deliveries: &[Delivery]) -> Expr {
    let mut of = invited(account_id);
    of.and_where(Column::Status.eq_constant(Status::Pending))
        .and_where(Column::DeliveryStatus.in_constants(deliveries));
    if deliveries.contains(&Delivery::Sent) {
        return user_id().in_subquery(of);
    }
    // Said so that the index over those few serves.
    of.and_where(Column::DeliveryStatus.ne_constant(Delivery::Sent));
    of_few(backend, of)
}

fn invited(account_id: Uuid) -> SelectStatement {
    Query::select()
        .column(Column::UserId)
        .from(Entity)
        .and_where(Column::AccountId.eq(account_id))
        .take()
}

fn latest(account_id: Uuid, status: Status) -> Condition {
    let later = Alias::new("later");
    let newer = Query::select()
        .expr(Expr::cust("1"))
        .from_as(Entity, later.clone())
        .and_where(Expr::col((later.clone(), Column::AccountId)).eq(account_id))
        .and_where(Expr::col((later.clone(), Column::UserId)).equals((Entity, Column::UserId)))
        .and_where(Expr::col((later, Column::Id)).gt(Expr::col((Entity, Column::Id))))
        .take();
    Condition::all()
        .add(Column::Status.eq_constant(status))
        .add(Expr::exists(newer).not())
}
