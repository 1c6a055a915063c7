//! What ties users to single sign-on: whose name a provider keeps, and who keeps a password should the provider fail.

use std::collections::HashSet;

use entity::identity_provider::{self, Enforcement};
use entity::user::{self, Origin};
use entity::{external_identity, identity_provider::Status};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Result;

/// The administrators who keep a password while single sign-on is required of everybody else.
pub async fn password_keepers<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<HashSet<Uuid>> {
    let required = identity_provider::Entity::find()
        .filter(identity_provider::Column::AccountId.eq(account_id))
        .filter(identity_provider::Column::Status.eq(Status::Enabled))
        .filter(identity_provider::Column::Enforcement.eq(Enforcement::Required))
        .all(db)
        .await?;
    Ok(required
        .into_iter()
        .filter_map(|provider| provider.break_glass_user_id)
        .collect())
}

/// Those whose name and e-mail came from a provider and stand there: provisioned by single sign-on, and linked to it still. Somebody who was invited and
/// linked a provider later keeps the name that was written here.
pub async fn managed<'a, C: ConnectionTrait>(
    db: &C,
    account_id: Uuid,
    users: impl Iterator<Item = &'a user::Model>,
) -> Result<HashSet<Uuid>> {
    let provisioned: Vec<Uuid> = users
        .filter(|user| user.origin == Origin::SsoJit)
        .map(|user| user.id)
        .collect();
    if provisioned.is_empty() {
        return Ok(HashSet::new());
    }
    let links = external_identity::Entity::find()
        .filter(external_identity::Column::AccountId.eq(account_id))
        .filter(external_identity::Column::UserId.is_in(provisioned))
        .all(db)
        .await?;
    Ok(links.into_iter().map(|link| link.user_id).collect())
}
