//! Which accounts have something that is to be looked after today: seats that end, or that somebody waits for; contracts and subscriptions that run. What is done then is the domain's
//! (`users::upkeep`, `contracts::upkeep`).

use chrono::Duration;
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::jobs::{self, Kind};
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;

/// So many days before a seat ends its user is told.
pub const TOLD_BEFORE: Duration = Duration::days(7);

#[derive(FromQueryResult)]
struct Due {
    id: Uuid,
}

/// For so many days what has ended is looked after.
const LOOKED_AFTER_FOR: Duration = Duration::days(30);

/// What is looked after once a day.
#[derive(Clone, Copy, Debug)]
pub(super) enum Upkeep {
    Seats,
    Contracts,
}

impl Upkeep {
    const fn kind(self) -> Kind {
        match self {
            Self::Seats => Kind::Seats,
            Self::Contracts => Kind::Contracts,
        }
    }
}

/// Through the accounts by their key, each asked by an index of its own whether it has any. Days are those of UTC, as with the terms of subscriptions.
const DUE: &str = "SELECT a.id FROM accounts a WHERE a.id > $1 \
    AND (a.seats_looked_after_on IS NULL OR a.seats_looked_after_on < $2) \
    AND (a.reclaim_idle_days IS NOT NULL \
        OR EXISTS (SELECT 1 FROM assignments s WHERE s.account_id = a.id AND s.expires_on <= $3) \
        OR EXISTS (SELECT 1 FROM assignments s WHERE s.account_id = a.id AND s.reclaim_told_at IS NOT NULL) \
        OR EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.account_id = a.id)) \
    ORDER BY a.id LIMIT $4";

/// The same of what is sold.
const SOLD: &str = "SELECT a.id FROM accounts a WHERE a.id > $1 \
    AND (a.contracts_looked_after_on IS NULL OR a.contracts_looked_after_on < $2) \
    AND (EXISTS (SELECT 1 FROM contracts c WHERE c.account_id = a.id AND c.ends_on >= $3) \
        OR EXISTS (SELECT 1 FROM subscriptions s WHERE s.account_id = a.id AND s.ends_on >= $3)) \
    ORDER BY a.id LIMIT $4";

/// The accounts behind one that were not seen to today and have something to be seen to.
pub(super) async fn due(app: &App, what: Upkeep, after: Uuid, most: u64) -> Result<Vec<Uuid>> {
    let today = app.clock().now().date_naive();
    let (sql, day) = match what {
        Upkeep::Seats => (DUE, today + TOLD_BEFORE),
        Upkeep::Contracts => (SOLD, today - LOOKED_AFTER_FOR),
    };
    let values = [after.into(), today.into(), day.into(), most.into()];
    let statement = Statement::from_sql_and_values(app.db().backend(), sql, values);
    let found = Due::find_by_statement(statement).all(app.reader()).await?;
    Ok(found.into_iter().map(|due| due.id).collect())
}

/// Has it looked after in an account.
pub(super) struct Ask {
    pub account_id: Uuid,
    pub what: Upkeep,
}

impl Command for Ask {
    type Output = ();
    const NAME: &'static str = "jobs.ask_for_upkeep";
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        jobs::enqueue(work, self.what.kind(), self.account_id, self.account_id).await
    }
}
