//! What is left of a lot lapses on the day after its last one (UTC). A job for each account that has any, once a day at most: what was booked is not found again.

use entity::account;

use super::Purse;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};

/// Does the job.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let lapse = Lapse { lease: lease.clone() };
    app.run(&Actor::Platform, lapse).await
}

/// Books what has lapsed, under the job's lease.
struct Lapse {
    lease: Lease,
}

impl Command for Lapse {
    type Output = ();
    const NAME: &'static str = "credits.look_after";
    /// The command within leaves its own row.
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<uuid::Uuid> {
        Some(self.lease.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let account = work.lock(self.lease.account_id).await?;
        let account = account.ok_or_else(|| Error::internal("there is no such account"))?;
        jobs::finish(work, &self.lease).await?;
        work.run(Expire { account }).await
    }
}

/// Books what has lapsed.
struct Expire {
    account: account::Model,
}

impl Command for Expire {
    type Output = ();
    const NAME: &'static str = "credits.expire";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        match Purse::open(work, self.account.id).await? {
            Some(purse) => purse.write(work, &self.account).await,
            None => Ok(()),
        }
    }
}
