//! A domain whose owner the operator knows by other means than the DNS: a contract, a closed network.

use entity::domain::{self, Column, Status};
use entity::ids::Kind;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::account::lock_named;
use crate::access::Action;
use crate::background::jobs;
use crate::command::{Command, Work};
use crate::directory::domains as owners;
use crate::domains::rules::DomainName;
use crate::error::{Code, Error, Refusal, Result};

/// Takes a domain as proven on the operator's word. There is no record to find, so it is not looked for every day, or no longer.
#[derive(Clone, Debug)]
pub struct VouchForDomain {
    /// The account's slug.
    pub account: String,
    pub name: String,
}

impl Command for VouchForDomain {
    type Output = Uuid;
    const NAME: &'static str = "domains.vouch";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<Uuid> {
        let name = DomainName::parse(&self.name)?;
        let account = lock_named(work, &self.account).await?;
        if !owners::take(work, name.as_str(), account.id).await? {
            let text = "Another account has proven that this domain is its own.";
            return Err(Refusal::new(Code::DomainClaimedElsewhere, text).into());
        }
        let known = OnConflict::columns([Column::AccountId, Column::Name])
            .update_columns([
                Column::Status,
                Column::VerifiedAt,
                Column::NextCheckAt,
                Column::Misses,
            ])
            .to_owned();
        let row = domain::ActiveModel::from(proven(work, account.id, &name));
        work.insert_new(vec![row], known).await?;
        let domain = domain::Entity::find()
            .filter(Column::AccountId.eq(account.id))
            .filter(Column::Name.eq(name.as_str()))
            .one(work.reader())
            .await?;
        let domain = domain.ok_or_else(|| Error::internal("a domain just written is not there"))?;
        jobs::cancel(work, jobs::Kind::DomainCheck, account.id, domain.id).await?;
        work.touch(Kind::Account.text(account.id));
        work.touch(Kind::Domain.text(domain.id));
        Ok(domain.id)
    }
}

fn proven(work: &Work, account_id: Uuid, name: &DomainName) -> domain::Model {
    domain::Model {
        account_id,
        id: work.new_id(),
        name: name.as_str().to_owned(),
        status: Status::Verified,
        created_by: None,
        created_at: work.now(),
        claim_ends_at: work.now(),
        verified_at: Some(work.now()),
        last_checked_at: None,
        last_check_message: None,
        next_check_at: None,
        misses: 0,
    }
}
