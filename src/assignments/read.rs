//! Reading assignments: always of the reader's account.

use std::sync::Arc;

use entity::assignment;
use entity::rows::Row;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::Assignment;
use crate::error::Result;
use crate::graphql::Scope;
use crate::platform::arrays::among;

impl Assignment {
    pub async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        Self::list(scope, assignment::Column::Id, ids).await
    }

    /// All assignments of some users: a user has one per product at most, so the list is as short as the catalogue.
    pub async fn of_users(scope: &Scope, users: &[Uuid]) -> Result<Vec<Self>> {
        Self::list(scope, assignment::Column::UserId, users).await
    }

    async fn list(scope: &Scope, column: assignment::Column, wanted: &[Uuid]) -> Result<Vec<Self>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let found = assignment::Entity::find()
            .filter(assignment::Column::AccountId.eq(scope.account_id()?))
            .filter(among(scope.db().get_database_backend(), column, wanted))
            .order_by_asc(assignment::Column::Id)
            .into_model::<Row<assignment::Model>>()
            .all(scope.db())
            .await?;
        Ok(found
            .into_iter()
            .map(|Row(model)| Self(Arc::new(model)))
            .collect())
    }
}
