//! Whose an identity provider is: the addresses registered at a provider's side name the provider alone.

use entity::provider_account::{ActiveModel, Column, Entity, Model};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;

/// Lists a new provider.
pub async fn list(work: &Work, identity_provider_id: Uuid, account_id: Uuid) -> Result<()> {
    let row = ActiveModel::from(Model {
        identity_provider_id,
        account_id,
    });
    work.insert(vec![row]).await
}

/// Takes a provider out that is deleted.
pub async fn forget(work: &Work, identity_provider_id: Uuid) -> Result<()> {
    let gone = Entity::delete_many().filter(Column::IdentityProviderId.eq(identity_provider_id));
    work.delete(gone).await?;
    Ok(())
}

/// The account of a provider.
pub async fn account<C: ConnectionTrait>(db: &C, identity_provider_id: Uuid) -> Result<Option<Uuid>> {
    let found = Entity::find_by_id(identity_provider_id).one(db).await?;
    Ok(found.map(|listed| listed.account_id))
}
