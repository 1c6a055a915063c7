//! SQLite: a file, one writer, readers that cannot write.

use std::path::Path;
use std::str::FromStr;
use std::time::{Duration, Instant};

use migration::MigratorTrait;
use sea_orm::{
    DatabaseConnection, SqliteTransactionMode, SqlxSqliteConnector, TransactionOptions, TransactionTrait,
};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};

use super::writer::Writer;
use super::{Counted, Pools, Reader, count};
use crate::error::{Error, Result};

const BUSY_TIMEOUT: Duration = Duration::from_secs(30);
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(20);
/// "The database file is locked" (sqlite.org/rescode.html).
const SQLITE_BUSY: i32 = 5;

pub async fn open(url: &str, connections: u32, counted: &Counted) -> Result<Pools> {
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
    let writer = patiently(|| pool(options.clone(), 1)).await?;
    let reading = options.pragma("query_only", "on");
    let reader = patiently(|| pool(reading.clone(), connections.clamp(2, 16))).await?;
    let [writer, reader] = [writer, reader].map(|pool| {
        let mut connection = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
        count(&mut connection, counted);
        connection
    });
    Ok(Pools {
        writer: Writer::Library(writer),
        reader: Reader::of_library(reader),
    })
}

/// In one transaction, which waits for any other that writes: whoever comes second finds it done.
#[expect(clippy::disallowed_methods, reason = "migrations are no commands")]
pub async fn migrate(connection: &DatabaseConnection) -> Result<()> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = connection.begin_with_options(options).await?;
    migration::Migrator::up(&transaction, None).await?;
    Ok(transaction.commit().await?)
}

/// Opens as soon as it can be. Turning the write-ahead log on does not wait for others as everything else does: of several processes that make the file at
/// once, all but one are told at once that it is locked.
async fn patiently<F>(open: impl Fn() -> F) -> Result<SqlitePool>
where
    F: Future<Output = sqlx::Result<SqlitePool>>,
{
    let begun = Instant::now();
    loop {
        match open().await {
            Err(error) if is_locked(&error) && begun.elapsed() < BUSY_TIMEOUT => {
                tokio::time::sleep(LOOK_AGAIN_AFTER).await;
            }
            opened => return opened.map_err(Error::unavailable),
        }
    }
}

fn is_locked(error: &sqlx::Error) -> bool {
    let code = error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code);
    // The lowest byte of an extended code is the code.
    let code = code.and_then(|code| code.parse::<i32>().ok());
    code.is_some_and(|code| code & 0xff == SQLITE_BUSY)
}
