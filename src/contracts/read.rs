//! Reading contracts: always of the reader's account.

use chrono::NaiveDate;
use entity::contract::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::rules::Status;
use crate::error::Result;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, account_row, count, terms};

account_row! {
    /// An agreement that subscriptions are bought under.
    Contract, contract
}

/// A page of the account's contracts, in the order they were made: all, or those that stand in one of these ways today.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    statuses: Option<&[Status]>,
    wants_total: bool,
) -> Result<Slice<Contract>> {
    let account_id = scope.account_id()?;
    let page = Page::new(request, account_id, &format!("contracts {statuses:?}"))?;
    let today = scope.app().clock().now().date_naive();
    let wanted = match statuses {
        // Standing in none of none is met by nothing.
        Some(statuses) => Some(
            terms::alternatives(statuses)?
                .iter()
                .fold(Condition::any().add(Column::Id.is_null()), |any, status| {
                    any.add(stands(*status, today))
                }),
        ),
        None => None,
    };
    let listed = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Condition::all().add_option(wanted));
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

/// As [`status`](super::status) judges them.
fn stands(status: Status, today: NaiveDate) -> Condition {
    let begun = Condition::all().add(Column::StartsOn.lte(today));
    let over = begun.clone().add(Column::EndsOn.lt(today));
    match status {
        Status::Upcoming => Condition::all().add(Column::StartsOn.gt(today)),
        Status::Active => begun.add(Column::EndsOn.gte(today)),
        Status::Expired => over.add(Column::TerminatedAt.is_null()),
        Status::Terminated => over.add(Column::TerminatedAt.is_not_null()),
    }
}

/// All contracts of an account, in the order they were made, for the operator.
pub async fn of_account<C: ConnectionTrait>(db: &C, account_id: Uuid) -> Result<Vec<Model>> {
    let found = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .order_by_asc(Column::Id);
    Ok(found.all(db).await?)
}
