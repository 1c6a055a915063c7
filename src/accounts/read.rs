//! Reading accounts: the reader's own, and no other.

use std::sync::Arc;

use entity::account::{Column, Entity};
use sea_orm::{ConnectionTrait, DerivePartialModel, EntityTrait};
use uuid::Uuid;

use super::memory;
use super::profile::Profile;
use crate::error::Result;
use crate::read::{ById, Scope};

/// A customer.
#[derive(Clone, Debug)]
pub struct Account(pub Arc<Profile>);

/// Users of an account by status, as its counters have them this moment.
#[derive(Clone, Copy, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Counts {
    pub users_staged: i32,
    pub users_pending: i32,
    pub users_active: i32,
    pub users_disabled: i32,
    /// Those of any status but removed whose role is an administrator's.
    pub users_admin: i32,
}

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
    /// The reader's own account, from memory.
    pub async fn own(scope: &Scope) -> Result<Option<Self>> {
        let own = memory::profile(scope.app(), scope.account_id()?).await?;
        Ok(own.map(Self))
    }
}

impl Counts {
    /// Those of the reader's own account.
    pub async fn own(scope: &Scope) -> Result<Option<Self>> {
        let own = Entity::find_by_id(scope.account_id()?);
        Ok(own.into_partial_model().one(scope.db()).await?)
    }

    /// All that are listed.
    pub const fn total(&self) -> i32 {
        self.users_staged + self.users_pending + self.users_active + self.users_disabled
    }
}

/// Those of some accounts, whichever reader may see them.
pub async fn profiles<C: ConnectionTrait>(
    db: &C,
    ids: impl IntoIterator<Item = Uuid>,
) -> Result<Vec<Account>> {
    use sea_orm::{ColumnTrait, QueryFilter};
    let found = Entity::find().filter(Column::Id.is_in(ids));
    let found: Vec<Profile> = found.into_partial_model().all(db).await?;
    Ok(found
        .into_iter()
        .map(|profile| Account(Arc::new(profile)))
        .collect())
}
