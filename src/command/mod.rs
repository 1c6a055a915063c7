//! The one way to write.
//!
//! Every change is a [`Command`]. [`App::run`] takes it through the same stations, always in this order: permit, prepare, turn, begin, apply,
//! audit, commit, publish. Only this module opens transactions; a [`Work`] (the open transaction with its actor and its time) is made nowhere else. So no
//! way into the system, be it GraphQL, an import or the command line, can have a second copy of a rule or go around one.

mod audit;
pub mod chain;
pub mod consequences;
pub mod counters;
mod ledger;
mod rows;
mod turn;
mod work;
mod writes;

use std::future::Future;

use sea_orm::DatabaseBackend;
use uuid::Uuid;

pub use turn::{MOST_WAITING, Turns};
pub use work::Work;

use crate::access::{self, Action, Actor};
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::db::Lane;
use crate::rate_limit;
use turn::{BACKGROUND_WAITS, REQUEST_WAITS, Turn};

/// Whether a command leaves a row in the audit log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Record {
    /// One row, in the command's own transaction, if it changed or touched anything or was refused.
    Audit,
    /// The platform's own bookkeeping (a lease, a delivery): nobody's decision, so nothing to answer for.
    Nothing,
}

/// One change, with its input. Takes a list wherever that makes sense: one is a list of one.
pub trait Command: Send + Sized {
    type Output: Send;

    /// Dotted and stable, as it stands in the audit log: `users.invite`.
    const NAME: &'static str;
    const RECORD: Record = Record::Audit;

    /// Whether it is answered only when it is durable. What is not becomes so with the next that is, or after a moment.
    const IS_WAITED_FOR: bool = true;

    /// What the actor must be allowed to do.
    fn action(&self) -> Action;

    /// Whether it comes to one statement at the most on this database, which needs no transaction around it.
    fn is_one_statement(&self, backend: DatabaseBackend) -> bool {
        let _ = backend;
        false
    }

    /// The account whose turn it is when this runs, where the actor does not say it already.
    fn account_id(&self) -> Option<Uuid> {
        None
    }

    /// What takes long and needs no transaction: hashing a password, looking at an uploaded file.
    fn prepare(&mut self, app: &App, actor: &Actor) -> impl Future<Output = Result<()>> + Send {
        let _ = (app, actor);
        std::future::ready(Ok(()))
    }

    /// Makes the change. An error takes back everything.
    fn apply(self, work: &mut Work) -> impl Future<Output = Result<Self::Output>> + Send;
}

/// Commits, and waits until it is durable where that matters: to whoever is answered, and to whoever is woken. A database that falls silent is given up.
async fn end(app: App, work: Work, turn: Option<Turn>, is_waited_for: bool) -> Result<()> {
    let ending = async {
        // The next command of the account need not wait for the disk.
        let committed = work.commit(turn).await?;
        match is_waited_for || committed.is_to_be_told() {
            true => committed.made_durable().await,
            false => Ok(()),
        }
    };
    Box::pin(app.unless_away(ending)).await
}

impl App {
    /// Runs a command. Either all of it happened, or nothing did.
    pub async fn run<C: Command>(&self, actor: &Actor, mut command: C) -> Result<C::Output> {
        if let Err(error) = access::permit(actor, command.action()) {
            return Err(Box::pin(self.refused(actor, C::NAME, error)).await);
        }
        if let Err(error) = command.prepare(self, actor).await {
            return Err(Box::pin(self.refused(actor, C::NAME, error)).await);
        }
        let turn = self.turn(actor.account_id().or(command.account_id())).await?;
        let mut work = match command.is_one_statement(self.db().backend()) {
            true => Box::pin(Work::alone(self, actor)).await?,
            false => Box::pin(Work::begin(self, actor)).await?,
        };
        match work.run_to_the_end(command).await {
            Ok(output) => {
                // A commit that was begun comes to its end and tells of itself, though whoever waits for it may go away meanwhile.
                let ending = end(self.clone(), work, turn, C::IS_WAITED_FOR);
                tokio::spawn(ending).await.map_err(Error::internal)??;
                Ok(output)
            }
            Err(error) => {
                work.rollback().await;
                drop(turn);
                Err(Box::pin(self.refused(actor, C::NAME, error)).await)
            }
        }
    }

    /// Runs a command and takes it back: answers what it would do, judged by the very code that would do it.
    pub async fn rehearse<C: Command>(&self, actor: &Actor, mut command: C) -> Result<C::Output> {
        access::permit(actor, command.action())?;
        command.prepare(self, actor).await?;
        let _turn = self.turn(actor.account_id().or(command.account_id())).await?;
        let mut work = Work::begin(self, actor).await?;
        let output = match work.run_to_the_end(command).await {
            Ok(output) => work.settle().await.map(|()| output),
            Err(error) => Err(error),
        };
        work.rollback().await;
        output
    }

    /// Whoever tries what they may not do is remembered, though nothing was changed; whatever else went wrong is passed on. Whoever does so too often is
    /// told to wait, and nothing is written.
    pub async fn refused(&self, actor: &Actor, name: &str, error: Error) -> Error {
        if !error.is_denial() || actor.account_id().is_none() {
            return error;
        }
        match self.record_refusal(actor, name).await {
            Ok(()) => error,
            Err(limited @ Error::RateLimited { .. }) => limited,
            Err(failure) => {
                tracing::error!(
                    ?failure,
                    command = name,
                    "a refused attempt could not be recorded"
                );
                error
            }
        }
    }

    async fn record_refusal(&self, actor: &Actor, name: &str) -> Result<()> {
        let refusals = rate_limit::refusals(actor);
        rate_limit::check(self.reader(), &refusals, self.clock().now()).await?;
        let turn = self.turn(actor.account_id()).await?;
        let mut work = Work::begin_unchecked(self, actor).await?;
        rate_limit::take(&work, &refusals).await?;
        work.audit_denied(name)?;
        work.commit(turn).await?.made_durable().await
    }

    async fn turn(&self, account_id: Option<Uuid>) -> Result<Option<Turn>> {
        let patience = match self.lane() {
            Lane::Requests => REQUEST_WAITS,
            Lane::Background => BACKGROUND_WAITS,
        };
        match account_id {
            Some(id) => Ok(Some(self.turns().take(id, patience).await?)),
            None => Ok(None),
        }
    }
}
