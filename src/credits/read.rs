//! Reading credits: always of the reader's account.

use chrono::{DateTime, NaiveDate, Utc};
use entity::credit_entry::{Column, Entity, Kind, Model};
use entity::rows::Row;
use entity::{credit_book, credit_lot};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::Credits;
use crate::error::Result;
use crate::platform::constants::Constants;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, account_row, count, terms};

account_row! {
    /// One entry of the ledger.
    CreditEntry, credit_entry
}

/// How the account's credits stand; `None` where none are kept.
pub async fn book(scope: &Scope) -> Result<Option<credit_book::Model>> {
    let account_id = scope.account_id()?;
    let book = credit_book::Entity::find_by_id((account_id, account_id));
    Ok(book.one(scope.db()).await?)
}

/// What lapses next: how much is left of all that has the same last day, and that day.
pub async fn next_expiry(scope: &Scope) -> Result<Option<(Credits, NaiveDate)>> {
    use credit_lot::Column as L;

    let today = scope.app().clock().now().date_naive();
    let found = credit_lot::Entity::find()
        .select_only()
        .column(L::ExpiresOn)
        .column_as(L::Rest.sum().cast_as("bigint"), "rest")
        .filter(L::AccountId.eq(scope.account_id()?))
        .filter(Expr::cust("rest > 0"))
        .filter(L::ExpiresOn.gte(today))
        .group_by(L::ExpiresOn)
        .order_by_asc(L::ExpiresOn)
        .limit(1)
        .into_tuple::<(NaiveDate, i64)>()
        .one(scope.db())
        .await?;
    Ok(found.map(|(day, rest)| (Credits(rest), day)))
}

/// Conditions; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub kinds: Option<Vec<Kind>>,
    pub user_id: Option<Uuid>,
    pub product_id: Option<Uuid>,
    /// Half-open: from <= value < to.
    pub occurred_at: (Option<DateTime<Utc>>, Option<DateTime<Utc>>),
}

impl Filter {
    fn condition(&self, account_id: Uuid) -> Result<Condition> {
        let kinds = self.kinds.as_deref().map(terms::alternatives).transpose()?;
        let (from, to) = self.occurred_at;
        Ok(Condition::all()
            .add(Column::AccountId.eq(account_id))
            .add_option(kinds.map(|kinds| Column::Kind.in_constants(kinds)))
            .add_option(self.user_id.map(|id| Column::UserId.eq(id)))
            .add_option(self.product_id.map(|id| Column::ProductId.eq(id)))
            .add_option(
                from.map(terms::time)
                    .transpose()?
                    .map(|from| Column::OccurredAt.gte(from)),
            )
            .add_option(
                to.map(terms::time)
                    .transpose()?
                    .map(|to| Column::OccurredAt.lt(to)),
            ))
    }
}

/// A page of the ledger, the last entry first, and how many there are, if that is wanted.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    filter: &Filter,
    is_counted: bool,
) -> Result<Slice<CreditEntry>> {
    let account_id = scope.account_id()?;
    let page = Page::new(request, account_id, &format!("credits {filter:?}"))?;
    let listed = Entity::find().filter(filter.condition(account_id)?);
    let total = match is_counted {
        true => Some(count(scope, listed.clone()).await?),
        false => None,
    };
    let rows = page
        .narrow(listed, Column::Id, Direction::Desc)
        .into_model::<Row<Model>>()
        .all(scope.db())
        .await?;
    let rows = rows.into_iter().map(|Row(model)| CreditEntry::from(model));
    Ok(page.close(rows.collect(), total, |entry: &CreditEntry| ("", entry.0.id)))
}
