//! Reading, outside a transaction.
//!
//! On PostgreSQL over connections of our own keeping. The library's pool asks the server whether a connection is alive before each use and once more after it; a
//! request reads with three or four statements that take the server less than such a question each, so that most of what it did was to answer those.
//! Here a connection is tried out when it was not used for a moment, and never used again when a statement on it did not come to its end.

use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use deadpool::managed::{self, BuildError, Metrics, Object, PoolError, RecycleError, RecycleResult};
use sea_orm::sea_query::Values;
use sea_orm::{
    ConnAcquireErr, ConnectionTrait, DatabaseBackend, DatabaseConnection, DbErr, ExecResult, QueryResult,
    RuntimeErr, Statement,
};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Connection};

use super::Counted;

/// A connection that was used a moment ago is used again without trying it out.
const TRUSTED_FOR: Duration = Duration::from_millis(500);

/// So long a connection is used altogether, as the library's pool has it: what a server gathers for one is given up with it.
const LIVES_FOR: Duration = Duration::from_mins(30);

/// Reads; whatever would write is refused.
#[derive(Clone)]
pub struct Reader(Kind);

#[derive(Clone)]
enum Kind {
    /// In process, by the library's own pool.
    Library(DatabaseConnection),
    Kept(Arc<Kept>),
}

struct Kept {
    connections: managed::Pool<Maker>,
    acquire_within: Duration,
    counted: Counted,
}

#[derive(Debug)]
struct Maker(PgConnectOptions);

#[derive(Debug)]
struct Held {
    connection: PgConnection,
    /// From the moment a statement is sent until all of its answer has come.
    is_in_a_statement: bool,
}

impl managed::Manager for Maker {
    type Type = Held;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<Held> {
        Ok(Held {
            connection: PgConnection::connect_with(&self.0).await?,
            is_in_a_statement: false,
        })
    }

    async fn recycle(&self, held: &mut Held, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if held.is_in_a_statement {
            return Err(RecycleError::message("given back in the middle of a statement"));
        }
        if metrics.age() > LIVES_FOR {
            return Err(RecycleError::message("old"));
        }
        if metrics.last_used() > TRUSTED_FOR {
            held.connection.ping().await?;
        }
        Ok(())
    }
}

impl Reader {
    pub(super) fn of_library(connection: DatabaseConnection) -> Self {
        Self(Kind::Library(connection))
    }

    /// Connects nothing yet.
    pub(super) fn kept(
        options: PgConnectOptions,
        most: u32,
        acquire_within: Duration,
        counted: Counted,
    ) -> Result<Self, BuildError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let connections = managed::Pool::builder(Maker(options)).max_size(most).build()?;
        Ok(Self(Kind::Kept(Arc::new(Kept {
            connections,
            acquire_within,
            counted,
        }))))
    }

    pub fn backend(&self) -> DatabaseBackend {
        self.get_database_backend()
    }

    pub(super) async fn close(self) -> Result<(), DbErr> {
        match self.0 {
            Kind::Library(connection) => connection.close().await,
            Kind::Kept(kept) => {
                kept.connections.close();
                Ok(())
            }
        }
    }
}

impl Kept {
    /// Runs a statement on a connection. One that broke unnoticed since it was last used is replaced, and so is each after it: a server that was started anew has
    /// broken all of them, and to read again does no harm.
    async fn rows(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        (self.counted)(&statement.sql);
        let answered = loop {
            let mut held = self.take().await?;
            let was_used = Object::metrics(&held).recycle_count > 0;
            let began = Instant::now();
            let answered = held.rows(statement).await;
            // What is said at once was said before anything was asked; a statement that somebody ended under way is not begun again. A broken connection is never used
            // again, so that this comes to its end with a new one.
            let was_broken = answered.as_ref().is_err_and(is_broken) && began.elapsed() < TRUSTED_FOR;
            if was_used && was_broken {
                continue;
            }
            break answered;
        };
        let rows = answered.map_err(|error| DbErr::Query(RuntimeErr::SqlxError(error.into())))?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    async fn take(&self) -> Result<Object<Maker>, DbErr> {
        match tokio::time::timeout(self.acquire_within, self.connections.get()).await {
            Ok(Ok(held)) => Ok(held),
            Ok(Err(PoolError::Backend(error))) => Err(DbErr::Conn(RuntimeErr::SqlxError(error.into()))),
            Ok(Err(PoolError::Closed)) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
            Ok(Err(_)) | Err(_) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }
}

impl Held {
    async fn rows(&mut self, statement: &Statement) -> sqlx::Result<Vec<PgRow>> {
        self.is_in_a_statement = true;
        let values = statement.values.clone().unwrap_or(Values(Vec::new()));
        let answered = sqlx::query_with(AssertSqlSafe(statement.sql.as_str()), SqlxValues(values))
            .fetch_all(&mut self.connection)
            .await;
        // What the server refused has come to its end, too.
        self.is_in_a_statement = match &answered {
            Ok(_) => false,
            Err(error) => !matches!(error, sqlx::Error::Database(_)) || is_broken(error),
        };
        answered
    }
}

/// Whether the connection is no more: it broke, or the server said that it ends it (class 57P of its errors: shut down, crashed, dropped).
fn is_broken(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| code.starts_with("57P")),
        _ => false,
    }
}

#[async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DatabaseBackend {
        match &self.0 {
            Kind::Library(connection) => connection.get_database_backend(),
            Kind::Kept(_) => DatabaseBackend::Postgres,
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
            Kind::Library(connection) => connection.query_one_raw(statement).await,
            Kind::Kept(kept) => Ok(kept.rows(&statement).await?.into_iter().next()),
        }
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        match &self.0 {
            Kind::Library(connection) => connection.query_all_raw(statement).await,
            Kind::Kept(kept) => kept.rows(&statement).await,
        }
    }
}

fn writes() -> DbErr {
    DbErr::Custom("what reads does not write".into())
}
