//! Giving a domain up.

use entity::ids::Kind;
use entity::{domain, identity_provider, identity_provider_domain};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::verify::not_found;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::directory::domains as owners;
use crate::error::{Code, Refusal, Result};
use crate::platform::constants::Constants;

/// Removes a domain, proven or not, unless people sign in by it.
#[derive(Clone, Debug)]
pub struct RemoveDomain {
    pub domain_id: Uuid,
}

impl Command for RemoveDomain {
    type Output = ();
    const NAME: &'static str = "domains.remove";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let account_id = work.account_id()?;
        let Some(domain) = super::load(work, account_id, self.domain_id).await? else {
            return Err(not_found().into());
        };
        let routed = identity_provider_domain::Entity::find()
            .filter(identity_provider_domain::Column::AccountId.eq(account_id))
            .filter(identity_provider_domain::Column::DomainId.eq(domain.id))
            .all(work.reader())
            .await?;
        let providers = routed.iter().map(|route| route.identity_provider_id);
        let in_use = identity_provider::Entity::find()
            .filter(identity_provider::Column::AccountId.eq(account_id))
            .filter(identity_provider::Column::Id.is_in(providers))
            .filter(identity_provider::Column::Status.eq_constant(identity_provider::Status::Enabled))
            .one(work.reader())
            .await?;
        if let Some(provider) = in_use {
            let message = format!(
                "People of this domain sign in by \"{}\". Disable the identity provider or take the domain from it first.",
                provider.name
            );
            return Err(Refusal::new(Code::SsoInUse, message).at("input.domainId").into());
        }
        let routes = identity_provider_domain::Entity::delete_many()
            .filter(identity_provider_domain::Column::AccountId.eq(account_id))
            .filter(identity_provider_domain::Column::DomainId.eq(domain.id));
        work.delete(routes).await?;
        let removed = domain::Entity::delete_many()
            .filter(domain::Column::AccountId.eq(account_id))
            .filter(domain::Column::Id.eq(domain.id));
        work.delete(removed).await?;
        owners::release(work, &domain.name, account_id).await?;
        work.touch(Kind::Domain.text(domain.id));
        work.changed("name", Some(domain.name), None);
        Ok(())
    }
}
