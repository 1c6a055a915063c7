//! Connections to PostgreSQL of our own keeping.
//!
//! The library's pool asks the server whether a connection is alive before each use and once more after it; a request takes a handful of statements that cost the
//! server less than such a question each, so that most of what it did was to answer those. Here a connection is tried out when it was not used for a
//! moment, and never used again when a statement or a transaction on it did not come to its end.

use std::collections::HashMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use deadpool::managed::{self, BuildError, Metrics, Object, PoolError, RecycleError, RecycleResult};
use sea_orm::sea_query::{Value, Values};
use sea_orm::{ConnAcquireErr, DbErr, ExecResult, QueryResult, RuntimeErr, Statement};
use sea_query_sqlx::SqlxValues;
use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::query::Query;
use sqlx::{AssertSqlSafe, Connection, Executor, Postgres};

use super::Counted;

/// A connection that was used a moment ago is used again without trying it out.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// So long a connection is used altogether, as the library's pool has it: what a server gathers for one is given up with it.
const LIVES_FOR: Duration = Duration::from_mins(30);

/// What a connection is first asked.
#[derive(Clone, Copy)]
enum First<'a> {
    Read(&'a Statement),
    Begin,
    BeginWith(&'a Statement),
}

pub struct Kept {
    connections: managed::Pool<Maker>,
    acquire_within: Duration,
    counted: Counted,
}

#[derive(Debug)]
pub struct Maker(PgConnectOptions);

/// One of the connections, for one statement or one transaction. Given back in the middle of either it is closed at once, so that the server ends what it holds:
/// whoever waited for a request may go away at any moment.
pub struct Lent(Option<Object<Maker>>);

impl Lent {
    fn was_used_before(&self) -> bool {
        let metrics = self.0.as_ref().map(Object::metrics);
        metrics.is_some_and(|metrics| metrics.recycle_count > 0)
    }

    fn is_broken(&self) -> bool {
        self.0.as_deref().is_none_or(|held| held.is_broken)
    }

    pub fn held(&mut self) -> Result<&mut Held, DbErr> {
        // It is there until this is dropped.
        self.0
            .as_deref_mut()
            .ok_or(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed))
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(held) = self.0.take()
            && held.is_in_the_middle()
        {
            drop(Object::take(held));
        }
    }
}

/// A connection, and how far it got.
#[derive(Debug)]
pub struct Held {
    connection: PgConnection,
    /// From the moment a statement is sent until all of its answer has come.
    is_in_a_statement: bool,
    is_in_a_transaction: bool,
    is_broken: bool,
    /// Statements that begin transactions, by their texts: what each is called here.
    beginnings: HashMap<String, String>,
}

impl managed::Manager for Maker {
    type Type = Held;
    type Error = sqlx::Error;

    async fn create(&self) -> sqlx::Result<Held> {
        Ok(Held {
            connection: PgConnection::connect_with(&self.0).await?,
            is_in_a_statement: false,
            is_in_a_transaction: false,
            is_broken: false,
            beginnings: HashMap::new(),
        })
    }

    async fn recycle(&self, held: &mut Held, metrics: &Metrics) -> RecycleResult<sqlx::Error> {
        if held.is_in_the_middle() {
            return Err(RecycleError::message("given back before it came to an end"));
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

impl Kept {
    /// Connects nothing yet.
    pub fn new(
        options: PgConnectOptions,
        most: u32,
        acquire_within: Duration,
        counted: Counted,
    ) -> Result<Self, BuildError> {
        let most = usize::try_from(most).unwrap_or(usize::MAX);
        let connections = managed::Pool::builder(Maker(options)).max_size(most).build()?;
        Ok(Self {
            connections,
            acquire_within,
            counted,
        })
    }

    pub fn close(&self) {
        self.connections.close();
    }

    /// Has a statement counted.
    pub fn count(&self, sql: &str) {
        (self.counted)(sql);
    }

    /// Runs a statement that may as well be run twice.
    pub async fn rows(&self, statement: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.count(&statement.sql);
        Ok(self.again(First::Read(statement)).await?.0)
    }

    /// A connection in a new transaction.
    pub async fn begin(&self) -> Result<Lent, DbErr> {
        Ok(self.again(First::Begin).await?.1)
    }

    /// The same, and what its first statement answers.
    pub async fn begin_with(&self, statement: &Statement) -> Result<(Vec<QueryResult>, Lent), DbErr> {
        self.count(&statement.sql);
        self.again(First::BeginWith(statement)).await
    }

    /// Reads, or begins a transaction. A connection that broke unnoticed since it was last used is replaced, and so is each after it: a server that was started anew has broken
    /// all of them.
    async fn again(&self, first: First<'_>) -> Result<(Vec<QueryResult>, Lent), DbErr> {
        loop {
            let mut lent = self.take().await?;
            let began = Instant::now();
            let held = lent.held()?;
            let answered = match first {
                First::Read(statement) => held.rows(statement.clone()).await,
                First::Begin => held.begin().await.map(|()| Vec::new()),
                First::BeginWith(statement) => held.begin_with(statement).await,
            };
            match answered {
                Ok(rows) => return Ok((rows, lent)),
                // What is said at once was said before anything was asked; a statement that somebody ended under way is not begun again. A broken connection is
                // never used again, so that this comes to its end with a new one.
                Err(_) if lent.was_used_before() && lent.is_broken() && began.elapsed() < TRUSTED_FOR => {}
                Err(error) => return Err(error),
            }
        }
    }

    pub async fn take(&self) -> Result<Lent, DbErr> {
        match tokio::time::timeout(self.acquire_within, self.connections.get()).await {
            Ok(Ok(held)) => Ok(Lent(Some(held))),
            Ok(Err(PoolError::Backend(error))) => Err(DbErr::Conn(RuntimeErr::SqlxError(error.into()))),
            Ok(Err(PoolError::Closed)) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed)),
            Ok(Err(_)) | Err(_) => Err(DbErr::ConnectionAcquire(ConnAcquireErr::Timeout)),
        }
    }
}

impl Held {
    fn is_in_the_middle(&self) -> bool {
        self.is_in_a_statement || self.is_in_a_transaction || self.is_broken
    }

    pub async fn rows(&mut self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.is_in_a_statement = true;
        let answered = query(statement).fetch_all(&mut self.connection).await;
        let rows = self.ended(answered).map_err(DbErr::Query)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    pub async fn execute(&mut self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.is_in_a_statement = true;
        let answered = query(statement).execute(&mut self.connection).await;
        self.ended(answered).map(ExecResult::from).map_err(DbErr::Exec)
    }

    /// Without preparing it.
    pub async fn execute_unprepared(&mut self, sql: &str) -> Result<ExecResult, DbErr> {
        self.is_in_a_statement = true;
        let answered = self.connection.execute(AssertSqlSafe(sql)).await;
        self.ended(answered).map(ExecResult::from).map_err(DbErr::Exec)
    }

    async fn begin(&mut self) -> Result<(), DbErr> {
        self.is_in_a_transaction = true;
        self.execute_unprepared("BEGIN").await.map(drop)
    }

    /// Begins and runs the first statement in one round trip. The protocol takes several statements at once only as text and without values; so the statement is
    /// prepared under a name, and its values, which must be ids, are written out.
    async fn begin_with(&mut self, first: &Statement) -> Result<Vec<QueryResult>, DbErr> {
        let Some(ids) = written_out(first) else {
            self.begin().await?;
            return self.rows(first.clone()).await;
        };
        let name = match self.beginnings.get(&first.sql) {
            Some(known) => known.clone(),
            None => {
                let name = format!("beginning_{}", self.beginnings.len());
                let prepare = format!("PREPARE {name} AS {}", first.sql);
                self.execute_unprepared(&prepare).await?;
                self.beginnings.insert(first.sql.clone(), name.clone());
                name
            }
        };
        let sql = format!("BEGIN; EXECUTE {name} ({ids})");
        (self.is_in_a_statement, self.is_in_a_transaction) = (true, true);
        let answered = self.connection.fetch_all(AssertSqlSafe(sql)).await;
        let rows = self.ended(answered).map_err(DbErr::Query)?;
        Ok(rows.into_iter().map(QueryResult::from).collect())
    }

    /// Ends the transaction, if it is in one: by `COMMIT` or `ROLLBACK`.
    pub async fn end(&mut self, how: &'static str) -> Result<(), DbErr> {
        if self.is_in_a_transaction {
            self.execute_unprepared(how).await?;
            self.is_in_a_transaction = false;
        }
        Ok(())
    }

    /// What the server refused has come to its end, too.
    fn ended<T>(&mut self, answered: sqlx::Result<T>) -> Result<T, RuntimeErr> {
        self.is_in_a_statement = !matches!(answered, Ok(_) | Err(sqlx::Error::Database(_)));
        self.is_broken = answered.as_ref().is_err_and(is_broken);
        answered.map_err(|error| RuntimeErr::SqlxError(error.into()))
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

/// The values of a statement as text, if all of them are ids: those need no quoting that could go wrong.
fn written_out(statement: &Statement) -> Option<String> {
    let mut text = String::new();
    for value in statement.values.iter().flat_map(|values| &values.0) {
        let Value::Uuid(Some(id)) = value else {
            return None;
        };
        let comma = if text.is_empty() { "" } else { ", " };
        // Writing into a string does not fail.
        let _ = write!(text, "{comma}'{id}'");
    }
    (!text.is_empty()).then_some(text)
}

fn query(statement: Statement) -> Query<'static, Postgres, SqlxValues> {
    let values = statement.values.unwrap_or(Values(Vec::new()));
    sqlx::query_with(AssertSqlSafe(statement.sql), SqlxValues(values))
}
