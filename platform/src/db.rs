//! The database: PostgreSQL or a SQLite file, behind one face.
//!
//! Readers cannot write: SQLite opens them `query_only`, PostgreSQL makes their transactions read-only. The writers belong to
//! `command` alone. What works in the background has connections of its own, so that neither it nor the requests wait for the other's, and so has what reads much at one
//! moment ([`Snapshot`]). SQLite has one
//! writer connection and every transaction on it begins `IMMEDIATE`, so two processes on one file wait for each other instead of failing half-way.

mod durable;
mod kept;
mod postgres;
mod pulse;
mod reader;
mod snapshot;
mod sqlite;
mod writer;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseBackend, DatabaseConnection, QueryResult, Statement};

pub use durable::{Notification, Promise};
pub use postgres::PLANNED;
pub use pulse::Pulse;
pub use reader::Reader;
pub use snapshot::Snapshot;
pub use writer::Transaction;

use crate::error::{Error, Result};
use durable::Durability;
use snapshot::Snapshots;
use writer::Writer;

/// Whose connections are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lane {
    /// Somebody waits for the answer.
    #[default]
    Requests,
    /// Jobs, mails and chores.
    Background,
}

/// How many connections there are, and how long anything may take. On PostgreSQL the server itself keeps the limits.
#[derive(Clone, Debug)]
pub struct DbSettings {
    /// Connections at the most, over all lanes.
    pub connections: u32,
    /// How long a request waits for a connection, new or free, before it is told that the database is not available.
    pub acquire_within: Duration,
    /// `statement_timeout`: what a statement may take.
    pub statement_within: Duration,
    /// `lock_timeout`: what a statement may wait for a row that another transaction holds.
    pub lock_within: Duration,
    /// `idle_in_transaction_session_timeout`: what a transaction may pause between two statements.
    pub idle_within: Duration,
}

impl Default for DbSettings {
    fn default() -> Self {
        Self {
            connections: 20,
            acquire_within: Duration::from_millis(800),
            statement_within: Duration::from_secs(30),
            lock_within: Duration::from_secs(5),
            idle_within: Duration::from_mins(1),
        }
    }
}

/// Without its values: what is bound may be a secret.
fn tell(sql: &str) {
    tracing::trace!(target: "muster::statements", sql);
}

/// Connections of one lane.
#[derive(Clone)]
struct Pools {
    writer: Writer,
    reader: Reader,
}

/// Called with the text of each statement: without its values, for what is bound may be a secret.
type Counted = Arc<dyn Fn(&str) + Send + Sync>;

#[derive(Clone)]
pub struct Db {
    requests: Pools,
    background: Pools,
    snapshots: Snapshots,
    /// None where a commit is durable by itself.
    durability: Option<Durability>,
    url: Arc<str>,
    /// How long a request waits for the server to say anything.
    patience: Duration,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// As [`open`](Self::open), with the settings that go without saying.
    pub async fn connect(url: &str, connections: u32) -> Result<Self> {
        let settings = DbSettings {
            connections,
            acquire_within: Duration::from_secs(10),
            ..DbSettings::default()
        };
        Self::open(url, &settings).await
    }

    /// Opens `postgres://…` or `sqlite://path`; the SQLite file is made when absent. A server need not answer yet: that shows when it is first asked.
    pub async fn open(url: &str, settings: &DbSettings) -> Result<Self> {
        let statements = Arc::new(AtomicU64::new(0));
        let count = statements.clone();
        // The background's are not counted: what a request costs is what is held to a number.
        let counted: Counted = Arc::new(move |sql| {
            count.fetch_add(1, Ordering::Relaxed);
            tell(sql);
        });
        let told: Counted = Arc::new(tell);
        let (requests, background, snapshots, durability) = if url.starts_with("sqlite:") {
            let pools = sqlite::open(url, settings.connections, &counted).await?;
            (pools.clone(), pools, Snapshots::of_file(url, &told)?, None)
        } else {
            let opened = postgres::open(url, settings, &counted, &told)?;
            (
                opened.requests,
                opened.background,
                opened.snapshots,
                Some(opened.durability),
            )
        };
        Ok(Self {
            requests,
            background,
            snapshots,
            durability,
            url: url.into(),
            patience: settings.acquire_within,
            statements,
        })
    }

    /// For queries outside a command. Cannot write.
    pub fn reader(&self, lane: Lane) -> &Reader {
        &self.pools(lane).reader
    }

    /// For reading much at one moment, in the background. Cannot write.
    pub async fn snapshot(&self) -> Result<Snapshot> {
        Ok(self.snapshots.open().await?)
    }

    pub fn backend(&self) -> DatabaseBackend {
        self.requests.reader.get_database_backend()
    }

    /// Whether processes of several machines may be at work on it.
    pub fn is_shared(&self) -> bool {
        self.backend() == DatabaseBackend::Postgres
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Closes every connection.
    pub async fn close(self) {
        if let Err(error) = self.snapshots.close().await {
            tracing::warn!(%error, "a connection did not close");
        }
        for pools in [self.requests, self.background] {
            for closed in [pools.writer.close().await, pools.reader.close().await] {
                if let Err(error) = closed {
                    tracing::warn!(%error, "a connection did not close");
                }
            }
        }
    }

    /// Statements sent by requests so far, for the tests that hold them to a fixed number.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    /// What time it is where the database is.
    pub async fn time(&self) -> Result<DateTime<Utc>> {
        let asked = Statement::from_string(self.backend(), "SELECT clock_timestamp()");
        let row = self.background.reader.query_one_raw(asked).await?;
        let row = row.ok_or_else(|| Error::internal("the database does not know the time"))?;
        Ok(row.try_get_by_index(0)?)
    }

    /// Opens a transaction that may write. For `command` alone, which the ban on this method protects.
    pub async fn begin(&self, lane: Lane) -> Result<Transaction> {
        Ok(self.pools(lane).writer.begin().await?)
    }

    /// As [`begin`](Self::begin), with a first statement, whose values are ids, and what it answers.
    pub async fn begin_with(&self, lane: Lane, first: Statement) -> Result<(Transaction, Vec<QueryResult>)> {
        Ok(self.pools(lane).writer.begin_with(first).await?)
    }

    /// As [`begin`](Self::begin), for what is one statement and so needs no transaction around it: it commits by itself.
    pub async fn alone(&self, lane: Lane) -> Result<Transaction> {
        Ok(self.pools(lane).writer.alone().await?)
    }

    /// To be had before [`begin`](Self::begin), for [`settle`](Self::settle).
    pub async fn promise(&self) -> Result<Option<Promise>> {
        match &self.durability {
            Some(durability) => Ok(Some(durability.promise().await?)),
            None => Ok(None),
        }
    }

    /// Waits until what was committed is on the disk, and notifies. An error means that whether it is there is not known.
    pub async fn settle(&self, promise: Option<Promise>, notifications: Vec<Notification>) -> Result<()> {
        match (&self.durability, promise) {
            (Some(durability), Some(promise)) => durability.flush(promise, notifications).await,
            _ => Ok(()),
        }
    }

    /// Brings the schema up to date. Replicas that do so at the same time wait for one another.
    pub async fn migrate(&self) -> Result<()> {
        match &self.requests.writer {
            Writer::Library(connection) => sqlite::migrate(connection).await,
            Writer::Kept(_) => postgres::migrate(&self.url).await,
        }
    }

    fn pools(&self, lane: Lane) -> &Pools {
        match lane {
            Lane::Requests => &self.requests,
            Lane::Background => &self.background,
        }
    }
}

/// Has what a connection of the library's sends counted.
fn count(connection: &mut DatabaseConnection, counted: &Counted) {
    let counted = counted.clone();
    connection.set_metric_callback(move |sent| counted(&sent.statement.sql));
}
