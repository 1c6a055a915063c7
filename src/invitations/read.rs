//! Reading invitations: always of the reader's account.

use entity::invitation::{Column, Entity, Model};
use entity::rows::Row;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::Result;
use crate::platform::arrays::among;
use crate::read::{Scope, account_row};

account_row! {
    /// The offer to join.
    Invitation, invitation
}

/// Every invitation of some users in the order of making: the last of a user's is the one that counts.
pub async fn of_users(scope: &Scope, users: &[Uuid]) -> Result<Vec<Invitation>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let found = Entity::find()
        .filter(Column::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), Column::UserId, users))
        .order_by_asc(Column::Id)
        .into_model::<Row<Model>>()
        .all(scope.db())
        .await?;
    Ok(found
        .into_iter()
        .map(|Row(model)| Invitation::from(model))
        .collect())
}
