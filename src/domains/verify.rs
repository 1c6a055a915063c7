//! Looking for the proof because somebody asks: the claim becomes a proven domain, or shows what is missing.

use entity::domain::{self, Status};
use entity::ids::Kind;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::claim::elsewhere;
use super::proof;
use super::rules::{LOOK_EVERY, Look, status};
use crate::access::{Action, Actor};
use crate::app::App;
use crate::background::jobs;
use crate::command::{Command, Work};
use crate::directory::domains as owners;
use crate::error::{Code, Error, Refusal, Result};
use crate::rate_limit::{Count, of_account, rates};

/// Looks at the DNS and books what it says. A record that is not there is no refusal: the domain's status and message say so.
#[derive(Clone, Debug)]
pub struct VerifyDomain {
    domain_id: Uuid,
    look: Option<Look>,
}

impl VerifyDomain {
    pub fn new(domain_id: Uuid) -> Self {
        Self {
            domain_id,
            look: None,
        }
    }
}

impl Command for VerifyDomain {
    type Output = domain::Model;
    const NAME: &'static str = "domains.verify";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        let account_id = actor.account_id().ok_or(Error::Unauthenticated)?;
        let found = domain::Entity::find_by_id((account_id, self.domain_id))
            .one(app.reader())
            .await?;
        let now = app.clock().now();
        if let Some(domain) = found.filter(|domain| status(domain, now) != Status::Lapsed) {
            let count = Count {
                counters: of_account(rates::DOMAIN_CHECKS, account_id),
                action: self.action(),
            };
            app.run(actor, count).await?;
            self.look = Some(proof::look(app, &domain).await?);
        }
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<domain::Model> {
        let account_id = work.account_id()?;
        let Some(mut domain) = super::load(work, account_id, self.domain_id).await? else {
            return Err(not_found().into());
        };
        let Some(look) = self
            .look
            .filter(|_| status(&domain, work.now()) != Status::Lapsed)
        else {
            let message = "This claim has lapsed. Claim the domain again.";
            return Err(Refusal::new(Code::DomainNotVerified, message)
                .at("input.domainId")
                .into());
        };
        domain.last_checked_at = Some(work.now());
        domain.last_check_message = Some(look.message());
        work.touch(Kind::Domain.text(domain.id));
        match (domain.status, &look) {
            // What the daily look counts is not for a click to count.
            (Status::Verified, _) | (_, Look::Unanswered) => super::store(work, &domain).await?,
            (_, Look::Found) => prove(work, &mut domain).await?,
            (_, Look::Missing(_)) => {
                domain.status = Status::Failed;
                super::store(work, &domain).await?;
            }
        }
        Ok(domain)
    }
}

pub(super) fn not_found() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such domain.").at("input.domainId")
}

/// Of two accounts that get here at once, the directory takes one.
async fn prove(work: &mut Work, domain: &mut domain::Model) -> Result<()> {
    if !owners::take(work, &domain.name, domain.account_id).await? {
        return Err(elsewhere().into());
    }
    let before = domain.status;
    let next = work.now() + LOOK_EVERY;
    domain.status = Status::Verified;
    domain.verified_at = Some(work.now());
    domain.next_check_at = Some(next);
    domain.misses = 0;
    super::store(work, domain).await?;
    work.changed("status", Some(format!("{before:?}")), Some("Verified".to_owned()));
    jobs::enqueue_at(work, jobs::Kind::DomainCheck, domain.account_id, domain.id, next).await
}
