//! An open transaction, and everything that commits with it.

use chrono::{DateTime, Utc};
use entity::account;
use entity::audit_event::AuditOutcome;
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseBackend, DatabaseTransaction, DeleteMany, EntityTrait,
    FromQueryResult, IntoActiveModel, QuerySelect, Statement, TryInsertResult, UpdateMany,
};
use serde::Serialize;
use uuid::Uuid;

use crate::access::rights::{self, Rights};
use crate::access::{self, Actor, Member};
use crate::app::App;
use crate::command::{Command, Record, rows};
use crate::error::{Error, Result};
use crate::platform::events::Wake;

/// The most values one statement of SQLite may bind.
const MOST_VALUES: usize = 32_000;

/// An open transaction with its actor and its time. Whatever is put into it, rows, jobs, mails or wakes, commits together or not at all.
pub struct Work {
    app: App,
    actor: Actor,
    now: DateTime<Utc>,
    transaction: DatabaseTransaction,
    wakes: Vec<Wake>,
    mails_written: usize,
    is_taken_back: bool,
    pub(super) outcome: AuditOutcome,
    pub(super) targets: Vec<String>,
    pub(super) changes: Vec<Change>,
}

/// One field with its value before and after, for the audit log.
#[derive(Clone, Debug, Serialize)]
pub struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl Work {
    /// Begins, locks the actor's account and looks at the actor anew: rights lost since the request was admitted are lost.
    ///
    /// Commands of one account take turns (`FOR NO KEY UPDATE` on PostgreSQL, one writer on SQLite). They last milliseconds, and in return
    /// no command ever sees another's half-done work, no two can deadlock, and every outcome told is the outcome stored.
    pub(super) async fn begin(app: &App, actor: &Actor) -> Result<Self> {
        let mut work = Self::begin_unchecked(app, actor).await?;
        let Some(member) = actor.member() else {
            return Ok(work);
        };
        let present = work
            .rights_under_lock(member)
            .await?
            .ok_or(Error::SessionExpired)?;
        let present = Member {
            role: present.role,
            plan: present.plan,
            view: present.view,
            ..member.clone()
        };
        work.actor = match work.actor {
            Actor::Import { import_id, .. } => Actor::Import {
                import_id,
                on_behalf_of: present,
            },
            Actor::ApiToken { token, .. } => Actor::ApiToken {
                token,
                on_behalf_of: present,
            },
            _ => Actor::Member(present),
        };
        Ok(work)
    }

    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub(super) async fn begin_unchecked(app: &App, actor: &Actor) -> Result<Self> {
        Ok(Self {
            app: app.clone(),
            actor: actor.clone(),
            now: app.clock().now(),
            transaction: app.db().begin(app.lane()).await?,
            wakes: Vec::new(),
            mails_written: 0,
            is_taken_back: false,
            outcome: AuditOutcome::Success,
            targets: Vec::new(),
            changes: Vec::new(),
        })
    }

    /// First the lock, then the look: a statement that waits for a lock answers with the rows of before it waited.
    async fn rights_under_lock(&self, member: &Member) -> Result<Option<Rights>> {
        if self.backend() == DatabaseBackend::Postgres {
            self.lock(member.account_id).await?;
        }
        let sql = rights::query("", "", "u.id = $2");
        let values = [member.account_id.into(), member.user_id.into()];
        let statement = Statement::from_sql_and_values(self.backend(), sql, values);
        Ok(Rights::find_by_statement(statement)
            .one(&self.transaction)
            .await?)
    }

    /// Locks an account for an actor who is not a member of one: somebody who accepts an invitation, the operator.
    pub async fn lock(&self, account_id: Uuid) -> Result<Option<account::Model>> {
        let mut query = account::Entity::find_by_id(account_id);
        if self.backend() == DatabaseBackend::Postgres {
            query = query.lock(LockType::NoKeyUpdate);
        }
        Ok(query.one(&self.transaction).await?)
    }

    /// Runs a command within this one: permitted and audited like any other, committed with the outer one.
    pub async fn run<C: Command>(&mut self, command: C) -> Result<C::Output> {
        access::permit(&self.actor, command.action())?;
        let outer = (
            std::mem::take(&mut self.targets),
            std::mem::take(&mut self.changes),
            std::mem::replace(&mut self.outcome, AuditOutcome::Success),
        );
        let output = command.apply(self).await?;
        if C::RECORD == Record::Audit {
            self.audit_applied(C::NAME).await?;
        }
        (self.targets, self.changes, self.outcome) = outer;
        Ok(output)
    }

    pub(super) async fn commit(mut self) -> Result<()> {
        if self.is_taken_back {
            self.rollback().await;
            return Ok(());
        }
        self.wakes.dedup();
        self.app.events().announce(&self.transaction, &self.wakes).await?;
        self.transaction.commit().await?;
        self.app.events().committed(self.wakes);
        Ok(())
    }

    pub(super) async fn rollback(self) {
        // A rollback that fails leaves a broken connection, and a broken connection rolls back.
        if let Err(error) = self.transaction.rollback().await {
            tracing::warn!(%error, "rollback failed");
        }
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The signed-in person who acts, or on whose behalf the system does, with the role of this moment.
    pub fn member(&self) -> Result<&Member> {
        self.actor.member().ok_or(Error::Unauthenticated)
    }

    /// The account of the acting member or identity provider.
    pub fn account_id(&self) -> Result<Uuid> {
        self.actor.account_id().ok_or(Error::Unauthenticated)
    }

    /// One moment for the whole command.
    pub fn now(&self) -> DateTime<Utc> {
        self.now
    }

    pub fn new_id(&self) -> Uuid {
        entity::ids::new(self.now)
    }

    pub fn backend(&self) -> DatabaseBackend {
        self.transaction.get_database_backend()
    }

    /// Has the whole transaction rolled back at its end, though the command has an answer to give.
    pub fn take_back(&mut self) {
        self.is_taken_back = true;
    }

    /// For reading what this transaction sees.
    pub fn reader(&self) -> &DatabaseTransaction {
        &self.transaction
    }

    /// Says what was touched, for the audit log: a global id.
    pub fn touch(&mut self, target: String) {
        self.targets.push(target);
    }

    /// Says what changed, for the audit log. Never a secret.
    pub fn changed(&mut self, field: &str, before: Option<String>, after: Option<String>) {
        self.changes.push(Change {
            field: field.to_owned(),
            before,
            after,
        });
    }

    /// Says that the command refused what was asked, though what it noted of the attempt stays: the audit log has it as denied.
    pub fn refuse(&mut self) {
        self.outcome = AuditOutcome::Denied;
    }

    /// Wakes who waits for this, once it is committed.
    pub fn wake(&mut self, wake: Wake) {
        if !self.wakes.contains(&wake) {
            self.wakes.push(wake);
        }
    }

    /// Mails put into the transaction so far.
    pub fn mails_written(&self) -> usize {
        self.mails_written
    }

    pub(crate) fn wrote_mails(&mut self, count: usize) {
        self.mails_written += count;
    }

    /// Inserts rows, in as few statements as can be.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn insert<A>(&self, rows: Vec<A>) -> Result<()>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        if self.backend() == DatabaseBackend::Postgres {
            self.insert_unnested(rows, None).await?;
            return Ok(());
        }
        for chunk in chunks::<A>(rows) {
            A::Entity::insert_many(chunk)
                .exec_without_returning(&self.transaction)
                .await?;
        }
        Ok(())
    }

    /// As [`insert`](Self::insert), passing over rows that `conflict` says are there already. Answers how many were inserted.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn insert_new<A>(&self, rows: Vec<A>, conflict: OnConflict) -> Result<u64>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        if self.backend() == DatabaseBackend::Postgres {
            return self.insert_unnested(rows, Some(conflict)).await;
        }
        let mut inserted = 0;
        for chunk in chunks::<A>(rows) {
            let insert = A::Entity::insert_many(chunk)
                .on_conflict(conflict.clone())
                .try_insert();
            if let TryInsertResult::Inserted(count) = insert.exec_without_returning(&self.transaction).await?
            {
                inserted += count;
            }
        }
        Ok(inserted)
    }

    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    async fn insert_unnested<A>(&self, rows: Vec<A>, conflict: Option<OnConflict>) -> Result<u64>
    where
        A: ActiveModelTrait + Send,
        <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
    {
        if rows.is_empty() {
            return Ok(0);
        }
        let insert = rows::unnested(&rows, conflict)?;
        Ok(self.transaction.execute(&insert).await?.rows_affected())
    }

    /// Runs an update and answers how many rows it changed.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn update<E: EntityTrait>(&self, update: UpdateMany<E>) -> Result<u64> {
        Ok(update.exec(&self.transaction).await?.rows_affected)
    }

    /// Runs an update and answers the rows as they are afterwards.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn update_returning<E: EntityTrait>(&self, update: UpdateMany<E>) -> Result<Vec<E::Model>> {
        Ok(update.exec_with_returning(&self.transaction).await?)
    }

    /// Runs a delete and answers how many rows went.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn delete<E: EntityTrait>(&self, delete: DeleteMany<E>) -> Result<u64> {
        Ok(delete.exec(&self.transaction).await?.rows_affected)
    }

    /// Runs a statement that no query builder says well, and answers how many rows it changed.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub async fn execute(&self, statement: Statement) -> Result<u64> {
        Ok(self.transaction.execute_raw(statement).await?.rows_affected())
    }

    /// Runs a statement that answers rows.
    pub async fn fetch<R: FromQueryResult>(&self, statement: Statement) -> Result<Vec<R>> {
        Ok(R::find_by_statement(statement).all(&self.transaction).await?)
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
