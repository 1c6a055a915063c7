//! Reading contracts: always of the reader's account.

use entity::contract::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::error::Result;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, account_row, count};

account_row! {
    /// An agreement that subscriptions are bought under.
    Contract, contract
}

/// A page of the account's contracts, in the order they were made.
pub async fn page(scope: &Scope, request: &PageRequest, wants_total: bool) -> Result<Slice<Contract>> {
    let account_id = scope.account_id()?;
    let page = Page::new(request, account_id, "contracts")?;
    let listed = Entity::find().filter(Column::AccountId.eq(account_id));
    let total = match wants_total {
        true => Some(count(scope, listed.clone()).await?),
        false => None,
    };
    let rows = page
        .narrow(listed, Column::Id, Direction::Asc)
        .all(scope.db())
        .await?;
    let rows = rows.into_iter().map(Contract::from).collect();
    Ok(page.close(rows, total, |contract: &Contract| ("", contract.0.id)))
}
