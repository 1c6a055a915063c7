//! Looking after the seats of an account, once a day (UTC): those whose last day is over are freed, users are told of what ends soon, what nobody needs is taken back where the
//! account wants that, and whoever waits is served, since a term may have begun.
//!
//! A job like any other: portions of 500 under its lease, each a transaction in which freed seats go to whoever waits. What was done is not found again, so a
//! worker that dies leaves nothing half done and nothing done twice.

mod ends;
mod idle;
mod told;

use chrono::{Duration, NaiveDate};
use entity::account;
use entity::ids::Kind;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::{Action, Actor};
use crate::app::App;
use crate::assignments::waitlist;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};

/// Seats of one transaction.
const AT_ONCE: u64 = 500;

/// Does the job.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    // What ends at midnight while this goes on is the next day's.
    let today = app.clock().now().date_naive();
    for task in [
        Task::FreeEnded,
        Task::TellOfEnds,
        Task::ForgetWhoCame,
        Task::TellTheIdle,
        Task::Reclaim,
        Task::Serve,
        Task::Finish(today),
    ] {
        let portion = || Portion {
            lease: lease.clone(),
            lease_for: app.settings().job_lease,
            task,
        };
        while app.run(&Actor::Platform, portion()).await? {}
    }
    Ok(())
}

/// What is done, in this order: who is to be told is told before anything is taken from them.
#[derive(Clone, Copy, Debug)]
enum Task {
    FreeEnded,
    TellOfEnds,
    ForgetWhoCame,
    TellTheIdle,
    Reclaim,
    Serve,
    Finish(NaiveDate),
}

/// Some of it, under the job's lease.
struct Portion {
    lease: Lease,
    lease_for: Duration,
    task: Task,
}

impl Command for Portion {
    /// Whether there may be more.
    type Output = bool;
    const NAME: &'static str = "seats.look_after";
    /// The commands within leave their own rows.
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.lease.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let account = work.lock(self.lease.account_id).await?;
        let account = account.ok_or_else(|| Error::internal("there is no such account"))?;
        // No portion is progress by itself: what always fails in one is given up in the end, and tried again on the next day.
        jobs::renew(work, &self.lease, self.lease_for).await?;
        match self.task {
            Task::FreeEnded => work.run(ends::FreeEnded { account }).await,
            Task::TellOfEnds => ends::tell(work, &account).await,
            Task::ForgetWhoCame => idle::forget_who_came(work, &account).await,
            Task::TellTheIdle => idle::tell(work, &account).await,
            Task::Reclaim => work.run(idle::Reclaim { account }).await,
            Task::Serve => work.run(Serve { account }).await,
            Task::Finish(today) => self.finish(work, today).await,
        }
    }
}

impl Portion {
    async fn finish(&self, work: &Work, today: NaiveDate) -> Result<bool> {
        let seen_to = account::Entity::update_many()
            .col_expr(account::Column::SeatsLookedAfterOn, Expr::value(today))
            .filter(account::Column::Id.eq(self.lease.account_id));
        work.update(seen_to).await?;
        jobs::finish(work, &self.lease).await?;
        Ok(false)
    }
}

/// Gives what is free to whoever waits, of those who still want it today.
struct Serve {
    account: account::Model,
}

impl Command for Serve {
    type Output = bool;
    const NAME: &'static str = "seats.give_to_waiting";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let account_id = self.account.id;
        if waitlist::end(work, account_id).await? > 0 {
            work.touch(Kind::Account.text(account_id));
        }
        waitlist::give(work, account_id).await?;
        Ok(false)
    }
}
