//! The words in which PostgreSQL and SQLite differ.

use sea_orm_migration::prelude::{DbErr, SchemaManager};
use sea_orm_migration::sea_orm::{ConnectionTrait, DatabaseBackend};

const WORDS: [(&str, &str, &str); 8] = [
    ("{uuid}", "uuid", "uuid_blob"),
    ("{time}", "timestamptz", "timestamp_with_timezone_text"),
    ("{date}", "date", "date_text"),
    ("{json}", "jsonb", "jsonb_text"),
    ("{bytes}", "bytea", "blob"),
    ("{no_bytes}", "''", "x''"),
    ("{bool}", "boolean", "boolean"),
    // Text is compared byte by byte on both, so that a keyset page has one order everywhere.
    ("{text}", "text COLLATE \"C\"", "text"),
];

/// Runs statements separated by lines that hold only `;;`.
pub async fn run(manager: &SchemaManager<'_>, script: &str) -> Result<(), DbErr> {
    let postgres = manager.get_database_backend() == DatabaseBackend::Postgres;
    for statement in script
        .split("\n;;")
        .map(str::trim)
        .filter(|statement| !statement.is_empty())
    {
        let mut sql = statement.to_owned();
        for (word, on_postgres, on_sqlite) in WORDS {
            sql = sql.replace(word, if postgres { on_postgres } else { on_sqlite });
        }
        #[expect(clippy::disallowed_methods, reason = "migrations are no commands")]
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

/// As [`run`], for what only one of the two can say.
pub async fn run_on(
    manager: &SchemaManager<'_>,
    backend: DatabaseBackend,
    script: &str,
) -> Result<(), DbErr> {
    if manager.get_database_backend() == backend {
        run(manager, script).await
    } else {
        Ok(())
    }
}
