//! Clearing away what nobody needs any more, after stated terms (`docs/domain.md`, "How long things are kept").
//!
//! Rows go a thousand of a kind at a time, each batch a transaction of its own and within one account, so that nobody waits for it. What is cleared is history: no
//! row that something in force refers to. What lies in the object store, and the rows of uploads that lead there, go by [`objects`](super::objects).

use chrono::{DateTime, Duration, Utc};
use sea_orm::Statement;
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::Result;

/// Rows of one batch.
const AT_ONCE: u64 = 1_000;

/// How long history is kept, in days. What has no figure here goes with what it belongs to, or after the term its own promise names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Rows of finished imports: their cells are people's data.
    pub import_rows: u32,
    /// What was written in a mail that was sent; that it was sent is history.
    pub mail_bodies: u32,
    /// Sent mails, finished jobs, ended sessions, notifications, given-up jobs.
    pub history: u32,
}

impl Retention {
    /// From the import's end on; its report goes with them.
    pub fn rows_of_imports(self) -> Duration {
        days(self.import_rows)
    }

    /// Of notifications, among others.
    pub fn of_history(self) -> Duration {
        days(self.history)
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            import_rows: 30,
            mail_bodies: 7,
            history: 90,
        }
    }
}

/// One kind of rows that are cleared away.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// For the log.
    pub name: &'static str,
    /// Changes at most `$3` rows of account `$1` that are older than `$2`.
    sql: &'static str,
    /// How old they must be.
    after: fn(Retention) -> Duration,
}

/// Every rule. What refers to other rows stands before them.
pub const RULES: [Rule; 10] = [
    Rule {
        name: "mails' texts",
        sql: "UPDATE mails SET payload = '{}' WHERE account_id = $1 AND id IN (SELECT id FROM mails WHERE account_id = $1 \
              AND status = 'SENT' AND sent_at < $2 AND CAST(payload AS text) <> '{}' LIMIT $3)",
        after: |kept| days(kept.mail_bodies),
    },
    Rule {
        name: "mails",
        sql: "DELETE FROM mails WHERE account_id = $1 AND id IN (SELECT id FROM mails WHERE account_id = $1 \
              AND status = 'SENT' AND sent_at < $2 LIMIT $3)",
        after: Retention::of_history,
    },
    Rule {
        name: "jobs",
        sql: "DELETE FROM jobs WHERE account_id = $1 AND id IN (SELECT id FROM jobs WHERE account_id = $1 \
              AND status <> 'READY' AND finished_at < $2 LIMIT $3)",
        after: Retention::of_history,
    },
    Rule {
        name: "import events",
        // As long as `importProgress` promises to replay them.
        sql: "DELETE FROM import_events WHERE account_id = $1 AND id IN (SELECT e.id FROM import_events e \
              JOIN imports i ON i.account_id = e.account_id AND i.id = e.import_id \
              WHERE e.account_id = $1 AND i.finished_at < $2 LIMIT $3)",
        after: |_| days(7),
    },
    Rule {
        name: "import rows",
        sql: "DELETE FROM import_rows WHERE account_id = $1 AND id IN (SELECT r.id FROM import_rows r \
              JOIN imports i ON i.account_id = r.account_id AND i.id = r.import_id \
              WHERE r.account_id = $1 AND i.finished_at < $2 LIMIT $3)",
        after: Retention::rows_of_imports,
    },
    Rule {
        name: "sessions",
        sql: "DELETE FROM sessions WHERE account_id = $1 AND id IN (SELECT id FROM sessions WHERE account_id = $1 \
              AND COALESCE(ended_at, expires_at) < $2 LIMIT $3)",
        after: Retention::of_history,
    },
    Rule {
        name: "idempotency keys",
        // They are promised for 24 hours.
        sql: "DELETE FROM idempotency_keys WHERE account_id = $1 AND id IN (SELECT id FROM idempotency_keys \
              WHERE account_id = $1 AND created_at < $2 LIMIT $3)",
        after: |_| days(2),
    },
    Rule {
        name: "notifications",
        sql: "DELETE FROM notifications WHERE account_id = $1 AND id IN (SELECT id FROM notifications \
              WHERE account_id = $1 AND created_at < $2 LIMIT $3)",
        after: Retention::of_history,
    },
    Rule {
        name: "single sign-on attempts",
        sql: "DELETE FROM sso_attempts WHERE account_id = $1 AND id IN (SELECT id FROM sso_attempts \
              WHERE account_id = $1 AND expires_at < $2 LIMIT $3)",
        after: |_| days(1),
    },
    Rule {
        name: "logout tokens",
        sql: "DELETE FROM logout_tokens WHERE account_id = $1 AND id IN (SELECT id FROM logout_tokens \
              WHERE account_id = $1 AND expires_at < $2 LIMIT $3)",
        after: |_| days(1),
    },
];

fn days(days: u32) -> Duration {
    Duration::days(i64::from(days))
}

/// Clears away one batch of each kind in one account: together, since most accounts have nothing to be cleared, and transactions cost more than such statements.
#[derive(Clone, Copy, Debug)]
pub struct ClearAway {
    pub account_id: Uuid,
    pub retention: Retention,
}

impl Command for ClearAway {
    /// Whether there may be more.
    type Output = bool;
    const NAME: &'static str = "retention.clear_away";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let mut has_more = false;
        for rule in RULES {
            let before: DateTime<Utc> = work.now() - (rule.after)(self.retention);
            let values = [self.account_id.into(), before.into(), AT_ONCE.into()];
            let statement = Statement::from_sql_and_values(work.backend(), rule.sql, values);
            let cleared = work.execute(statement).await?;
            if cleared > 0 {
                tracing::debug!(account_id = %self.account_id, what = rule.name, cleared, "cleared away what is old");
            }
            has_more |= cleared >= AT_ONCE;
        }
        Ok(has_more)
    }
}
