//! Clearing away what nobody needs any more, after stated terms (`docs/domain.md`, "How long things are kept").
//!
//! Rows go a thousand of a kind at a time, each batch a transaction of its own and within one account, so that nobody waits for it. What is cleared is history: no
//! row that something in force refers to. The audit log goes by its account's own term ([`audit_term`](super::audit_term)). What lies in the object store, and the rows of uploads that lead there, go by [`objects`](super::objects).

use chrono::{DateTime, Duration, Utc};
use entity::{bulk_job, ids, import};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Statement, Value};
use uuid::Uuid;

use super::audit_term;
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform::arrays::found;

/// Rows of one batch.
const AT_ONCE: u64 = 1_000;

/// How long history is kept, in days. What has no figure here goes with what it belongs to, or after the term its own promise names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    /// Rows of finished imports: their cells are people's data.
    pub import_rows: u32,
    /// What was written in a mail that was sent; that it was sent is history.
    pub mail_bodies: u32,
    /// Sent mails, finished jobs, ended sessions, notifications, exports, given-up jobs.
    pub history: u32,
    /// What people used of products, day by day, and the sums of it.
    pub usage: u32,
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

    /// Of what people used, from its day on.
    pub fn of_usage(self) -> Duration {
        days(self.usage)
    }
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            import_rows: 30,
            mail_bodies: 7,
            history: 90,
            usage: 800,
        }
    }
}

/// One kind of rows that are cleared away.
#[derive(Clone, Copy, Debug)]
struct Rule {
    /// For the log.
    name: &'static str,
    /// What becomes of them.
    change: &'static str,
    /// Finds at most `$3` rows of account `$1` that are older than `$2`, the oldest first: by an index, and no row that stays.
    old: &'static str,
    /// How old they must be.
    after: fn(Retention) -> Duration,
}

/// What goes by its own age, each kind by an index of its own.
const RULES: [Rule; 14] = [
    Rule {
        name: "mails' texts",
        change: "UPDATE mails SET payload = '{}'",
        old: "SELECT id FROM mails WHERE account_id = $1 AND status = 'SENT' AND sent_at < $2 AND CAST(payload AS text) <> \
              '{}' ORDER BY sent_at LIMIT $3",
        after: |kept| days(kept.mail_bodies),
    },
    Rule {
        name: "mails",
        change: "DELETE FROM mails",
        old: "SELECT id FROM mails WHERE account_id = $1 AND status = 'SENT' AND sent_at < $2 ORDER BY sent_at LIMIT $3",
        after: Retention::of_history,
    },
    Rule {
        name: "jobs",
        change: "DELETE FROM jobs",
        old: "SELECT id FROM jobs WHERE account_id = $1 AND status <> 'READY' AND finished_at < $2 ORDER BY finished_at \
              LIMIT $3",
        after: Retention::of_history,
    },
    Rule {
        name: "sessions",
        change: "DELETE FROM sessions",
        old: "SELECT id FROM sessions WHERE account_id = $1 AND COALESCE(ended_at, expires_at) < $2 ORDER BY \
              COALESCE(ended_at, expires_at) LIMIT $3",
        after: Retention::of_history,
    },
    Rule {
        name: "idempotency keys",
        // They are promised for 24 hours.
        change: "DELETE FROM idempotency_keys",
        old: "SELECT id FROM idempotency_keys WHERE account_id = $1 AND created_at < $2 ORDER BY created_at LIMIT $3",
        after: |_| days(2),
    },
    Rule {
        name: "notifications",
        change: "DELETE FROM notifications",
        old: "SELECT id FROM notifications WHERE account_id = $1 AND created_at < $2 ORDER BY created_at LIMIT $3",
        after: Retention::of_history,
    },
    Rule {
        name: "requests for products",
        change: "DELETE FROM access_requests",
        old: "SELECT id FROM access_requests WHERE account_id = $1 AND decided_at < $2 ORDER BY decided_at LIMIT $3",
        after: Retention::of_history,
    },
    Rule {
        name: "exports",
        // Their files went long before; where the store was away all the time, the row that leads there stays.
        change: "DELETE FROM exports",
        old: "SELECT id FROM exports WHERE account_id = $1 AND finished_at < $2 AND objects_deleted_at IS NOT NULL ORDER BY finished_at LIMIT $3",
        after: Retention::of_history,
    },
    Rule {
        name: "single sign-on attempts",
        change: "DELETE FROM sso_attempts",
        old: "SELECT id FROM sso_attempts WHERE account_id = $1 AND expires_at < $2 ORDER BY expires_at LIMIT $3",
        after: |_| days(1),
    },
    Rule {
        name: "logout tokens",
        change: "DELETE FROM logout_tokens",
        old: "SELECT id FROM logout_tokens WHERE account_id = $1 AND expires_at < $2 ORDER BY expires_at LIMIT $3",
        after: |_| days(1),
    },
    Rule {
        name: "days of usage",
        change: "DELETE FROM usage_days",
        old: "SELECT id FROM usage_days WHERE account_id = $1 AND day < $2 ORDER BY day LIMIT $3",
        // The last day of the term may be recorded until it is over.
        after: |kept| kept.of_usage() + days(1),
    },
    Rule {
        name: "months of usage",
        // A month goes when the last of its days has.
        change: "DELETE FROM usage_months",
        old: "SELECT id FROM usage_months WHERE account_id = $1 AND month < $2 ORDER BY month LIMIT $3",
        after: |kept| Retention::of_usage(kept) + days(31),
    },
    Rule {
        name: "sums of usage",
        change: "DELETE FROM usage_totals",
        old: "SELECT id FROM usage_totals WHERE account_id = $1 AND span IN ('DAY', 'MONTH', 'WEEK') AND starts_on < $2 ORDER \
              BY starts_on LIMIT $3",
        after: |kept| Retention::of_usage(kept) + days(31),
    },
    Rule {
        name: "days of seats",
        // The last row of a subscription before the term says how it began: it stays until a younger one is as old.
        change: "DELETE FROM seat_days",
        old: "SELECT d.id FROM seat_days d WHERE d.account_id = $1 AND d.day < $2 AND EXISTS (SELECT 1 FROM seat_days n WHERE n.account_id = $1 AND \
              n.subscription_id = d.subscription_id AND n.day > d.day AND n.day < $2) ORDER BY d.day LIMIT $3",
        after: |_| days(400),
    },
];

/// What goes with its import. It lies in the order of imports, and what is cleared lies in front, so that only that is read: up to `$4`, behind which there is
/// nothing of an import that is old enough.
const RULES_OF_IMPORTS: [Rule; 2] = [
    Rule {
        name: "import events",
        // As long as `importProgress` promises to replay them.
        change: "DELETE FROM import_events",
        old: "SELECT e.id FROM import_events e JOIN imports i ON i.account_id = e.account_id AND i.id = e.import_id WHERE \
              e.account_id = $1 AND e.id <= $4 AND i.finished_at < $2 ORDER BY e.id LIMIT $3",
        after: |_| days(7),
    },
    Rule {
        name: "import rows",
        change: "DELETE FROM import_rows",
        old: "SELECT r.id FROM import_rows r JOIN imports i ON i.account_id = r.account_id AND i.id = r.import_id WHERE \
              r.account_id = $1 AND r.id <= $4 AND i.finished_at < $2 ORDER BY r.id LIMIT $3",
        after: Retention::rows_of_imports,
    },
];

/// The same for jobs that are done for many people.
const RULES_OF_JOBS: [Rule; 2] = [
    Rule {
        name: "events of jobs",
        // As long as `bulkJobProgress` promises to replay them.
        change: "DELETE FROM bulk_job_events",
        old: "SELECT e.id FROM bulk_job_events e JOIN bulk_jobs j ON j.account_id = e.account_id AND j.id = e.bulk_job_id WHERE \
              e.account_id = $1 AND e.id <= $4 AND j.finished_at < $2 ORDER BY e.id LIMIT $3",
        after: |_| days(7),
    },
    Rule {
        name: "people of jobs",
        change: "DELETE FROM bulk_job_items",
        old: "SELECT i.id FROM bulk_job_items i JOIN bulk_jobs j ON j.account_id = i.account_id AND j.id = i.bulk_job_id WHERE \
              i.account_id = $1 AND i.id <= $4 AND j.finished_at < $2 ORDER BY i.id LIMIT $3",
        after: Retention::rows_of_imports,
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
            let before = self.before(rule, work);
            has_more |= self.clear(work, rule, before, None).await?;
        }
        for rule in RULES_OF_IMPORTS {
            let before = self.before(rule, work);
            if let Some(last) = self.last_import_finished(work, before).await? {
                let up_to = ids::numbered(last, i32::MAX);
                has_more |= self.clear(work, rule, before, Some(up_to)).await?;
            }
        }
        for rule in RULES_OF_JOBS {
            let before = self.before(rule, work);
            if let Some(last) = self.last_job_finished(work, before).await? {
                let up_to = ids::numbered(last, i32::MAX);
                has_more |= self.clear(work, rule, before, Some(up_to)).await?;
            }
        }
        Ok(audit_term::clear(work, self.account_id).await? || has_more)
    }
}

impl ClearAway {
    /// What is older than this goes.
    fn before(self, rule: Rule, work: &Work) -> DateTime<Utc> {
        work.now() - (rule.after)(self.retention)
    }

    /// Clears away one batch. Answers whether there may be more.
    async fn clear(
        self,
        work: &Work,
        rule: Rule,
        before: DateTime<Utc>,
        up_to: Option<Uuid>,
    ) -> Result<bool> {
        let mut values: Vec<Value> = vec![self.account_id.into(), before.into(), AT_ONCE.into()];
        values.extend(up_to.map(Value::from));
        let sql = format!(
            "{} WHERE account_id = $1 AND id {}",
            rule.change,
            found(work.backend(), rule.old)
        );
        let statement = Statement::from_sql_and_values(work.backend(), sql, values);
        let cleared = work.execute(statement).await?;
        if cleared > 0 {
            tracing::debug!(account_id = %self.account_id, what = rule.name, cleared, "cleared away what is old");
        }
        Ok(cleared >= AT_ONCE)
    }

    /// The import that was begun last of those that had ended by then. Behind it are only those of the term itself.
    async fn last_import_finished(self, work: &Work, before: DateTime<Utc>) -> Result<Option<Uuid>> {
        let last = import::Entity::find()
            .select_only()
            .column(import::Column::Id)
            .filter(import::Column::AccountId.eq(self.account_id))
            .filter(import::Column::FinishedAt.lt(before))
            .order_by_desc(import::Column::Id)
            .limit(1);
        Ok(last.into_tuple().one(work.reader()).await?)
    }

    /// The same of jobs.
    async fn last_job_finished(self, work: &Work, before: DateTime<Utc>) -> Result<Option<Uuid>> {
        let last = bulk_job::Entity::find()
            .select_only()
            .column(bulk_job::Column::Id)
            .filter(bulk_job::Column::AccountId.eq(self.account_id))
            .filter(bulk_job::Column::FinishedAt.lt(before))
            .order_by_desc(bulk_job::Column::Id)
            .limit(1);
        Ok(last.into_tuple().one(work.reader()).await?)
    }
}
