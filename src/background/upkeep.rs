//! What is looked after in accounts again and again, and which of them have something of it today. What is done then is the domain's (`users::upkeep`, `contracts::upkeep`,
//! `credits::expire`, `notifications::digest`).

use chrono::{DateTime, Duration, Utc};
use sea_orm::{FromQueryResult, Statement, Value};
use uuid::Uuid;

use super::digests;
use super::jobs::{self, Kind};
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;

/// So many days before a seat ends its user is told.
pub const TOLD_BEFORE: Duration = Duration::days(7);
/// For so many days what has ended is looked after.
const LOOKED_AFTER_FOR: Duration = Duration::days(30);

/// What is looked for once an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upkeep {
    /// Seats that end, or that somebody waits for; once a day.
    Seats,
    /// Contracts and subscriptions that run; once a day.
    Contracts,
    /// Cloud credits whose last day is over.
    Credits,
    /// People who are to be told by the mail of the day.
    Digests,
}

/// Through the accounts by their key, each asked by an index of its own whether it has any. Days are those of UTC, as with the terms of subscriptions.
const SEATS: &str = "(a.seats_looked_after_on IS NULL OR a.seats_looked_after_on < $3) \
    AND (a.reclaim_idle_days IS NOT NULL \
        OR EXISTS (SELECT 1 FROM assignments s WHERE s.account_id = a.id AND s.expires_on <= $4) \
        OR EXISTS (SELECT 1 FROM assignments s WHERE s.account_id = a.id AND s.reclaim_told_at IS NOT NULL) \
        OR EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.account_id = a.id))";
const CONTRACTS: &str = "(a.contracts_looked_after_on IS NULL OR a.contracts_looked_after_on < $3) \
    AND (EXISTS (SELECT 1 FROM contracts c WHERE c.account_id = a.id AND c.ends_on >= $4) \
        OR EXISTS (SELECT 1 FROM subscriptions s WHERE s.account_id = a.id AND s.ends_on >= $4))";
const CREDITS: &str =
    "EXISTS (SELECT 1 FROM credit_lots l WHERE l.account_id = a.id AND l.rest > 0 AND l.expires_on < $3)";
const DIGESTS: &str =
    "EXISTS (SELECT 1 FROM notifications n WHERE n.account_id = a.id AND n.in_digest AND n.created_at < $3)";

impl Upkeep {
    pub const ALL: [Self; 4] = [Self::Seats, Self::Contracts, Self::Credits, Self::Digests];

    /// What its chore is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Seats => "seats",
            Self::Contracts => "contracts",
            Self::Credits => "credits",
            Self::Digests => "digests",
        }
    }

    const fn kind(self) -> Kind {
        match self {
            Self::Seats => Kind::Seats,
            Self::Contracts => Kind::Contracts,
            Self::Credits => Kind::Credits,
            Self::Digests => Kind::Digest,
        }
    }

    /// What holds for an account that has something to be looked after, with the values from the third on.
    fn is_due(self, now: DateTime<Utc>) -> (&'static str, Vec<Value>) {
        let today = now.date_naive();
        match self {
            Self::Seats => (SEATS, vec![today.into(), (today + TOLD_BEFORE).into()]),
            Self::Contracts => (CONTRACTS, vec![today.into(), (today - LOOKED_AFTER_FOR).into()]),
            Self::Credits => (CREDITS, vec![today.into()]),
            Self::Digests => (DIGESTS, vec![digests::boundary(now).into()]),
        }
    }
}

#[derive(FromQueryResult)]
struct Due {
    id: Uuid,
}

/// The accounts behind one that have something to be seen to, and were not seen to today.
pub(super) async fn due(app: &App, what: Upkeep, after: Uuid, most: u64) -> Result<Vec<Uuid>> {
    let (is_due, found) = what.is_due(app.clock().now());
    let sql = format!("SELECT a.id FROM accounts a WHERE a.id > $1 AND {is_due} ORDER BY a.id LIMIT $2");
    let values = [after.into(), most.into()].into_iter().chain(found);
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
