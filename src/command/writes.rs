//! What a command may do to rows.

use std::sync::atomic::Ordering;

use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DeleteMany, EntityTrait, FromQueryResult,
    IntoActiveModel, Statement, UpdateMany,
};
use uuid::Uuid;

use super::Work;
use super::counters::{Change, Counters};
use super::ledger::Ledger;
use crate::error::{Refusal, Result};
use crate::platform::db::PLANNED;

/// Most items of a list that a plan is kept for: as many as a call takes.
const PLANNED_FOR: usize = 200;

impl Work {
    /// For reading what this transaction sees, whatever was written in it.
    pub fn reader(&self) -> &Ledger {
        &self.ledger
    }

    /// Inserts rows, in as few statements as can be. One that may not be there fails the command, now or before it is committed.
    pub async fn insert<A>(&self, rows: Vec<A>) -> Result<()>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        self.note(rows.len());
        self.ledger.insert(rows, None, false).await
    }

    /// As [`insert`](Self::insert), doing about rows that are there already what `conflict` says.
    pub async fn insert_or<A>(&self, rows: Vec<A>, conflict: OnConflict) -> Result<()>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        self.note(rows.len());
        self.ledger.insert(rows, Some(conflict), false).await
    }

    /// As [`insert_or`](Self::insert_or), for who has to know afterwards which rows were inserted ([`when_durable`](Self::when_durable)). Only on PostgreSQL.
    pub async fn insert_noted<A>(&self, rows: Vec<A>, conflict: OnConflict) -> Result<()>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        self.note(rows.len());
        self.ledger.insert(rows, Some(conflict), true).await
    }

    /// As [`insert_or`](Self::insert_or), at once. Answers how many were inserted.
    pub async fn insert_new<A>(&self, rows: Vec<A>, conflict: OnConflict) -> Result<u64>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        let inserted = self.ledger.insert_now(rows, Some(conflict)).await?;
        Ok(self.noted(inserted))
    }

    /// Changes a row's counters by so much, one number for each. Where they would pass their limit, the command is refused as `otherwise` says.
    pub async fn count(
        &self,
        counters: &'static Counters,
        account_id: Uuid,
        id: Uuid,
        by: Vec<i32>,
        otherwise: Option<Refusal>,
    ) -> Result<()> {
        self.note(1);
        let change = Change { id, by, otherwise };
        self.ledger.count(counters, account_id, change).await
    }

    /// Runs an update and answers how many rows it changed.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn update<E: EntityTrait>(&self, update: UpdateMany<E>) -> Result<u64> {
        Ok(self.noted(update.exec(&self.ledger).await?.rows_affected))
    }

    /// Runs an update and answers the rows as they are afterwards.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn update_returning<E: EntityTrait>(&self, update: UpdateMany<E>) -> Result<Vec<E::Model>> {
        let rows = update.exec_with_returning(&self.ledger).await?;
        self.note(rows.len());
        Ok(rows)
    }

    /// Runs a delete and answers how many rows went.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn delete<E: EntityTrait>(&self, delete: DeleteMany<E>) -> Result<u64> {
        Ok(self.noted(delete.exec(&self.ledger).await?.rows_affected))
    }

    /// Runs a statement that no query builder says well, and answers how many rows it changed.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn execute(&self, statement: Statement) -> Result<u64> {
        use sea_orm::ConnectionTrait;
        Ok(self.noted(self.ledger.execute_raw(statement).await?.rows_affected()))
    }

    /// Runs a statement that answers rows.
    pub async fn fetch<R: FromQueryResult>(&self, statement: Statement) -> Result<Vec<R>> {
        let is_change = !statement.sql.starts_with("SELECT");
        let rows = R::find_by_statement(statement).all(&self.ledger).await?;
        if is_change {
            self.note(rows.len());
        }
        Ok(rows)
    }

    /// The same for a statement that has lists of so many `items`. What is kept of its plan is good for the few that a click is about. Of hundreds it may compare each
    /// row of an account with each item, if the account was empty when it was made: a file that fills an account would become slower with each batch.
    pub async fn fetch_listed<R: FromQueryResult>(
        &self,
        statement: Statement,
        items: usize,
    ) -> Result<Vec<R>> {
        if self.backend() != DatabaseBackend::Postgres || items <= PLANNED_FOR {
            return self.fetch(statement).await;
        }
        self.plan("force_custom_plan").await?;
        let rows = self.fetch(statement).await?;
        self.plan(PLANNED).await?;
        Ok(rows)
    }

    /// How statements of this transaction are planned from here on.
    async fn plan(&self, mode: &str) -> Result<()> {
        let sql = "SELECT set_config('plan_cache_mode', $1, true)";
        let statement = Statement::from_sql_and_values(self.backend(), sql, [mode.into()]);
        self.ledger.query_one_raw(statement).await?;
        Ok(())
    }

    /// So many rows were written.
    fn noted(&self, rows: u64) -> u64 {
        self.written.fetch_add(rows, Ordering::Relaxed);
        rows
    }

    fn note(&self, rows: usize) {
        self.noted(u64::try_from(rows).unwrap_or(u64::MAX));
    }
}
