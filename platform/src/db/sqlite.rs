//! SQLite: a file, one writer, readers that cannot write.

use std::path::Path;
use std::str::FromStr;
use std::time::Duration;

use sea_orm::SqlxSqliteConnector;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use super::Pools;
use crate::error::{Error, Result};

const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

pub async fn open(url: &str, connections: u32) -> Result<Pools> {
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
    let writer = pool(options.clone(), 1).await.map_err(Error::unavailable)?;
    let reader = pool(options.pragma("query_only", "on"), connections.clamp(2, 16))
        .await
        .map_err(Error::unavailable)?;
    Ok(Pools {
        writer: SqlxSqliteConnector::from_sqlx_sqlite_pool(writer),
        reader: SqlxSqliteConnector::from_sqlx_sqlite_pool(reader),
    })
}
