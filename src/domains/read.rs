//! Reading domains: always of the reader's account.

use entity::domain::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};

use crate::error::Result;
use crate::read::{Scope, account_row};

account_row! {
    /// An e-mail domain of the account.
    Domain, domain
}

/// The account's domains in the order of their names.
pub async fn all(scope: &Scope) -> Result<Vec<Domain>> {
    let found = Entity::find()
        .filter(Column::AccountId.eq(scope.account_id()?))
        .order_by_asc(Column::Name)
        .all(scope.db())
        .await?;
    Ok(found.into_iter().map(Domain::from).collect())
}
