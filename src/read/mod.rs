//! How reads are made: from a [`Scope`], so that none starts without an account, by id or a page at a time.

pub mod follow;
pub mod paging;
pub mod recent;
mod scope;
pub mod terms;
pub mod together;

use std::future::Future;
use std::sync::Arc;

use entity::rows::Row;
use sea_orm::sea_query::{SelectStatement, UnionType};
use sea_orm::{
    ColumnTrait, ConnectionTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, Select,
};
use uuid::Uuid;

pub use scope::Scope;

use crate::error::Result;
use crate::platform::arrays::among;

/// Something that can be found by its id within what the reader sees. What is another account's is as absent as what never was.
pub trait ById: Sized + Send {
    fn id(&self) -> Uuid;

    /// Those that are there, in any order. Ids may repeat.
    fn by_ids(scope: &Scope, ids: &[Uuid]) -> impl Future<Output = Result<Vec<Self>>> + Send;
}

/// Rows of the reader's account by id.
pub async fn rows_by_ids<E: EntityTrait>(
    scope: &Scope,
    account: E::Column,
    id: E::Column,
    ids: &[Uuid],
) -> Result<Vec<Arc<E::Model>>>
where
    Row<E::Model>: FromQueryResult,
{
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let found = E::find()
        .filter(account.eq(scope.account_id()?))
        .filter(among(scope.db().backend(), id, ids))
        .into_model::<Row<E::Model>>()
        .all(scope.db())
        .await?;
    Ok(found.into_iter().map(|Row(model)| Arc::new(model)).collect())
}

/// The rows of several selects, one behind the other, as one statement; `None` without any. One that has an order or an end of its own stands within parentheses.
pub fn in_one(selects: impl IntoIterator<Item = SelectStatement>) -> Option<SelectStatement> {
    let mut selects = selects.into_iter();
    let mut all = selects.next()?;
    for select in selects {
        all.union(UnionType::All, select);
    }
    Some(all)
}

/// How many rows a query finds.
pub async fn count<E>(scope: &Scope, query: Select<E>) -> Result<i32>
where
    E: EntityTrait,
    E::Model: Sync,
{
    Ok(i32::try_from(query.count(scope.db()).await?).unwrap_or(i32::MAX))
}

/// How many rows a query finds beyond those that were read of it, `most` at the most.
pub async fn beyond<E>(db: &impl ConnectionTrait, query: Select<E>, found: usize, most: usize) -> Result<i32>
where
    E: EntityTrait,
    E::Model: Sync,
{
    let more = match found < most {
        true => 0,
        false => query.count(db).await?.saturating_sub(found as u64),
    };
    Ok(i32::try_from(more).unwrap_or(i32::MAX))
}

/// A row of an account's table as the rest of the house reads it: shared, so that copies are cheap, and found by its id.
macro_rules! account_row {
    ($(#[doc = $doc:literal])+ $name:ident, $table:ident) => {
        $(#[doc = $doc])+
        #[derive(Clone, Debug)]
        pub struct $name(pub std::sync::Arc<entity::$table::Model>);

        impl From<entity::$table::Model> for $name {
            fn from(model: entity::$table::Model) -> Self {
                Self(std::sync::Arc::new(model))
            }
        }

        impl $crate::read::ById for $name {
            fn id(&self) -> uuid::Uuid {
                self.0.id
            }

            async fn by_ids(scope: &$crate::read::Scope, ids: &[uuid::Uuid]) -> $crate::error::Result<Vec<Self>> {
                use entity::$table::{Column, Entity};
                let found = $crate::read::rows_by_ids::<Entity>(scope, Column::AccountId, Column::Id, ids).await?;
                Ok(found.into_iter().map(Self).collect())
            }
        }
    };
}
pub(crate) use account_row;
