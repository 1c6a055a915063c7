//! Saying that a domain is one's own.

use entity::domain::{self, Status};
use entity::ids::Kind;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules::{CLAIM_STANDS_FOR, DomainName, MOST_CLAIMS, status};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::directory::domains::owned_by_others;
use crate::error::{Code, Detail, Refusal, Result};

/// Claims a domain. A claim that stands is answered as it is; one that has lapsed stands again.
#[derive(Clone, Debug)]
pub struct ClaimDomain {
    pub name: String,
}

impl Command for ClaimDomain {
    type Output = domain::Model;
    const NAME: &'static str = "domains.claim";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    async fn apply(self, work: &mut Work) -> Result<domain::Model> {
        let name = DomainName::parse(&self.name).map_err(|refusal| refusal.at("input.name"))?;
        let account_id = work.account_id()?;
        let claims = domain::Entity::find()
            .filter(domain::Column::AccountId.eq(account_id))
            .all(work.reader())
            .await?;
        let known = claims.iter().find(|domain| domain.name == name.as_str());
        let claimed = match known.map(|domain| (domain, status(domain, work.now()))) {
            Some((_, Status::Verified)) => {
                return Err(
                    Refusal::new(Code::AlreadyExists, "The account has proven this domain already.")
                        .at("input.name")
                        .into(),
                );
            }
            Some((standing, Status::Pending | Status::Failed)) => standing.clone(),
            Some((lapsed, Status::Lapsed)) => {
                free(work, account_id, &name).await?;
                let again = again(work, lapsed)?;
                super::store(work, &again).await?;
                again
            }
            None if claims.len() >= MOST_CLAIMS => return Err(too_many().into()),
            None => {
                free(work, account_id, &name).await?;
                let first = first(work, account_id, &name)?;
                work.insert(vec![domain::ActiveModel::from(first.clone())])
                    .await?;
                first
            }
        };
        work.touch(Kind::Domain.text(claimed.id));
        Ok(claimed)
    }
}

/// Whether nobody else has proven it. Looked at again when this claim is.
async fn free(work: &Work, account_id: Uuid, name: &DomainName) -> Result<()> {
    let taken = owned_by_others(work, account_id, [name.as_str()]).await?;
    match taken.is_empty() {
        true => Ok(()),
        false => Err(elsewhere().at("input.name").into()),
    }
}

pub(super) fn elsewhere() -> Refusal {
    Refusal::new(
        Code::DomainClaimedElsewhere,
        "Another account has proven that this domain is its own.",
    )
}

fn too_many() -> Refusal {
    let limit = i32::try_from(MOST_CLAIMS).unwrap_or(i32::MAX);
    let message = format!("An account names at most {MOST_CLAIMS} domains. Remove one first.");
    Refusal::new(Code::QuotaExceeded, message).with(Detail::Quota {
        limit,
        retry_after_seconds: None,
    })
}

fn first(work: &Work, account_id: Uuid, name: &DomainName) -> Result<domain::Model> {
    Ok(domain::Model {
        account_id,
        id: work.new_id(),
        name: name.as_str().to_owned(),
        status: Status::Pending,
        created_by: Some(work.member()?.user_id),
        created_at: work.now(),
        claim_ends_at: work.now() + CLAIM_STANDS_FOR,
        verified_at: None,
        last_checked_at: None,
        last_check_message: None,
        next_check_at: None,
        misses: 0,
    })
}

/// The row stays, because providers may refer to it; the proof has to be given anew.
fn again(work: &Work, lapsed: &domain::Model) -> Result<domain::Model> {
    Ok(domain::Model {
        status: Status::Pending,
        created_by: Some(work.member()?.user_id),
        claim_ends_at: work.now() + CLAIM_STANDS_FOR,
        verified_at: None,
        last_checked_at: None,
        last_check_message: None,
        next_check_at: None,
        misses: 0,
        ..lapsed.clone()
    })
}
