//! Taking jobs in hand ([`lease`]): of one account one after the other.

use chrono::{DateTime, Duration, Utc};
use entity::job::{self, Status};
use sea_orm::sea_query::{Alias, Condition, Expr, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, DatabaseBackend, ExprTrait, Statement};
use uuid::Uuid;

use super::jobs::{Kind, Lease};
use super::lease::{self, Columns, Leased};
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform::constants::{Constants, constant};

/// Names our advisory locks on claiming among those of others; the number is the project's own.
const CLAIMING: i32 = 0x6d75_7374;

impl Leased for job::Entity {
    const COLUMNS: Columns<Self> = Columns {
        account_id: job::Column::AccountId,
        id: job::Column::Id,
        run_at: job::Column::RunAt,
        attempts: job::Column::Attempts,
        lease_token: job::Column::LeaseToken,
        lease_until: job::Column::LeaseUntil,
    };

    /// Of a kind this version knows: a newer one may have written others. Jobs of one account run one after the other.
    fn is_ready(now: DateTime<Utc>) -> Condition {
        Condition::all()
            .add(job::Column::Status.eq_constant(Status::Ready))
            .add(job::Column::Kind.is_in(Kind::ALL.map(Kind::name)))
            .add(Expr::not_exists(in_hand(now)))
    }
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
        let taken = lease::take::<job::Entity>(work, self.account_id, 1, self.lease_for).await?;
        Ok(taken.into_iter().next().and_then(|job| {
            Some(Lease {
                job_id: job.id,
                token: job.lease_token?,
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

/// Another job of the same account that somebody works on.
fn in_hand(now: DateTime<Utc>) -> sea_orm::sea_query::SelectStatement {
    let other = Alias::new("other");
    let of_other = |column: job::Column| Expr::col((other.clone(), column));
    Query::select()
        .expr(Expr::val(1))
        .from_as(job::Entity, other.clone())
        .and_where(of_other(job::Column::Status).eq(constant(&Status::Ready)))
        .and_where(of_other(job::Column::AccountId).equals((job::Entity, job::Column::AccountId)))
        .and_where(of_other(job::Column::LeaseUntil).gte(now))
        .take()
}
