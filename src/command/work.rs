//! An open transaction, and everything that commits with it.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use chrono::{DateTime, Utc};
use entity::account;
use entity::audit_event::{self, AuditOutcome};
use sea_orm::sea_query::LockType;
use sea_orm::{ConnectionTrait, DatabaseBackend, EntityTrait, FromQueryResult, QuerySelect, Statement};
use serde::Serialize;
use uuid::Uuid;

use super::consequences::Consequence;
use super::ledger::Ledger;
use super::turn::Turn;
use crate::access::rights::{self, Rights};
use crate::access::{self, Actor, Member};
use crate::app::App;
use crate::command::{Command, Record};
use crate::error::{Error, Result};
use crate::platform::db::Promise;
use crate::platform::events::Wake;

/// An open transaction with its actor and its time. Whatever is put into it, rows, jobs, mails or wakes, commits together or not at all.
pub struct Work {
    app: App,
    actor: Actor,
    now: DateTime<Utc>,
    pub(super) ledger: Ledger,
    locked: Option<Locked>,
    wakes: Vec<Wake>,
    mails_written: usize,
    is_taken_back: bool,
    pub(super) outcome: AuditOutcome,
    pub(super) targets: Vec<String>,
    pub(super) changes: Vec<Change>,
    /// Rows of the audit log, written at the end.
    pub(super) audited: Vec<audit_event::Model>,
    /// What follows at the end, and for which account.
    pub(super) consequences: Vec<(&'static Consequence, Uuid)>,
    promise: Option<Promise>,
    when_durable: Vec<WhenDurable>,
    /// Rows and counters that were written or changed.
    pub(super) written: AtomicU64,
    last_id: Mutex<Option<Uuid>>,
}

/// Is told which of the rows whose ids were to be noted are there.
type WhenDurable = Box<dyn FnOnce(&HashSet<Uuid>) + Send + Sync>;

/// What was committed, and may still be lost with the database's server.
#[must_use]
pub(super) struct Committed {
    app: App,
    promise: Option<Promise>,
    wakes: Vec<Wake>,
    is_durable: bool,
    when_durable: Vec<WhenDurable>,
    noted: HashSet<Uuid>,
}

impl Committed {
    /// Whether somebody is to hear of it when it is durable.
    pub(super) fn is_to_be_told(&self) -> bool {
        !self.wakes.is_empty() || !self.when_durable.is_empty()
    }

    /// Comes back when nothing can take it away any more; others are woken then.
    pub(super) async fn made_durable(self) -> Result<()> {
        if self.is_durable && !self.is_to_be_told() {
            return Ok(());
        }
        let notifications = self.app.events().carried(&self.wakes);
        self.app.db().settle(self.promise, notifications).await?;
        for act in self.when_durable {
            act(&self.noted);
        }
        Ok(())
    }
}

/// The actor's account and own row, as they were when they were locked.
#[derive(FromQueryResult)]
struct Locked {
    #[sea_orm(nested)]
    rights: Rights,
    #[sea_orm(nested)]
    account: account::Model,
    given_name: Option<String>,
    family_name: Option<String>,
    /// The head of the account's audit log: as it was when the statement began, since it is not locked.
    seen_seq: Option<i64>,
    seen_hash: Option<Vec<u8>>,
}

/// The columns of [`Locked`] beside those of the rights.
const LOCKED: &str = "a.id, a.version, a.name, a.slug, a.invitation_lifetime_days, a.allowed_invite_domains, a.default_locale, a.names_version, a.seat_notice_percent, a.reclaim_idle_days, a.grace_days, a.contracts_looked_after_on, a.seats_looked_after_on, \
    a.audit_kept_days, a.users_staged, a.users_pending, a.users_active, a.users_disabled, a.users_admin, a.created_at, u.given_name, u.family_name, \
    h.seq AS seen_seq, h.hash AS seen_hash";
const CHAIN: &str = "LEFT JOIN audit_chains h ON h.account_id = a.id AND h.id = a.id";

/// Locks the account and looks at the rights in one statement.
///
/// A statement that waits for a lock sees the rows of before it waited, but for those that it locks: they are read again when they have changed, and judged
/// again. So the user's row is locked too, after the account's, in the order of the clauses. `SHARE` it must be: who asks for a `KEY SHARE` is given the
/// row as it was.
fn lock_with_rights(backend: DatabaseBackend, member: &Member) -> Statement {
    let mut sql = rights::query(LOCKED, CHAIN, "u.id = $2");
    if backend == DatabaseBackend::Postgres {
        sql.push_str(" FOR NO KEY UPDATE OF a FOR SHARE OF u");
    }
    let values = [member.account_id.into(), member.user_id.into()];
    Statement::from_sql_and_values(backend, sql, values)
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
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub(super) async fn begin(app: &App, actor: &Actor) -> Result<Self> {
        let Some(member) = actor.member() else {
            return Self::begin_unchecked(app, actor).await;
        };
        let promise = app.db().promise().await?;
        let lock = lock_with_rights(app.db().backend(), member);
        let (transaction, rows) = app.db().begin_with(app.lane(), lock).await?;
        let mut work = Self::new(app, actor, promise, Ledger::new(transaction));
        let Some(locked) = rows.first() else {
            work.rollback().await;
            return Err(Error::SessionExpired);
        };
        let locked = Locked::from_query_result(locked, "")?;
        let present = locked.rights.clone();
        work.locked = Some(locked);
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
            Actor::Job { job_id, token, .. } => Actor::Job {
                job_id,
                token,
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
        let promise = app.db().promise().await?;
        let ledger = Ledger::new(app.db().begin(app.lane()).await?);
        Ok(Self::new(app, actor, promise, ledger))
    }

    /// For what is one statement, and looks at nobody's rights.
    #[expect(clippy::disallowed_methods, reason = "commands write here, and nowhere else")]
    pub(super) async fn alone(app: &App, actor: &Actor) -> Result<Self> {
        let promise = app.db().promise().await?;
        let ledger = Ledger::alone(app.db().alone(app.lane()).await?);
        Ok(Self::new(app, actor, promise, ledger))
    }

    fn new(app: &App, actor: &Actor, promise: Option<Promise>, ledger: Ledger) -> Self {
        Self {
            app: app.clone(),
            actor: actor.clone(),
            now: app.clock().now(),
            ledger,
            promise,
            when_durable: Vec::new(),
            locked: None,
            wakes: Vec::new(),
            mails_written: 0,
            is_taken_back: false,
            outcome: AuditOutcome::Success,
            targets: Vec::new(),
            changes: Vec::new(),
            audited: Vec::new(),
            consequences: Vec::new(),
            written: AtomicU64::new(0),
            last_id: Mutex::new(None),
        }
    }

    /// An account by its id: for whoever acts in it the row that was locked, whose counters may have moved on.
    pub async fn account(&self, account_id: Uuid) -> Result<account::Model> {
        let locked = self.locked.as_ref().map(|locked| &locked.account);
        if let Some(locked) = locked.filter(|account| account.id == account_id) {
            return Ok(locked.clone());
        }
        let found = account::Entity::find_by_id(account_id).one(&self.ledger).await?;
        found.ok_or_else(|| Error::internal("there is no such account"))
    }

    /// The given name, the family name and the e-mail of the person who acts.
    pub fn own_names(&self) -> Option<(Option<&str>, Option<&str>, &str)> {
        let locked = self.locked.as_ref()?;
        let names = (locked.given_name.as_deref(), locked.family_name.as_deref());
        Some((names.0, names.1, &locked.rights.email))
    }

    /// Up to where the actor had seen the audit log of their account, and the hash there.
    pub(super) fn seen_of_chain(&self, account_id: Uuid) -> Option<(i64, &[u8])> {
        let locked = self
            .locked
            .as_ref()
            .filter(|locked| locked.account.id == account_id)?;
        Some((locked.seen_seq?, locked.seen_hash.as_deref()?))
    }

    /// Locks an account for an actor who is not a member of one: somebody who accepts an invitation, the operator.
    pub async fn lock(&self, account_id: Uuid) -> Result<Option<account::Model>> {
        let mut query = account::Entity::find_by_id(account_id);
        if self.backend() == DatabaseBackend::Postgres {
            query = query.lock(LockType::NoKeyUpdate);
        }
        Ok(query.one(&self.ledger).await?)
    }

    /// Runs a command within this one: permitted and audited like any other, committed with the outer one.
    pub async fn run<C: Command>(&mut self, command: C) -> Result<C::Output> {
        access::permit(&self.actor, command.action())?;
        let outer = (
            std::mem::take(&mut self.targets),
            std::mem::take(&mut self.changes),
            std::mem::replace(&mut self.outcome, AuditOutcome::Success),
        );
        let before = self.written();
        let output = command.apply(self).await;
        let output = output.map_err(|error| self.ledger.explained(error))?;
        // Who changed nothing and touched nothing has nothing to answer for; who was refused has.
        let is_told =
            self.written() > before || !self.targets.is_empty() || self.outcome != AuditOutcome::Success;
        if C::RECORD == Record::Audit && is_told {
            self.audit_applied(C::NAME)?;
        }
        (self.targets, self.changes, self.outcome) = outer;
        Ok(output)
    }

    /// Others see from now on what was written, and the locks are free. It is not to be told of before it is durable.
    ///
    /// The account's turn is over when nothing but the commit is left: whoever is next begins meanwhile, and the lock of the row has them wait for the rest.
    pub(super) async fn commit(mut self, turn: Option<Turn>) -> Result<Committed> {
        let mut committed = Committed {
            promise: self.promise,
            wakes: Vec::new(),
            app: self.app.clone(),
            is_durable: true,
            when_durable: Vec::new(),
            noted: HashSet::new(),
        };
        if self.is_taken_back {
            self.rollback().await;
            return Ok(committed);
        }
        self.write_audit().await?;
        self.ledger.write().await?;
        committed.is_durable = !self.ledger.has_written();
        committed.noted = self.ledger.noted();
        drop(turn);
        self.ledger.commit().await?;
        self.app.events().committed(&self.wakes);
        committed.wakes = self.wakes;
        committed.when_durable = self.when_durable;
        Ok(committed)
    }

    /// Writes what waits to be written, so that whatever speaks against it is told.
    pub(super) async fn settle(&mut self) -> Result<()> {
        self.write_audit().await?;
        self.ledger.write().await
    }

    pub(super) async fn rollback(self) {
        // A rollback that fails leaves a broken connection, and a broken connection rolls back.
        if let Err(error) = self.ledger.rollback().await {
            tracing::warn!(%error, "rollback failed");
        }
    }

    fn written(&self) -> u64 {
        self.written.load(Ordering::Relaxed)
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

    /// An id for something new. Those of one command are in the order they were asked for.
    pub fn new_id(&self) -> Uuid {
        let mut last = self.last_id.lock().unwrap_or_else(PoisonError::into_inner);
        let id = last.map_or_else(|| entity::ids::new(self.now), entity::ids::after);
        *last = Some(id);
        id
    }

    /// As [`new_id`](Self::new_id), and behind one that was given before, by whichever process and clock.
    pub fn new_id_after(&self, other: Uuid) -> Uuid {
        let mut last = self.last_id.lock().unwrap_or_else(PoisonError::into_inner);
        let id = last.map_or_else(|| entity::ids::new(self.now), entity::ids::after);
        let id = if id > other { id } else { entity::ids::after(other) };
        *last = Some(id);
        id
    }

    pub fn backend(&self) -> DatabaseBackend {
        self.ledger.get_database_backend()
    }

    /// Has the whole transaction rolled back at its end, though the command has an answer to give.
    pub fn take_back(&mut self) {
        self.is_taken_back = true;
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

    /// Does something when all of this is committed and durable; it must not wait for anything. It hears which of the rows are there that were
    /// [noted](Self::insert_noted).
    pub fn when_durable(&mut self, act: impl FnOnce(&HashSet<Uuid>) + Send + Sync + 'static) {
        self.when_durable.push(Box::new(act));
    }

    /// Mails put into the transaction so far.
    pub fn mails_written(&self) -> usize {
        self.mails_written
    }

    pub(crate) fn wrote_mails(&mut self, count: usize) {
        self.mails_written += count;
    }
}
