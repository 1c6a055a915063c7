//! Which domains a provider signs in: verified ones of the account, each by one provider at most.

use std::collections::HashSet;

use entity::ids::Kind;
use entity::{domain, identity_provider, identity_provider_domain};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::{Code, Refusal, Result};

/// Has a provider sign in these domains and no others. Answers whether that is a change.
pub async fn route(work: &mut Work, provider: &identity_provider::Model, domains: &[Uuid]) -> Result<bool> {
    let routed = identity_provider_domain::Entity::find()
        .filter(identity_provider_domain::Column::AccountId.eq(provider.account_id))
        .all(work.reader())
        .await?;
    let (own, others): (Vec<_>, Vec<_>) = routed
        .into_iter()
        .partition(|row| row.identity_provider_id == provider.id);
    let wanted: HashSet<Uuid> = domains.iter().copied().collect();
    let before: HashSet<Uuid> = own.iter().map(|row| row.domain_id).collect();
    if wanted == before {
        return Ok(false);
    }
    check(work, provider, domains, &before, &others).await?;
    let gone = identity_provider_domain::Entity::delete_many()
        .filter(identity_provider_domain::Column::AccountId.eq(provider.account_id))
        .filter(identity_provider_domain::Column::IdentityProviderId.eq(provider.id))
        .filter(identity_provider_domain::Column::DomainId.is_in(before.difference(&wanted).copied()));
    work.delete(gone).await?;
    let new = wanted.difference(&before);
    let new = new.map(|domain_id| identity_provider_domain::ActiveModel {
        account_id: Set(provider.account_id),
        id: Set(work.new_id()),
        identity_provider_id: Set(provider.id),
        domain_id: Set(*domain_id),
    });
    work.insert(new.collect()).await?;
    work.changed("domains", Some(texts(&before)), Some(texts(&wanted)));
    Ok(true)
}

/// A domain that is not the account's is answered as one that does not exist. One that lapsed since it was routed may stay: it routes nobody.
async fn check(
    work: &Work,
    provider: &identity_provider::Model,
    domains: &[Uuid],
    before: &HashSet<Uuid>,
    others: &[identity_provider_domain::Model],
) -> Result<()> {
    let known = domain::Entity::find()
        .filter(domain::Column::AccountId.eq(provider.account_id))
        .filter(domain::Column::Id.is_in(domains.iter().copied()))
        .all(work.reader())
        .await?;
    for (place, id) in domains.iter().enumerate() {
        let refused = |code, text: &str| {
            Err(Refusal::new(code, text)
                .at(&format!("input.domainIds.{place}"))
                .into())
        };
        match known.iter().find(|domain| domain.id == *id) {
            None => return refused(Code::NotFound, "There is no such domain."),
            Some(domain) if domain.status != domain::Status::Verified && !before.contains(id) => {
                return refused(Code::DomainNotVerified, "Verify this domain first.");
            }
            Some(_) if others.iter().any(|row| row.domain_id == *id) => {
                let text = "Another identity provider signs this domain in already.";
                return refused(Code::AlreadyExists, text);
            }
            Some(_) => {}
        }
    }
    Ok(())
}

fn texts(domains: &HashSet<Uuid>) -> String {
    let mut texts: Vec<String> = domains.iter().map(|id| Kind::Domain.text(*id)).collect();
    texts.sort_unstable();
    texts.join(" ")
}
