//! Reading at one moment: every statement sees the database as it was when the first one was asked, whatever is written meanwhile.
//!
//! For what reads much and long. It has connections of its own, so that neither requests nor the rest of the background wait for it, and as few of them as there are jobs side by
//! side. A snapshot keeps the server from clearing away what it still sees; so it must not last.

use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sea_orm::{
    ConnectionTrait, DatabaseBackend, DatabaseConnection, DatabaseTransaction, DbErr, ExecResult,
    QueryResult, SqliteTransactionMode, SqlxSqliteConnector, Statement, TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tokio::sync::Mutex;

use super::kept::{Kept, Lent};
use super::reader::writes;
use super::{Counted, count};
use crate::error::{Error, Result};

/// Snapshots that a process has open at the same time.
pub const AT_ONCE: u32 = 4;
/// Nobody waits for the answer.
const ACQUIRE_WITHIN: Duration = Duration::from_secs(10);
/// Pages of the file that SQLite keeps for each, in KiB: what is read once is not worth keeping.
const CACHE: &str = "-2000";

/// Opens snapshots.
#[derive(Clone)]
pub(super) enum Snapshots {
    /// In process, by the library's own pool.
    Library(DatabaseConnection),
    /// Connections whose every transaction is a snapshot.
    Kept(Arc<Kept>),
}

impl Snapshots {
    /// Of a SQLite file. Opens nothing yet.
    pub fn of_file(url: &str, counted: &Counted) -> Result<Self> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(Error::internal)?
            .pragma("cache_size", CACHE)
            .pragma("query_only", "on");
        let pool = SqlitePoolOptions::new()
            .max_connections(AT_ONCE)
            .acquire_timeout(ACQUIRE_WITHIN)
            .connect_lazy_with(options);
        let mut connection = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
        count(&mut connection, counted);
        Ok(Self::Library(connection))
    }

    /// The database as it is when the first statement is asked.
    #[expect(
        clippy::disallowed_methods,
        reason = "what reads at one moment is a transaction, and cannot write"
    )]
    pub async fn open(&self) -> Result<Snapshot, DbErr> {
        let kind = match self {
            Self::Library(connection) => {
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                    ..TransactionOptions::default()
                };
                Kind::Library(connection.begin_with_options(options).await?)
            }
            Self::Kept(kept) => Kind::Kept(kept.clone(), Mutex::new(kept.begin().await?)),
        };
        Ok(Snapshot(kind))
    }

    pub async fn close(self) -> Result<(), DbErr> {
        match self {
            Self::Library(connection) => connection.close().await,
            Self::Kept(kept) => {
                kept.close();
                Ok(())
            }
        }
    }
}

/// The database at one moment. Cannot write. Dropped, it is over.
pub struct Snapshot(Kind);

enum Kind {
    Library(DatabaseTransaction),
    Kept(Arc<Kept>, Mutex<Lent>),
}

impl Snapshot {
    pub fn backend(&self) -> DatabaseBackend {
        self.get_database_backend()
    }

    /// Gives the connection back.
    pub async fn close(self) -> Result<(), DbErr> {
        match self.0 {
            Kind::Library(transaction) => transaction.rollback().await,
            Kind::Kept(_, lent) => lent.into_inner().held()?.end("COMMIT").await,
        }
    }
}

#[async_trait]
impl ConnectionTrait for Snapshot {
    fn get_database_backend(&self) -> DatabaseBackend {
        match &self.0 {
            Kind::Library(transaction) => transaction.get_database_backend(),
            Kind::Kept(..) => DatabaseBackend::Postgres,
        }
    }

    async fn execute_raw(&self, _: Statement) -> Result<ExecResult, DbErr> {
        Err(writes())
    }

    async fn execute_unprepared(&self, _: &str) -> Result<ExecResult, DbErr> {
        Err(writes())
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        match &self.0 {
            Kind::Library(transaction) => transaction.query_one_raw(statement).await,
            Kind::Kept(..) => Ok(self.query_all_raw(statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Kind::Library(transaction) => transaction.query_all_raw(statement).await,
            Kind::Kept(kept, lent) => {
                kept.count(&statement.sql);
                lent.lock().await.held()?.rows(statement).await
            }
        }
    }
}
