//! The rate limit on guessing passwords: ten failures in fifteen minutes, for an e-mail and for a network address. And a lighter one on what anybody may
//! have us write, or browsers do by themselves.
//!
//! Failures are rows, so replicas count together. The count is taken twice. First without a lock, to spare the work of hashing. Then in the transaction
//! that answers, under a lock on what is counted: a hundred guesses sent at once are all hashed, but after ten failures the rest are told nothing but to
//! wait, not even that one of them was right.

use std::net::IpAddr;

use chrono::{DateTime, Duration, Utc};
use entity::sign_in_attempt::{ActiveModel, Column, Entity};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{LockBehavior, LockType, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseBackend, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    Statement,
};
use uuid::Uuid;

use crate::access::Origin;
use crate::command::Work;
use crate::error::{Error, Result};
use crate::platform::secrets::hash;

const MOST_FAILURES: u64 = 10;
/// Many times what one browser does: a whole office signs in at nine from behind one address.
const MOST_BEGUN: u64 = 300;
const WINDOW: Duration = Duration::minutes(15);
/// Rows no longer counted that one more clears away: more than it makes, so that they do not pile up.
const SWEPT: u64 = 100;

/// What an attempt counts against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    hashes: Vec<Vec<u8>>,
    most: u64,
}

impl Keys {
    /// A guess at somebody's password.
    pub fn new(email_key: &str, origin: &Origin) -> Self {
        Self::of([Some(email(email_key)), network_of(origin)], MOST_FAILURES)
    }

    /// Asking for a link by mail, whosever address it is.
    pub fn asking(origin: &Origin) -> Self {
        let network = network_of(origin).map(|network| format!("asking {network}"));
        Self::of([network, None], MOST_FAILURES)
    }

    /// What nobody has to be known for: setting out to an identity provider, and coming back with what is no answer of its.
    pub fn starting_sso(origin: &Origin) -> Self {
        let network = network_of(origin).map(|network| format!("sso {network}"));
        Self::of([network, None], MOST_BEGUN)
    }

    /// A logout token that is not to be believed. A provider speaks for all its customers from a few addresses: what is sent in the name of one is not
    /// held against another.
    pub fn telling(provider_id: Uuid, origin: &Origin) -> Self {
        let network = network_of(origin).map(|network| format!("logout {provider_id} {network}"));
        Self::of([network, None], MOST_BEGUN)
    }

    /// Renewing a session.
    pub fn renewing(session_id: Uuid) -> Self {
        Self::of([Some(format!("renewing {session_id}")), None], MOST_BEGUN)
    }

    fn of(keys: [Option<String>; 2], most: u64) -> Self {
        let mut hashes: Vec<Vec<u8>> = keys.into_iter().flatten().map(|key| hash(&key)).collect();
        // Locks are taken in one order everywhere.
        hashes.sort();
        Self { hashes, most }
    }
}

fn email(email_key: &str) -> String {
    format!("email {email_key}")
}

fn network_of(origin: &Origin) -> Option<String> {
    let address = origin.ip_address.as_deref()?.parse().ok()?;
    Some(network(address))
}

/// An IPv6 subscriber has a /64 of addresses to guess from; they count as one.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => format!("ip {address}"),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            format!("ip {a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
    }
}

/// Refuses with `RateLimited` when there were too many already.
pub async fn check(connection: &impl ConnectionTrait, keys: &Keys, now: DateTime<Utc>) -> Result<()> {
    let mut longest: Option<Duration> = None;
    for key in &keys.hashes {
        let earliest: Option<DateTime<Utc>> = Entity::find()
            .select_only()
            .column(Column::AttemptedAt)
            .filter(Column::Key.eq(key.clone()))
            .filter(Column::AttemptedAt.gt(now - WINDOW))
            .order_by_desc(Column::AttemptedAt)
            .offset(keys.most - 1)
            .limit(1)
            .into_tuple()
            .one(connection)
            .await?;
        longest = longest.max(earliest.map(|at| at + WINDOW - now));
    }
    match longest {
        None => Ok(()),
        Some(wait) => Err(Error::RateLimited {
            retry_after_seconds: u32::try_from(wait.num_seconds().saturating_add(1)).unwrap_or(u32::MAX),
        }),
    }
}

/// As [`check`], and nobody else counts these keys until the transaction ends. An account is locked before them, never after. On SQLite there is one writer
/// anyway.
pub async fn hold(work: &Work, keys: &Keys) -> Result<()> {
    if work.backend() == DatabaseBackend::Postgres {
        for key in &keys.hashes {
            let number = key.first_chunk().map_or(0, |bytes| i64::from_be_bytes(*bytes));
            let sql = "SELECT pg_advisory_xact_lock($1)";
            let lock = Statement::from_sql_and_values(work.backend(), sql, [number.into()]);
            work.execute(lock).await?;
        }
    }
    check(work.reader(), keys, work.now()).await
}

/// Remembers one more.
pub async fn record(work: &Work, keys: &Keys) -> Result<()> {
    let rows = keys.hashes.iter().map(|key| ActiveModel {
        id: Set(work.new_id()),
        key: Set(key.clone()),
        attempted_at: Set(work.now()),
    });
    work.insert(rows.collect()).await?;
    sweep(work).await
}

/// Forgets the failures for an e-mail, when the person has proven otherwise who they are.
pub async fn forgive(work: &Work, email_key: &str) -> Result<()> {
    let failures = Entity::delete_many().filter(Column::Key.eq(hash(&email(email_key))));
    work.delete(failures).await?;
    Ok(())
}

/// Clears away some of what no longer counts. Rows another replica is just clearing are left to it.
async fn sweep(work: &Work) -> Result<()> {
    let old = Query::select()
        .column(Column::Id)
        .from(Entity)
        .and_where(Column::AttemptedAt.lte(work.now() - WINDOW))
        .limit(SWEPT)
        .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
        .take();
    work.delete(Entity::delete_many().filter(Column::Id.in_subquery(old)))
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Keys, network};
    use crate::access::Origin;

    #[test]
    fn addresses_of_one_subscriber_count_as_one() {
        let of = |text: &str| network(text.parse().unwrap());
        assert_eq!(of("2001:db8:1:2::1"), of("2001:db8:1:2:ffff::9"));
        assert_ne!(of("2001:db8:1:2::1"), of("2001:db8:1:3::1"));
        assert_eq!(of("::ffff:192.0.2.1"), of("192.0.2.1"));
        assert_ne!(of("192.0.2.1"), of("192.0.2.2"));
    }

    #[test]
    fn keys_name_nobody_and_come_in_one_order() {
        let from = |ip: Option<&str>| Origin {
            ip_address: ip.map(str::to_owned),
            ..Origin::default()
        };
        let keys = Keys::new("ada@example.com", &from(Some("192.0.2.1")));
        assert_eq!(keys.hashes.len(), 2);
        assert!(keys.hashes.is_sorted() && keys.hashes.iter().all(|key| key.len() == 32));
        assert_eq!(Keys::new("ada@example.com", &from(None)).hashes.len(), 1);
        assert_ne!(
            Keys::new("eve@example.com", &from(None)),
            Keys::new("ada@example.com", &from(None))
        );
    }
}
