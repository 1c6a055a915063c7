//! Clearing away what the audit log has kept for its account's term: from the front of the chain on, a batch at a time.
//!
//! What is old enough is for the database to say, by its own clock and the account's term: it refuses to delete anything else. Where the chain goes on from is kept, with
//! a code that only Muster makes. Where the front has a hole, nothing is cleared away any more: that is something to look at, not to tidy up.

use entity::audit_chain::{self, Column};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, DatabaseBackend, EntityTrait, FromQueryResult, QueryFilter, Statement, Value};
use uuid::Uuid;

use crate::command::{Work, chain};
use crate::error::{Error, Result};
use crate::platform::arrays::found;

/// Rows of one batch.
const AT_ONCE: i64 = 1_000;

#[derive(FromQueryResult)]
struct Base {
    base_seq: i64,
}

#[derive(FromQueryResult)]
struct Old {
    seq: i64,
    hash: Vec<u8>,
}

/// Whether the row `e` of the account `$1` is past its term, as the triggers have it.
const fn is_old(backend: DatabaseBackend) -> &'static str {
    match backend {
        DatabaseBackend::Postgres => {
            "e.occurred_at < now() - make_interval(days => (SELECT a.audit_kept_days FROM accounts a WHERE a.id = $1))"
        }
        _ => {
            "julianday(e.occurred_at) < julianday('now') - (SELECT a.audit_kept_days FROM accounts a WHERE a.id = $1)"
        }
    }
}

/// Clears away one batch of an account. Answers whether there may be more.
pub async fn clear(work: &Work, account_id: Uuid) -> Result<bool> {
    let has_more = clear_unchained(work, account_id).await?;
    Ok(clear_chained(work, account_id).await? || has_more)
}

/// Rows from before there was a chain.
async fn clear_unchained(work: &Work, account_id: Uuid) -> Result<bool> {
    let old = is_old(work.backend());
    let question = format!(
        "SELECT e.id FROM audit_events e WHERE e.account_id = $1 AND e.seq IS NULL AND {old} ORDER BY e.occurred_at LIMIT $2"
    );
    let sql = format!(
        "DELETE FROM audit_events WHERE account_id = $1 AND id {}",
        found(work.backend(), &question)
    );
    let cleared = work
        .execute(statement(work, sql, [account_id.into(), AT_ONCE.into()]))
        .await?;
    Ok(i64::try_from(cleared).unwrap_or(i64::MAX) >= AT_ONCE)
}

async fn clear_chained(work: &Work, account_id: Uuid) -> Result<bool> {
    let old = is_old(work.backend());
    // Mostly the first row is young, and there is nothing more to be asked.
    let sql = format!(
        "SELECT c.base_seq FROM audit_chains c JOIN audit_events e ON e.account_id = c.account_id AND e.seq = c.base_seq + 1 \
         WHERE c.account_id = $1 AND {old}"
    );
    let due: Vec<Base> = work.fetch(statement(work, sql, [account_id.into()])).await?;
    let Some(Base { base_seq }) = due.into_iter().next() else {
        return Ok(false);
    };
    let sql = format!(
        "SELECT e.seq, e.hash FROM audit_events e \
         WHERE e.account_id = $1 AND e.seq > $2 AND e.seq <= $3 AND {old} ORDER BY e.seq"
    );
    let values = [account_id.into(), base_seq.into(), (base_seq + AT_ONCE).into()];
    let rows: Vec<Old> = work.fetch(statement(work, sql, values)).await?;
    // Clocks of replicas differ: a row may be young that stands before old ones, and they wait for it.
    let front = rows.into_iter().zip(base_seq + 1..);
    let Some((last, _)) = front.take_while(|(row, place)| row.seq == *place).last() else {
        return Err(Error::internal("the first row of an audit log is old and is not"));
    };
    let sql = "DELETE FROM audit_events WHERE account_id = $1 AND seq > $2 AND seq <= $3".to_owned();
    let values = [account_id.into(), base_seq.into(), last.seq.into()];
    work.execute(statement(work, sql, values)).await?;
    let stamp = work.app().secrets().stamp(chain::LABEL)?;
    let code = stamp.code(&chain::text_of_base(account_id, last.seq, &last.hash));
    let moved = audit_chain::Entity::update_many()
        .col_expr(Column::BaseSeq, Expr::value(last.seq))
        .col_expr(Column::BaseHash, Expr::value(last.hash))
        .col_expr(Column::BaseCode, Expr::value(code))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Id.eq(account_id));
    work.update(moved).await?;
    tracing::debug!(%account_id, up_to = last.seq, "cleared away old rows of the audit log");
    Ok(last.seq == base_seq + AT_ONCE)
}

fn statement(work: &Work, sql: String, values: impl IntoIterator<Item = Value>) -> Statement {
    Statement::from_sql_and_values(work.backend(), sql, values)
}
