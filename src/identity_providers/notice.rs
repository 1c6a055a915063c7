//! Saying in time that a client secret is about to expire: 30 days, 7 days and 1 day before, once each, to those who can put another in.
//!
//! One job waits for the next of these days. Telling and planning the next are one transaction, so no day is told twice, and a worker that slept over one
//! of them tells it when it wakes.

use chrono::{DateTime, Duration, Utc};
use entity::ids::Kind;
use entity::notification::{self, Severity};
use entity::{identity_provider, job};
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::access::{Action, Actor};
use crate::app::App;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::notifications::{Notice, notify_who_may};

/// Days before the end.
const DAYS: [i64; 3] = [30, 7, 1];

/// Plans the next notice about a provider's secret, in place of whatever was planned.
pub async fn plan(work: &mut Work, provider: &identity_provider::Model) -> Result<()> {
    let (account_id, id) = (provider.account_id, provider.id);
    jobs::cancel(work, jobs::Kind::SecretNotice, account_id, id).await?;
    match provider.secret_expires_at.and_then(|end| next(end, work.now())) {
        Some(at) => jobs::enqueue_at(work, jobs::Kind::SecretNotice, account_id, id, at).await,
        None => Ok(()),
    }
}

/// Does the job.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let tell = TellOfSecret {
        lease: lease.clone(),
        is_given_up: false,
    };
    app.run(&Actor::Platform, tell).await
}

/// Leaves out a notice that failed too often for reasons of ours, and goes on to the next of the days. The audit log says that nobody was told.
pub async fn give_up(app: &App, lease: &Lease) -> Result<()> {
    let tell = TellOfSecret {
        lease: lease.clone(),
        is_given_up: true,
    };
    app.run(&Actor::Platform, tell).await
}

struct TellOfSecret {
    lease: Lease,
    /// Nobody is told; only the next day is planned.
    is_given_up: bool,
}

impl Command for TellOfSecret {
    type Output = ();
    const NAME: &'static str = "identity_providers.tell_of_secret";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let Lease {
            account_id,
            subject_id,
            job_id,
            ..
        } = self.lease;
        work.lock(account_id).await?;
        let job = job::Entity::find_by_id((account_id, job_id))
            .one(work.reader())
            .await?;
        jobs::finish(work, &self.lease).await?;
        let provider = identity_provider::Entity::find_by_id((account_id, subject_id))
            .one(work.reader())
            .await?;
        let (Some(job), Some(provider)) = (job, provider) else {
            return Ok(());
        };
        let Some(end) = provider.secret_expires_at else {
            return Ok(());
        };
        // A failure moves the job's time, never the time it was planned at.
        let is_due = next(end, job.created_at).is_some_and(|at| at <= work.now());
        if is_due && !self.is_given_up {
            let notice = notice(&provider, end, work.now());
            notify_who_may(work, account_id, Action::ManageSso, &notice).await?;
        } else if is_due {
            tracing::error!(provider = %provider.id, account = %account_id, "a notice that a secret expires was given up");
            work.run(GiveUpNotice {
                account_id,
                provider_id: provider.id,
                end,
            })
            .await?;
        }
        plan(work, &provider).await
    }
}

/// Leaves word of a notice that reached nobody where the account looks.
struct GiveUpNotice {
    account_id: Uuid,
    provider_id: Uuid,
    end: DateTime<Utc>,
}

impl Command for GiveUpNotice {
    type Output = ();
    const NAME: &'static str = "identity_providers.give_up_notice";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.touch(Kind::Account.text(self.account_id));
        work.touch(Kind::IdentityProvider.text(self.provider_id));
        work.changed("secretExpiresAt", None, Some(self.end.to_rfc3339()));
        Ok(())
    }
}

/// The first of the days after a moment.
fn next(end: DateTime<Utc>, after: DateTime<Utc>) -> Option<DateTime<Utc>> {
    DAYS.into_iter()
        .map(|days| end - Duration::days(days))
        .find(|at| *at > after)
}

fn notice(provider: &identity_provider::Model, end: DateTime<Utc>, now: DateTime<Utc>) -> Notice {
    let left = end - now;
    let title = if left <= Duration::zero() {
        format!("The client secret of {} has expired", provider.name)
    } else {
        // The last day counts: something that ends in six and a half days ends within seven.
        let days = left.num_days() + i64::from(left > Duration::days(left.num_days()));
        let days = if days == 1 {
            "a day".to_owned()
        } else {
            format!("{days} days")
        };
        format!("The client secret of {} expires within {days}", provider.name)
    };
    let last = *DAYS.last().unwrap_or(&1);
    Notice {
        kind: notification::Kind::SsoProblem,
        severity: if left <= Duration::days(last) {
            Severity::Critical
        } else {
            Severity::Warning
        },
        title,
        body: format!(
            "It is good until {}. After that nobody can sign in by this identity provider. Have it issue another secret, enter that here and test it.",
            end.format("%Y-%m-%d %H:%M UTC")
        ),
        subject: Some(Kind::IdentityProvider.text(provider.id)),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Duration};

    use super::next;

    #[test]
    fn three_days_are_told_each_once() {
        let end = DateTime::UNIX_EPOCH + Duration::days(100);
        let day = |number| DateTime::UNIX_EPOCH + Duration::days(number);
        assert_eq!(next(end, day(0)), Some(day(70)));
        assert_eq!(next(end, day(70)), Some(day(93)));
        assert_eq!(next(end, day(80)), Some(day(93)));
        assert_eq!(next(end, day(93)), Some(day(99)));
        assert_eq!(next(end, day(99)), None);
    }
}
