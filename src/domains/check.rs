//! The daily look: a job that books what it found and puts itself off until tomorrow.

use chrono::Duration;
use entity::domain::{self, Status};
use entity::ids::Kind;
use entity::notification::{self, Severity};
use sea_orm::EntityTrait;

use super::proof;
use super::rules::{self, Look, MOST_MISSES};
use crate::access::{Action, Actor};
use crate::app::App;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Record, Work};
use crate::directory::domains as owners;
use crate::error::Result;
use crate::notifications::{Notice, notify_who_may};

/// Looks at the DNS and books it. A domain that was removed or has lapsed meanwhile needs no look.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let found = domain::Entity::find_by_id((lease.account_id, lease.subject_id))
        .one(app.reader())
        .await?;
    let look = match found.filter(|domain| domain.status == Status::Verified) {
        Some(domain) => Some(proof::look(app, &domain).await?),
        None => None,
    };
    book(app, lease, look).await
}

/// Puts a look that failed for reasons of ours off until tomorrow: it says nothing of the domain.
pub async fn give_up(app: &App, lease: &Lease) -> Result<()> {
    book(app, lease, Some(Look::Unanswered)).await
}

async fn book(app: &App, lease: &Lease, look: Option<Look>) -> Result<()> {
    let command = BookCheck {
        lease: lease.clone(),
        lease_for: app.settings().job_lease,
        look,
    };
    app.run(&Actor::Platform, command).await
}

/// Books a look and ends its job.
#[derive(Clone, Debug)]
struct BookCheck {
    lease: Lease,
    lease_for: Duration,
    look: Option<Look>,
}

impl Command for BookCheck {
    type Output = ();
    const NAME: &'static str = "domains.check";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let Lease {
            account_id,
            subject_id,
            ..
        } = self.lease;
        work.lock(account_id).await?;
        jobs::hold(work, &self.lease, self.lease_for).await?;
        jobs::finish(work, &self.lease).await?;
        let domain = super::load(work, account_id, subject_id).await?;
        let domain = domain.filter(|domain| domain.status == Status::Verified);
        let (Some(mut domain), Some(look)) = (domain, self.look) else {
            return Ok(());
        };
        let missed_before = domain.misses;
        let lapses = rules::book(&mut domain, &look, work.now());
        super::store(work, &domain).await?;
        if lapses {
            owners::release(work, &domain.name, account_id).await?;
        }
        if let Some(next) = domain.next_check_at {
            jobs::enqueue_at(work, jobs::Kind::DomainCheck, account_id, domain.id, next).await?;
        }
        if lapses {
            return work.run(Lapse { domain }).await;
        }
        if missed_before == 0 && domain.misses == 1 {
            notify_who_may(work, domain.account_id, Action::ManageSso, &missing(&domain)).await?;
        }
        Ok(())
    }
}

/// Makes known that a domain is not the account's any more, in the audit log and to those who can do something about it.
#[derive(Clone, Debug)]
struct Lapse {
    domain: domain::Model,
}

impl Command for Lapse {
    type Output = ();
    const NAME: &'static str = "domains.lapse";

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let domain = self.domain;
        work.touch(Kind::Account.text(domain.account_id));
        work.touch(Kind::Domain.text(domain.id));
        work.changed("status", Some("Verified".to_owned()), Some("Lapsed".to_owned()));
        notify_who_may(work, domain.account_id, Action::ManageSso, &lapsed(&domain)).await?;
        Ok(())
    }
}

fn missing(domain: &domain::Model) -> Notice {
    Notice {
        kind: notification::Kind::DomainCheckFailed,
        severity: Severity::Warning,
        title: format!("The DNS record of {} is missing", domain.name),
        body: format!(
            "The daily check did not find the record that proves the domain. After {MOST_MISSES} checks in a row without it the domain lapses."
        ),
        subject: Some(Kind::Domain.text(domain.id)),
    }
}

fn lapsed(domain: &domain::Model) -> Notice {
    Notice {
        kind: notification::Kind::DomainCheckFailed,
        severity: Severity::Critical,
        title: format!("The domain {} has lapsed", domain.name),
        body: format!(
            "{MOST_MISSES} daily checks in a row did not find its DNS record. Nobody new is added from it. Publish the record and claim the domain again."
        ),
        subject: Some(Kind::Domain.text(domain.id)),
    }
}
