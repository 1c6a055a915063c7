//! Taking jobs in hand: first which accounts have one that is due, then a claim within one of them.

use chrono::{DateTime, Duration, Utc};
use entity::job::{self, Status};
use sea_orm::sea_query::{Alias, Condition, Expr, LockBehavior, LockType, Order, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, ExprTrait, QueryFilter, Statement,
};
use uuid::Uuid;

use super::jobs::{Kind, Lease};
use super::turns::MOST_ACCOUNTS;
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform::constants::Constants;

/// Names our advisory locks on claiming among those of others; the number is the project's own.
const CLAIMING: i32 = 0x6d75_7374;

/// Accounts that have a job to be begun, the longest due first.
pub async fn due_accounts(app: &App) -> Result<Vec<Uuid>> {
    let due = Query::select()
        .column(job::Column::AccountId)
        .from(job::Entity)
        .cond_where(is_due(app.clock().now()))
        .group_by_col(job::Column::AccountId)
        .order_by_expr(Expr::col(job::Column::RunAt).min(), Order::Asc)
        .limit(MOST_ACCOUNTS)
        .take();
    let rows = app.reader().query_all(&due).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<Result<_, _>>()?)
}

/// Takes the account's job that is due longest, if there is one and none of the account's is in hand.
#[derive(Debug)]
pub struct Claim {
    pub account_id: Uuid,
    pub lease_for: Duration,
}

impl Command for Claim {
    type Output = Option<Lease>;
    const NAME: &'static str = "jobs.claim";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<Option<Lease>> {
        if !is_alone(work, self.account_id).await? {
            return Ok(None);
        }
        let now = work.now();
        // By itself, and not within the update: there a plan may run it once a row and lease as many.
        let longest_due = Query::select()
            .column(job::Column::Id)
            .from(job::Entity)
            .and_where(job::Column::AccountId.eq(self.account_id))
            .cond_where(is_due(now))
            .order_by(job::Column::RunAt, Order::Asc)
            .limit(1)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .take();
        let Some(found) = work.reader().query_one(&longest_due).await? else {
            return Ok(None);
        };
        let id: Uuid = found.try_get_by_index(0)?;
        let token = Uuid::new_v4();
        let taken = job::Entity::update_many()
            .col_expr(job::Column::LeaseToken, Expr::value(token))
            .col_expr(job::Column::LeaseUntil, Expr::value(now + self.lease_for))
            .col_expr(job::Column::Attempts, Expr::col(job::Column::Attempts).add(1))
            .filter(job::Column::AccountId.eq(self.account_id))
            .filter(job::Column::Id.eq(id));
        let taken = work.update_returning(taken).await?.pop();
        Ok(taken.and_then(|job| {
            Some(Lease {
                job_id: job.id,
                token,
                kind: Kind::from_name(&job.kind)?,
                account_id: job.account_id,
                subject_id: job.subject_id,
                attempts: job.attempts,
            })
        }))
    }
}

/// Whether nobody else is claiming of the same account in this moment. Two who looked at once would each see the account without a job in hand and take
/// one each. `SQLite` has one writer.
async fn is_alone(work: &Work, account_id: Uuid) -> Result<bool> {
    if work.backend() != DatabaseBackend::Postgres {
        return Ok(true);
    }
    let locked = Statement::from_sql_and_values(
        work.backend(),
        "SELECT pg_try_advisory_xact_lock($1, hashtext($2))",
        [CLAIMING.into(), account_id.to_string().into()],
    );
    let row = work.reader().query_one_raw(locked).await?;
    Ok(match row {
        Some(row) => row.try_get_by_index(0)?,
        None => false,
    })
}

/// Ready, its time come, in nobody's hands, and of a kind this version knows: a newer one may have written others. Jobs of one account run one after the other.
fn is_due(now: DateTime<Utc>) -> Condition {
    let in_nobodys_hands = job::Column::LeaseUntil
        .is_null()
        .or(job::Column::LeaseUntil.lt(now));
    Condition::all()
        .add(job::Column::Status.eq_constant(Status::Ready))
        .add(job::Column::RunAt.lte(now))
        .add(job::Column::Kind.is_in(Kind::ALL.map(Kind::name)))
        .add(in_nobodys_hands)
        .add(Expr::not_exists(in_hand(now)))
}

/// Another job of the same account that somebody works on.
fn in_hand(now: DateTime<Utc>) -> sea_orm::sea_query::SelectStatement {
    let other = Alias::new("other");
    let of_other = |column: job::Column| Expr::col((other.clone(), column));
    Query::select()
        .expr(Expr::val(1))
        .from_as(job::Entity, other.clone())
        .and_where(of_other(job::Column::Status).eq(Status::Ready))
        .and_where(of_other(job::Column::AccountId).equals((job::Entity, job::Column::AccountId)))
        .and_where(of_other(job::Column::LeaseUntil).gte(now))
        .take()
}
