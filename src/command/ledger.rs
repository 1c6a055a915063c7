//! The transaction of a [`Work`](super::Work), and what waits to be written in it.
//!
//! On PostgreSQL a statement is a round trip, and what it costs there and here is more than what it does. So rows to be inserted and counters to be changed
//! wait, and go out together as one statement: before anything else is written, before anything is read in whose statement a table of theirs is named,
//! and at the latest before the commit. Whoever reads through the ledger therefore reads what was written, and need not know of any of
//! this. On SQLite, where a statement is a call, everything is written at once.

mod statement;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DbErr, EntityTrait, ExecResult, IntoActiveModel,
    QueryResult, Statement, TryInsertResult,
};
use uuid::Uuid;

use super::counters::{self, Change, Changes, Counters};
use super::rows::Rows;
use crate::error::{Error, Result};
use crate::platform::db::Transaction;
use statement::statement;

/// The most values one statement of SQLite may bind.
const MOST_VALUES: usize = 32_000;

/// A transaction that knows what it still has to write.
pub struct Ledger {
    transaction: Transaction,
    waiting: Mutex<Waiting>,
    has_written: AtomicBool,
    noted: Mutex<HashSet<Uuid>>,
    /// Whether each statement commits by itself, so that there can be one only.
    is_alone: bool,
    /// Why the database was asked nothing more, where it is not the database that said so.
    refused: Mutex<Option<Error>>,
}

#[derive(Default)]
struct Waiting {
    rows: Vec<Rows>,
    changes: Vec<Changes>,
}

impl Waiting {
    fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.changes.is_empty()
    }

    /// A table can be named in a statement by nothing but its name: no view or function hides one.
    fn concerns(&self, sql: &str) -> bool {
        let mut tables = self.rows.iter().map(|rows| rows.table);
        let mut counted = self.changes.iter().map(|changes| changes.counters.table);
        tables.any(|table| sql.contains(table)) || counted.any(|table| sql.contains(table))
    }
}

impl Ledger {
    pub fn new(transaction: Transaction) -> Self {
        Self {
            transaction,
            waiting: Mutex::default(),
            has_written: AtomicBool::new(false),
            noted: Mutex::default(),
            is_alone: false,
            refused: Mutex::default(),
        }
    }

    /// For one statement.
    pub fn alone(connection: Transaction) -> Self {
        Self {
            is_alone: true,
            ..Self::new(connection)
        }
    }

    /// The ids of rows that were inserted, as far as they were to be noted.
    pub fn noted(&self) -> HashSet<Uuid> {
        std::mem::take(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub async fn commit(self) -> Result<()> {
        Ok(self.transaction.commit().await?)
    }

    pub async fn rollback(self) -> Result<(), DbErr> {
        self.transaction.rollback().await
    }

    /// The error that a command failed with: if what waited was refused, that.
    pub fn explained(&self, error: Error) -> Error {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner).take();
        refused.unwrap_or(error)
    }

    /// Inserts rows; those that `conflict` says are there already are dealt with as it says. The ids of those that were inserted can be [noted](Self::noted).
    pub async fn insert<A>(&self, rows: Vec<A>, conflict: Option<OnConflict>, is_noted: bool) -> Result<()>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        if rows.is_empty() {
            return Ok(());
        }
        if !self.is_patient() {
            self.insert_now(rows, conflict).await?;
            return Ok(());
        }
        let mut rows = Rows::of(&rows, conflict)?;
        rows.are_noted = is_noted;
        // One statement sees none of its own rows: what is about the same table in another way has to be there before.
        let is_in_the_way = {
            let waiting = self.waiting();
            let others = waiting.rows.iter().filter(|others| !others.goes_with(&rows));
            others.map(|others| others.table).any(|table| table == rows.table)
                || waiting
                    .changes
                    .iter()
                    .any(|changes| changes.counters.table == rows.table)
        };
        if is_in_the_way {
            self.send().await?;
        }
        let mut waiting = self.waiting();
        match waiting.rows.iter_mut().find(|others| others.goes_with(&rows)) {
            Some(others) => others.append(rows),
            None => waiting.rows.push(rows),
        }
        Ok(())
    }

    /// Inserts rows and answers how many there were of them that were not there already.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn insert_now<A>(&self, rows: Vec<A>, conflict: Option<OnConflict>) -> Result<u64>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        if rows.is_empty() {
            return Ok(0);
        }
        if self.is_patient() {
            let (mut sql, mut values) = (String::new(), Vec::new());
            Rows::of(&rows, conflict)?.insert(&mut sql, &mut values)?;
            let statement = Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values);
            return Ok(self.execute_raw(statement).await?.rows_affected());
        }
        let mut inserted = 0;
        for chunk in chunks::<A>(rows) {
            let insert = A::Entity::insert_many(chunk);
            inserted += match conflict.clone() {
                None => insert.exec_without_returning(&self.transaction).await?,
                Some(conflict) => {
                    let insert = insert.on_conflict(conflict).try_insert();
                    match insert.exec_without_returning(&self.transaction).await? {
                        TryInsertResult::Inserted(count) => count,
                        _ => 0,
                    }
                }
            };
        }
        Ok(inserted)
    }

    /// Changes counters. When they would pass their limit, the command is refused: now or before it is committed.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn count(&self, counters: &'static Counters, account_id: Uuid, change: Change) -> Result<()> {
        if !self.is_patient() {
            let (mut sql, mut values) = (String::new(), Vec::new());
            counters::update_one(counters, account_id, &change, &mut sql, &mut values);
            let update = Statement::from_sql_and_values(DatabaseBackend::Sqlite, sql, values);
            let changed = self.transaction.execute_raw(update).await?.rows_affected();
            return if changed == 1 { Ok(()) } else { Err(passed(change)) };
        }
        if self
            .waiting()
            .rows
            .iter()
            .any(|rows| rows.table == counters.table)
        {
            self.send().await?;
        }
        let mut waiting = self.waiting();
        let known = waiting
            .changes
            .iter_mut()
            .find(|changes| std::ptr::eq(changes.counters, counters) && changes.account_id == account_id);
        match known {
            Some(changes) => changes.add(change),
            None => {
                let mut changes = Changes::new(counters, account_id);
                changes.add(change);
                waiting.changes.push(changes);
            }
        }
        Ok(())
    }

    /// Writes what waits.
    pub async fn write(&self) -> Result<()> {
        self.send().await.map_err(|error| self.explained(error.into()))
    }

    /// Whether there is anything to be lost.
    pub fn has_written(&self) -> bool {
        self.has_written.load(Ordering::Relaxed)
    }

    async fn send(&self) -> Result<(), DbErr> {
        let waiting = std::mem::take(&mut *self.waiting());
        if waiting.is_empty() {
            return Ok(());
        }
        self.writes()?;
        let noted: Vec<usize> = (0..waiting.rows.len())
            .filter(|place| waiting.rows[*place].are_noted)
            .collect();
        let (sql, values) = statement(waiting.rows, &waiting.changes).map_err(|error| self.refuse(error))?;
        let statement = Statement::from_sql_and_values(DatabaseBackend::Postgres, sql, values);
        let answer = self.transaction.query_one_raw(statement).await?;
        let answer =
            answer.ok_or_else(|| DbErr::Custom("a statement that writes answered nothing".into()))?;
        for place in noted {
            let inserted: Vec<Uuid> = answer.try_get("", &format!("r{place}"))?;
            self.noted
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .extend(inserted);
        }
        for (place, changes) in waiting.changes.into_iter().enumerate() {
            let changed: Vec<Uuid> = answer.try_get("", &format!("c{place}"))?;
            if let Some(missing) = changes.missing(&changed) {
                return Err(self.refuse(passed(missing)));
            }
        }
        Ok(())
    }

    fn writes(&self) -> Result<(), DbErr> {
        let has_written = self.has_written.swap(true, Ordering::Relaxed);
        if has_written && self.is_alone {
            return Err(DbErr::Custom("a second statement needs a transaction".into()));
        }
        Ok(())
    }

    /// Keeps why nothing was written, for [`explained`](Self::explained): an error of the database cannot say it.
    fn refuse(&self, error: Error) -> DbErr {
        *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        DbErr::Custom("what waited to be written was refused".into())
    }

    /// Whether what can wait does.
    fn is_patient(&self) -> bool {
        self.get_database_backend() == DatabaseBackend::Postgres
    }

    /// What reads writes first what it may be about; what writes, everything: its keys may refer to any of it.
    async fn before(&self, sql: &str) -> Result<(), DbErr> {
        let is_reading = sql.starts_with("SELECT");
        if !is_reading {
            self.writes()?;
        }
        let is_due = {
            let waiting = self.waiting();
            !waiting.is_empty() && (!is_reading || waiting.concerns(sql))
        };
        if is_due { self.send().await } else { Ok(()) }
    }

    /// A panic elsewhere cannot have left half a row, so a poisoned lock is as good as any.
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait::async_trait]
#[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
impl ConnectionTrait for Ledger {
    fn get_database_backend(&self) -> DatabaseBackend {
        self.transaction.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.before(&statement.sql).await?;
        self.transaction.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.before(sql).await?;
        self.transaction.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.before(&statement.sql).await?;
        self.transaction.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.before(&statement.sql).await?;
        self.transaction.query_all_raw(statement).await
    }
}

/// A counter's row is not there, or it would pass its limit.
fn passed(change: Change) -> Error {
    match change.otherwise {
        Some(refusal) => refusal.into(),
        None => Error::internal("a counter's row is gone"),
    }
}

/// Cuts rows into lists small enough for one statement.
fn chunks<A: ActiveModelTrait>(rows: Vec<A>) -> impl Iterator<Item = Vec<A>> {
    use sea_orm::Iterable;
    let columns = <A::Entity as EntityTrait>::Column::iter().count().max(1);
    let size = MOST_VALUES / columns;
    let mut rows = rows.into_iter();
    std::iter::from_fn(move || {
        let chunk: Vec<A> = rows.by_ref().take(size).collect();
        (!chunk.is_empty()).then_some(chunk)
    })
}
