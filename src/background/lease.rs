//! Taking rows of background work in hand, whatever they are: first which accounts have some that are due, then a lease within one of them.
//!
//! A leased row is in its holder's hands until the lease runs out, and the holder names itself by the lease's token. Attempts are counted when a row is taken.

use chrono::{DateTime, Duration, Utc};
use sea_orm::sea_query::{Condition, Expr, LockBehavior, LockType, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter};
use uuid::Uuid;

use super::turns::MOST_ACCOUNTS;
use crate::app::App;
use crate::command::Work;
use crate::error::Result;

/// The columns by which a row of work is leased.
pub struct Columns<E: EntityTrait> {
    pub account_id: E::Column,
    pub id: E::Column,
    pub run_at: E::Column,
    pub attempts: E::Column,
    pub lease_token: E::Column,
    pub lease_until: E::Column,
}

/// A table of work.
pub trait Leased: EntityTrait {
    const COLUMNS: Columns<Self>;

    /// Rows that somebody may take at this time, as far as the table's own words tell; whether they are due and in nobody's hands is asked beside.
    fn is_ready(now: DateTime<Utc>) -> Condition;
}

/// Accounts that have a row to be taken, the longest due first.
pub async fn due_accounts<E: Leased>(app: &App) -> Result<Vec<Uuid>> {
    let due = Query::select()
        .column(E::COLUMNS.account_id)
        .from(E::default())
        .cond_where(is_due::<E>(app.clock().now()))
        .group_by_col(E::COLUMNS.account_id)
        .order_by_expr(Expr::col(E::COLUMNS.run_at).min(), Order::Asc)
        .limit(MOST_ACCOUNTS)
        .take();
    let rows = app.reader().query_all(&due).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Leases at most so many rows of one account, the longest due first, under one token; those that another is about to take are passed over.
pub async fn take<E: Leased>(
    work: &Work,
    account_id: Uuid,
    most: u64,
    lease_for: Duration,
) -> Result<Vec<E::Model>> {
    let now = work.now();
    // By itself, and not within the update: there a plan may run it once a row and lease as many.
    let due = Query::select()
        .column(E::COLUMNS.id)
        .from(E::default())
        .and_where(E::COLUMNS.account_id.eq(account_id))
        .cond_where(is_due::<E>(now))
        .order_by(E::COLUMNS.run_at, Order::Asc)
        .limit(most)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take();
    let found = work.reader().query_all(&due).await?;
    let ids = found.iter().map(|row| row.try_get_by_index(0));
    let ids: Vec<Uuid> = ids.collect::<Result<_, _>>()?;
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let taken = E::update_many()
        .col_expr(E::COLUMNS.lease_token, Expr::value(Uuid::new_v4()))
        .col_expr(E::COLUMNS.lease_until, Expr::value(now + lease_for))
        .col_expr(E::COLUMNS.attempts, Expr::col(E::COLUMNS.attempts).add(1))
        .filter(E::COLUMNS.account_id.eq(account_id))
        .filter(E::COLUMNS.id.is_in(ids));
    work.update_returning(taken).await
}

fn is_due<E: Leased>(now: DateTime<Utc>) -> Condition {
    let lease_until = E::COLUMNS.lease_until;
    Condition::all()
        .add(E::COLUMNS.run_at.lte(now))
        .add(lease_until.is_null().or(lease_until.lt(now)))
        .add(E::is_ready(now))
}
