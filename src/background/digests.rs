//! Which accounts have somebody to be told by the mail of the day. What is told is the domain's (`notifications::digest`).

use chrono::{DateTime, Duration, NaiveTime, Utc};
use sea_orm::{FromQueryResult, Statement};
use uuid::Uuid;

use super::jobs::{self, Kind};
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;

/// The hour of the day (UTC) up to which a mail of the day tells what came: before work begins in Europe, and when it ends in Asia.
const HOUR: u32 = 6;

#[derive(FromQueryResult)]
struct Due {
    id: Uuid,
}

/// Through the accounts by their key, each asked by an index of its own.
const DUE: &str = "SELECT a.id FROM accounts a WHERE a.id > $1 \
    AND EXISTS (SELECT 1 FROM notifications n WHERE n.account_id = a.id AND n.in_digest AND n.created_at < $2) \
    ORDER BY a.id LIMIT $3";

/// So long after the hour its mails are written: whatever was begun before it has come to its end.
const SETTLED: Duration = Duration::minutes(10);

/// What came before this is told by a mail of the day that is written now; the rest a day later.
pub fn boundary(now: DateTime<Utc>) -> DateTime<Utc> {
    let now = now - SETTLED;
    let hour = NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or(NaiveTime::MIN);
    let today = now.date_naive().and_time(hour).and_utc();
    match today <= now {
        true => today,
        false => today - Duration::days(1),
    }
}

/// The accounts behind one in which something is to be told.
pub(super) async fn due(app: &App, after: Uuid, most: u64) -> Result<Vec<Uuid>> {
    let values = [after.into(), boundary(app.clock().now()).into(), most.into()];
    let statement = Statement::from_sql_and_values(app.db().backend(), DUE, values);
    let found = Due::find_by_statement(statement).all(app.reader()).await?;
    Ok(found.into_iter().map(|due| due.id).collect())
}

/// Has an account's mails of the day written.
pub(super) struct Ask {
    pub account_id: Uuid,
}

impl Command for Ask {
    type Output = ();
    const NAME: &'static str = "notifications.ask_for_digest";
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        jobs::enqueue(work, Kind::Digest, self.account_id, self.account_id).await
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::boundary;

    #[test]
    fn a_day_ends_at_six() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(boundary(at("2026-11-28T06:10:00Z")), at("2026-11-28T06:00:00Z"));
        assert_eq!(boundary(at("2026-11-28T06:09:59Z")), at("2026-11-27T06:00:00Z"));
        assert_eq!(boundary(at("2026-11-28T23:59:59Z")), at("2026-11-28T06:00:00Z"));
    }
}
