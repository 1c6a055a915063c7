//! Reading accounts: the reader's own, and no other.

use std::sync::Arc;

use entity::account;
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::error::Result;
use crate::read::{ById, Scope};

/// A customer.
#[derive(Clone, Debug)]
pub struct Account(pub Arc<account::Model>);

impl ById for Account {
    fn id(&self) -> Uuid {
        self.0.id
    }

    /// The reader's own account; any other is not found.
    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        let own = Self::own(scope).await?;
        Ok(own.into_iter().filter(|own| ids.contains(&own.0.id)).collect())
    }
}

impl Account {
    /// The reader's own account.
    pub async fn own(scope: &Scope) -> Result<Option<Self>> {
        let own = account::Entity::find_by_id(scope.account_id()?)
            .one(scope.db())
            .await?;
        Ok(own.map(|model| Self(Arc::new(model))))
    }
}
