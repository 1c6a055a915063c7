//! Rate limits: how often something may happen, counted in the database so that replicas count together.
//!
//! What happened is a row under a key that says what is counted together: an e-mail, a network, an account. Whoever may cause work looks first without a
//! lock ([`check`]), to spare the work; then the count is taken again in the transaction that answers, under a lock on what is counted ([`hold`]). So a
//! hundred that come at once are let through no more than the rate says.
//!
//! What is limited belongs to the word it limits; here is only the counting.

mod account;
pub mod rates;

use chrono::{DateTime, Duration, Utc};
use entity::sign_in_attempt::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};

pub use account::{Count, of_account, of_person, refusals};
pub use rates::Rate;

use crate::command::Work;
use crate::error::{Error, Result};
use crate::platform::arrays::found;
use crate::platform::secrets::hash;

/// Rows no longer counted that one more clears away: more than it makes, so that they do not pile up.
const SWEPT: u64 = 100;

/// What one occurrence counts against. Too much of any of it is too much.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters(Vec<Counter>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Counter {
    rate: Rate,
    key: Vec<u8>,
    /// Counted once for each of these, however often it occurs.
    distinct: Option<Vec<u8>>,
}

impl Counters {
    /// Counts every occurrence for `whose`.
    pub fn each(rate: Rate, whose: &str) -> Self {
        let key = hash(&format!("{} {whose}", rate.name));
        Self(vec![Counter {
            rate,
            key,
            distinct: None,
        }])
    }

    /// Counts, for `whose`, how many different things occur.
    pub fn distinct(rate: Rate, whose: &str, what: &str) -> Self {
        let mut counters = Self::each(rate, whose);
        for counter in &mut counters.0 {
            counter.distinct = Some(hash(&format!("{} {whose} of {what}", rate.name)));
        }
        counters
    }

    /// Counts against all of these.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        // Locks are taken in one order everywhere.
        self.0.sort_by(|one, other| one.key.cmp(&other.key));
        self
    }
}

/// Refuses with `RateLimited` when there were too many already.
pub async fn check(connection: &impl ConnectionTrait, counters: &Counters, now: DateTime<Utc>) -> Result<()> {
    let mut longest: Option<Duration> = None;
    for Counter { rate, key, .. } in &counters.0 {
        let earliest: Option<DateTime<Utc>> = Entity::find()
            .select_only()
            .column(Column::AttemptedAt)
            .filter(Column::Key.eq(key.clone()))
            .filter(Column::AttemptedAt.gt(now - rate.within))
            .order_by_desc(Column::AttemptedAt)
            .offset(rate.most - 1)
            .limit(1)
            .into_tuple()
            .one(connection)
            .await?;
        longest = longest.max(earliest.map(|at| at + rate.within - now));
    }
    match longest {
        None => Ok(()),
        Some(wait) => Err(Error::RateLimited {
            retry_after_seconds: u32::try_from(wait.num_seconds().saturating_add(1)).unwrap_or(u32::MAX),
        }),
    }
}

/// As [`check`], and nobody else counts the same until the transaction ends. An account is locked before this, never after. On SQLite there is one writer
/// anyway.
pub async fn hold(work: &Work, counters: &Counters) -> Result<()> {
    if work.backend() == DatabaseBackend::Postgres {
        for Counter { key, .. } in &counters.0 {
            let number = key.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
            let sql = "SELECT pg_advisory_xact_lock($1)";
            let lock = Statement::from_sql_and_values(work.backend(), sql, [number.into()]);
            work.execute(lock).await?;
        }
    }
    check(work.reader(), counters, work.now()).await
}

/// Counts one more, under [`hold`].
pub async fn record(work: &Work, counters: &Counters) -> Result<()> {
    let mut keys = Vec::new();
    for counter in &counters.0 {
        if let Some(distinct) = &counter.distinct {
            if is_counted(work, distinct, counter.rate).await? {
                continue;
            }
            keys.push(distinct.clone());
        }
        keys.push(counter.key.clone());
    }
    let rows = keys.into_iter().map(|key| ActiveModel {
        id: Set(work.new_id()),
        key: Set(key),
        attempted_at: Set(work.now()),
    });
    work.insert(rows.collect()).await?;
    sweep(work).await
}

/// Counts one that is about to happen, or refuses it with `RateLimited`.
pub async fn take(work: &Work, counters: &Counters) -> Result<()> {
    hold(work, counters).await?;
    record(work, counters).await
}

/// Forgets what was counted.
pub async fn forget(work: &Work, counters: &Counters) -> Result<()> {
    let keys = counters.0.iter().map(|counter| counter.key.clone());
    work.delete(Entity::delete_many().filter(Column::Key.is_in(keys)))
        .await?;
    Ok(())
}

async fn is_counted(work: &Work, key: &[u8], rate: Rate) -> Result<bool> {
    let found = Entity::find()
        .filter(Column::Key.eq(key.to_vec()))
        .filter(Column::AttemptedAt.gt(work.now() - rate.within))
        .one(work.reader())
        .await?;
    Ok(found.is_some())
}

/// Clears away some of what no longer counts. Rows another replica is just clearing are left to it.
async fn sweep(work: &Work) -> Result<()> {
    let lock = match work.backend() {
        DatabaseBackend::Postgres => " FOR UPDATE SKIP LOCKED",
        _ => "",
    };
    let old = format!(
        "SELECT id FROM sign_in_attempts WHERE attempted_at <= $1 ORDER BY attempted_at LIMIT $2{lock}"
    );
    let sql = format!(
        "DELETE FROM sign_in_attempts WHERE id {}",
        found(work.backend(), &old)
    );
    let before = work.now() - rates::LONGEST;
    let statement = Statement::from_sql_and_values(work.backend(), sql, [before.into(), SWEPT.into()]);
    work.execute(statement).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Counters;
    use super::rates::{GUESSES, UPLOADS};

    #[test]
    fn keys_name_nobody_and_are_locked_in_one_order() {
        let (one, two) = (Counters::each(GUESSES, "ada"), Counters::each(GUESSES, "eve"));
        assert_ne!(one, two);
        assert_ne!(one.0[0].key, Counters::each(UPLOADS, "ada").0[0].key);
        let both = [one.clone().and(two.clone()), two.and(one)];
        assert_eq!(both[0], both[1]);
        assert!(both[0].0.iter().all(|counter| counter.key.len() == 32));
    }
}
