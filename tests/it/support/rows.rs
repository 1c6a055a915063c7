//! The database itself, seen and changed without commands: what tests hold the system's word against.

use std::collections::BTreeMap;
use std::time::Duration;

use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement};
use uuid::Uuid;

use super::directories::note_forced;
use super::{Database, House};

/// All rows of all tables as text, table by table.
pub type Rows = BTreeMap<String, Vec<String>>;

/// Tables in which things happen by themselves: who is signed in, what the platform does for itself once a minute, and what migrations ran.
const RESTLESS: [&str; 4] = ["sessions", "sign_in_attempts", "chores", "seaql_migrations"];
/// As long as the server waits. On a disk that stalls for a moment, whoever writes holds the file for longer than the five seconds of the library.
const SQLITE_WAITS: Duration = Duration::from_secs(30);

impl House {
    /// A connection of the test's own, which may do anything the database allows.
    pub async fn connection(&self) -> DatabaseConnection {
        let mut options = ConnectOptions::new(&self.database_url);
        options.map_sqlx_sqlite_opts(|sqlite| sqlite.busy_timeout(SQLITE_WAITS));
        sea_orm::Database::connect(options).await.unwrap()
    }

    /// Everything that is stored, but for sessions.
    pub async fn everything(&self) -> Rows {
        let connection = self.connection().await;
        let mut rows = Rows::new();
        for table in tables(&connection).await {
            if !RESTLESS.contains(&table.as_str()) {
                rows.insert(table.clone(), as_text(&connection, self.database, &table).await);
            }
        }
        connection.close().await.unwrap();
        rows
    }

    /// Everything that is stored once the mails are out, but for the audit log: what a refused call must leave alone.
    pub async fn settled(&self) -> Rows {
        self.settle_mails().await;
        let mut rows = self.everything().await;
        for table in ["audit_events", "audit_chains", "audit_targets"] {
            rows.remove(table);
        }
        rows
    }

    /// Writes past all rules but the database's own.
    pub async fn force(&self, sql: &str) -> Result<u64, DbErr> {
        let connection = self.connection().await;
        let done = force(&connection, sql).await;
        connection.close().await.unwrap();
        done
    }

    /// The one number a statement answers.
    pub async fn number(&self, sql: &str) -> i64 {
        let connection = self.connection().await;
        let row = query(&connection, sql).await.pop().unwrap();
        connection.close().await.unwrap();
        row.try_get_by_index(0).unwrap()
    }

    /// A time as SQL writes it.
    pub fn literal_time(time: chrono::DateTime<chrono::Utc>) -> String {
        format!("'{}'", time.to_rfc3339())
    }

    /// An id as SQL writes it.
    pub fn literal(&self, id: Uuid) -> String {
        match self.database {
            Database::Sqlite => format!("x'{}'", id.simple()),
            Database::Postgres => format!("'{id}'::uuid"),
        }
    }
}

/// All tables, in order.
pub async fn tables(connection: &DatabaseConnection) -> Vec<String> {
    let sql = match connection.get_database_backend() {
        sea_orm::DatabaseBackend::Sqlite => {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        }
        _ => {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name"
        }
    };
    texts(connection, sql).await
}

/// The columns of a table, in order.
pub async fn columns(connection: &DatabaseConnection, table: &str) -> Vec<String> {
    let sql = match connection.get_database_backend() {
        sea_orm::DatabaseBackend::Sqlite => {
            format!("SELECT name FROM pragma_table_info('{table}') ORDER BY name")
        }
        _ => format!(
            "SELECT column_name::text FROM information_schema.columns WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY column_name COLLATE \"C\""
        ),
    };
    texts(connection, &sql).await
}

/// Rows of one column of text.
pub async fn texts<C: ConnectionTrait>(connection: &C, sql: &str) -> Vec<String> {
    let rows = query(connection, sql).await;
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

pub async fn query<C: ConnectionTrait>(connection: &C, sql: &str) -> Vec<QueryResult> {
    let statement = Statement::from_string(connection.get_database_backend(), sql);
    connection
        .query_all_raw(statement)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// Writes past all rules but the database's own.
#[expect(
    clippy::disallowed_methods,
    reason = "shows what the database refuses by itself"
)]
pub async fn force(connection: &DatabaseConnection, sql: &str) -> Result<u64, DbErr> {
    note_forced(sql);
    let done = connection.execute_unprepared(sql).await?;
    Ok(done.rows_affected())
}

/// The rows of a table as text, all columns in one.
pub async fn as_text(connection: &DatabaseConnection, database: Database, table: &str) -> Vec<String> {
    let row = match database {
        Database::Postgres => "t::text".to_owned(),
        Database::Sqlite => {
            let columns = columns(connection, table).await;
            let quoted: Vec<String> = columns.iter().map(|column| format!("quote({column})")).collect();
            quoted.join(" || ',' || ")
        }
    };
    texts(connection, &format!("SELECT {row} FROM {table} t ORDER BY 1")).await
}
