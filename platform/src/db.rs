//! The database: PostgreSQL or a SQLite file, behind one face.
//!
//! There are two pools. Readers cannot write: SQLite opens them `query_only`, PostgreSQL makes their transactions read-only. The writer belongs to the
//! door (`command`) alone. SQLite has one writer connection and every transaction on it begins `IMMEDIATE`, so two processes on one file wait for each
//! other instead of failing half-way.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use migration::MigratorTrait;
use sea_orm::{
    DatabaseBackend, DatabaseConnection, DatabaseTransaction, SqliteTransactionMode, SqlxPostgresConnector,
    SqlxSqliteConnector, TransactionOptions, TransactionTrait,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::error::{Error, Result};

/// Who migrates takes this PostgreSQL advisory lock, so that replicas that start together take turns. The number is the project's own.
const MIGRATION_LOCK: i64 = 0x006d_7573_7465_7201;
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(10);

#[derive(Clone, Debug)]
pub struct Db {
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    url: Arc<str>,
    statements: Arc<AtomicU64>,
}

impl Db {
    /// Opens `postgres://…` or `sqlite://path`; the SQLite file is made when absent.
    pub async fn connect(url: &str, max_connections: u32) -> Result<Self> {
        let (mut writer, mut reader) = if url.starts_with("sqlite:") {
            connect_sqlite(url, max_connections).await?
        } else {
            connect_postgres(url, max_connections).await?
        };
        let statements = Arc::new(AtomicU64::new(0));
        for connection in [&mut writer, &mut reader] {
            let statements = statements.clone();
            connection.set_metric_callback(move |_| {
                statements.fetch_add(1, Ordering::Relaxed);
            });
        }
        Ok(Self {
            writer,
            reader,
            url: url.into(),
            statements,
        })
    }

    /// For queries outside a command. Cannot write.
    pub fn reader(&self) -> &DatabaseConnection {
        &self.reader
    }

    pub fn backend(&self) -> DatabaseBackend {
        self.reader.get_database_backend()
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    /// Closes every connection.
    pub async fn close(self) {
        for connection in [self.writer, self.reader] {
            if let Err(error) = connection.close().await {
                tracing::warn!(%error, "a connection did not close");
            }
        }
    }

    /// Statements sent so far, for the tests that hold requests to a fixed number of them.
    pub fn statements(&self) -> u64 {
        self.statements.load(Ordering::Relaxed)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "called by the door only, which is what the ban protects"
    )]
    /// Opens a transaction that may write. For `command` alone, which the ban on this method protects.
    pub async fn begin(&self) -> Result<DatabaseTransaction> {
        let options = TransactionOptions {
            sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        Ok(self.writer.begin_with_options(options).await?)
    }

    /// Brings the schema up to date. Replicas that do so at the same time wait for one another.
    #[expect(clippy::disallowed_methods, reason = "migrations run before the door exists")]
    pub async fn migrate(&self) -> Result<()> {
        if self.backend() == DatabaseBackend::Postgres {
            return self.migrate_postgres().await;
        }
        // One transaction, which waits for any other that writes: whoever comes second finds it done.
        let transaction = self.begin().await?;
        migration::Migrator::up(&transaction, None).await?;
        transaction.commit().await?;
        Ok(())
    }

    async fn migrate_postgres(&self) -> Result<()> {
        let single = PgPoolOptions::new()
            .max_connections(1)
            .connect(&self.url)
            .await
            .map_err(unavailable)?;
        let connection = SqlxPostgresConnector::from_sqlx_postgres_pool(single.clone());
        sqlx::query("SELECT pg_advisory_lock($1)")
            .bind(MIGRATION_LOCK)
            .execute(&single)
            .await
            .map_err(Error::internal)?;
        // The lock goes with the connection, whatever the migration answers.
        let migrated = migration::Migrator::up(&connection, None).await;
        single.close().await;
        Ok(migrated?)
    }
}

async fn connect_postgres(
    url: &str,
    max_connections: u32,
) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let options = PgConnectOptions::from_str(url)
        .map_err(Error::internal)?
        .application_name("muster");
    let pool = |options: PgConnectOptions, most: u32| {
        PgPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options)
    };
    let read_only = options.clone().options([("default_transaction_read_only", "on")]);
    let half = (max_connections / 2).max(1);
    let writer = pool(options, half).await.map_err(unavailable)?;
    let reader = pool(read_only, half).await.map_err(unavailable)?;
    Ok((
        SqlxPostgresConnector::from_sqlx_postgres_pool(writer),
        SqlxPostgresConnector::from_sqlx_postgres_pool(reader),
    ))
}

async fn connect_sqlite(url: &str, max_connections: u32) -> Result<(DatabaseConnection, DatabaseConnection)> {
    let options = SqliteConnectOptions::from_str(url)
        .map_err(Error::internal)?
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY_TIMEOUT)
        .pragma("cache_size", "-32000")
        .pragma("temp_store", "memory");
    if let Some(folder) = options
        .get_filename()
        .parent()
        .filter(|folder| *folder != Path::new(""))
    {
        std::fs::create_dir_all(folder).map_err(Error::internal)?;
    }
    let pool = |options: SqliteConnectOptions, most: u32| {
        SqlitePoolOptions::new()
            .max_connections(most)
            .acquire_timeout(BUSY_TIMEOUT)
            .connect_with(options)
    };
    let writer = pool(options.clone(), 1).await.map_err(unavailable)?;
    let reader = pool(options.pragma("query_only", "on"), max_connections.clamp(2, 16))
        .await
        .map_err(unavailable)?;
    Ok((
        SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
        SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
    ))
}

fn unavailable(error: sqlx::Error) -> Error {
    Error::Unavailable(Box::new(error))
}
