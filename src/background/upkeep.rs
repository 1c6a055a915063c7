//! Which accounts have something that is to be looked after today. Seats: some end, somebody is to be told, somebody waits; what is done then is the domain's (`users::upkeep`).
//! Cloud credits: some have lapsed (`credits::expire`).

use chrono::Duration;
use sea_orm::{FromQueryResult, Statement, Value};
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

/// Through the accounts by their key, each asked by an index of its own whether it has any. Days are those of UTC, as with the terms of subscriptions.
const DUE: &str = "SELECT a.id FROM accounts a WHERE a.id > $1 \
    AND (a.seats_looked_after_on IS NULL OR a.seats_looked_after_on < $2) \
    AND (a.reclaim_idle_days IS NOT NULL \
        OR EXISTS (SELECT 1 FROM assignments s WHERE s.account_id = a.id AND s.expires_on <= $3) \
        OR EXISTS (SELECT 1 FROM assignments s WHERE s.account_id = a.id AND s.reclaim_told_at IS NOT NULL) \
        OR EXISTS (SELECT 1 FROM waitlist_entries w WHERE w.account_id = a.id)) \
    ORDER BY a.id LIMIT $4";

/// The same of credits whose last day is over.
const LAPSED: &str = "SELECT a.id FROM accounts a WHERE a.id > $1 \
    AND EXISTS (SELECT 1 FROM credit_lots l WHERE l.account_id = a.id AND l.rest > 0 AND l.expires_on < $2) \
    ORDER BY a.id LIMIT $3";

/// The accounts behind one that have something to be seen to by jobs of a kind, and were not seen to today.
pub(super) async fn due(app: &App, kind: Kind, after: Uuid, most: u64) -> Result<Vec<Uuid>> {
    let today = app.clock().now().date_naive();
    let (sql, values): (_, Vec<Value>) = match kind {
        Kind::Credits => (LAPSED, vec![after.into(), today.into(), most.into()]),
        _ => (
            DUE,
            vec![
                after.into(),
                today.into(),
                (today + TOLD_BEFORE).into(),
                most.into(),
            ],
        ),
    };
    let statement = Statement::from_sql_and_values(app.db().backend(), sql, values);
    let found = Due::find_by_statement(statement).all(app.reader()).await?;
    Ok(found.into_iter().map(|due| due.id).collect())
}

/// Has an account's seats looked after, or its credits.
pub(super) struct Ask {
    pub kind: Kind,
    pub account_id: Uuid,
}

impl Command for Ask {
    type Output = ();
    const NAME: &'static str = "accounts.ask_for_upkeep";
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        jobs::enqueue(work, self.kind, self.account_id, self.account_id).await
    }
}
