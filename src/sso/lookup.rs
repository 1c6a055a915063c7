//! What a sign-in looks up before anybody is known: an address at the provider's side names the provider alone, and an e-mail its domain, which one account at
//! most has proven. The directories know the account of either.

use entity::ids::Kind;
use entity::{account, identity_provider};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use uuid::Uuid;

use crate::access::Actor;
use crate::command::Work;
use crate::directory::{domains as owners, providers};
use crate::error::{Error, Result};
use crate::person::EmailAddress;

/// A provider, whatever its account and its state.
pub async fn by_id<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<identity_provider::Model>> {
    let Some(account_id) = providers::account(db, id).await? else {
        return Ok(None);
    };
    Ok(identity_provider::Entity::find_by_id((account_id, id))
        .one(db)
        .await?)
}

/// The enabled provider that signs in the addresses of this e-mail's domain. A domain that is not verified, or is no longer, routes nobody.
pub async fn routed<C: ConnectionTrait>(
    db: &C,
    email: &EmailAddress,
) -> Result<Option<identity_provider::Model>> {
    let Some(account_id) = owners::owner(db, email.domain()).await? else {
        return Ok(None);
    };
    let sql = "SELECT p.* FROM domains d \
               JOIN identity_provider_domains r ON r.account_id = d.account_id AND r.domain_id = d.id \
               JOIN identity_providers p ON p.account_id = r.account_id AND p.id = r.identity_provider_id \
               WHERE d.account_id = $1 AND d.name = $2 AND d.status = 'VERIFIED' AND p.status = 'ENABLED'";
    let values = [account_id.into(), email.domain().into()];
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
    Ok(identity_provider::Entity::find()
        .from_raw_sql(statement)
        .one(db)
        .await?)
}

/// The acting provider with its account, locked.
pub async fn acting(work: &mut Work) -> Result<(account::Model, identity_provider::Model)> {
    let (account_id, id) = acting_ids(work)?;
    let account = work.lock(account_id).await?.ok_or(Error::Forbidden)?;
    let provider = identity_provider::Entity::find_by_id((account_id, id))
        .one(work.reader())
        .await?;
    let provider = provider.ok_or(Error::Forbidden)?;
    work.touch(Kind::IdentityProvider.text(id));
    Ok((account, provider))
}

/// The account and the provider in whose name it is acted.
pub fn acting_ids(work: &Work) -> Result<(Uuid, Uuid)> {
    match work.actor() {
        Actor::Sso {
            account_id,
            identity_provider_id,
            ..
        } => Ok((*account_id, *identity_provider_id)),
        _ => Err(Error::Forbidden),
    }
}
