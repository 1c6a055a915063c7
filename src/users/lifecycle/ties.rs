//! What ties users to single sign-on: whose name a provider keeps, and what becomes of a removed user's links.

use std::collections::HashSet;

use entity::external_identity;
use entity::user::{self, Origin};
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;
use crate::platform::constants::Constants;

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

/// An administrator adds addresses anew of which some belonged to people who were removed: the provider's subject is from now on the new user's to be linked
/// to, not the tombstone's.
pub async fn unlink_removed(work: &Work, account_id: Uuid, added: Vec<String>) -> Result<()> {
    if added.is_empty() {
        return Ok(());
    }
    let tombstones = Query::select()
        .column(user::Column::Id)
        .from(user::Entity)
        .and_where(user::Column::AccountId.eq(account_id))
        .and_where(user::Column::Status.eq_constant(user::Status::Removed))
        .and_where(user::Column::EmailKey.is_in(added))
        .take();
    let links = external_identity::Entity::delete_many()
        .filter(external_identity::Column::AccountId.eq(account_id))
        .filter(external_identity::Column::UserId.in_subquery(tombstones));
    work.delete(links).await?;
    Ok(())
}
