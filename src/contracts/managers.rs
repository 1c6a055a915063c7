//! Who manages which contract.

use std::collections::HashMap;

use entity::contract_manager::{ActiveModel, Column, Entity, Model};
use entity::user::{self, Role, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;
use crate::platform::constants::Constants;
use crate::read::Scope;

/// Contract → who manages it, of those of an account that are named.
pub async fn of_contracts(scope: &Scope, contracts: &[Uuid]) -> Result<HashMap<Uuid, Uuid>> {
    let found = Entity::find()
        .filter(Column::AccountId.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), Column::Id, contracts))
        .all(scope.db())
        .await?;
    Ok(found.into_iter().map(|row| (row.id, row.user_id)).collect())
}

/// Everybody who manages a contract of an account, or did when it last worked with the classic view. An account has dozens of contracts, not thousands.
pub async fn all<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<Vec<Model>> {
    let found = Entity::find().filter(Column::AccountId.eq(account_id));
    Ok(found.all(db).await?)
}

/// The active contract manager who has been in the account longest.
pub async fn eldest<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<Option<Uuid>> {
    let eldest = user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Role.eq(Role::ContractManager))
        .filter(user::Column::Status.eq_constant(Status::Active))
        .order_by_asc(user::Column::CreatedAt)
        .order_by_asc(user::Column::Id);
    Ok(eldest.one(db).await?.map(|user| user.id))
}

/// Hands contracts to somebody, whoever managed them before.
pub async fn appoint(work: &Work, account_id: Uuid, user_id: Uuid, contracts: &[Uuid]) -> Result<()> {
    if contracts.is_empty() {
        return Ok(());
    }
    let row = |id: &Uuid| ActiveModel {
        account_id: Set(account_id),
        id: Set(*id),
        user_id: Set(user_id),
        since: Set(work.now()),
    };
    let handed = OnConflict::columns([Column::AccountId, Column::Id])
        .update_columns([Column::UserId, Column::Since])
        .to_owned();
    work.insert_or(contracts.iter().map(row).collect(), handed).await
}
