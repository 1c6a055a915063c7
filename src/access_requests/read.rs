//! Reading requests, and what can be asked for.

use std::collections::HashSet;

use entity::access_request::{Column, Entity, Status};
use entity::{assignment, subscription};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use crate::error::Result;
use crate::products::{Catalogue, Product, catalogue_holding};
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, account_row, count, terms};
use crate::subscriptions::read as subscriptions;

account_row! {
    /// Somebody asks for a product.
    AccessRequest, access_request
}

/// Which of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub status: Option<Vec<Status>>,
    pub product_id: Option<Uuid>,
}

impl AccessRequest {
    /// The account's, the latest first.
    pub async fn page(
        scope: &Scope,
        request: &PageRequest,
        filter: &Filter,
        wants_total: bool,
    ) -> Result<Slice<Self>> {
        let list = format!("access requests {filter:?}");
        let all = Entity::find().filter(Column::AccountId.eq(scope.account_id()?));
        listed(scope, request, filter.narrow(all)?, &list, wants_total).await
    }

    /// The reader's own.
    pub async fn own(scope: &Scope, request: &PageRequest, wants_total: bool) -> Result<Slice<Self>> {
        let member = scope.member()?;
        let own = Entity::find()
            .filter(Column::AccountId.eq(member.account_id))
            .filter(Column::UserId.eq(member.user_id));
        listed(scope, request, own, "own access requests", wants_total).await
    }
}

impl Filter {
    fn narrow(&self, query: Select<Entity>) -> Result<Select<Entity>> {
        let query = match self.product_id {
            Some(product) => query.filter(Column::ProductId.eq(product)),
            None => query,
        };
        Ok(match &self.status {
            Some(statuses) => {
                query.filter(Column::Status.is_in(terms::alternatives(statuses)?.iter().copied()))
            }
            None => query,
        })
    }
}

async fn listed(
    scope: &Scope,
    request: &PageRequest,
    query: Select<Entity>,
    list: &str,
    wants_total: bool,
) -> Result<Slice<AccessRequest>> {
    let page = Page::new(request, scope.account_id()?, list)?;
    let total = match wants_total {
        true => Some(count(scope, query.clone()).await?),
        false => None,
    };
    let rows = page
        .narrow(query, Column::Id, Direction::Desc)
        .all(scope.db())
        .await?;
    let rows = rows.into_iter().map(AccessRequest::from).collect();
    Ok(page.close(rows, total, |request: &AccessRequest| ("", request.0.id)))
}

/// Products that the account has in term and the reader has no seat of, by name.
pub async fn requestable(scope: &Scope) -> Result<Vec<Product>> {
    let member = scope.member()?;
    let today = scope.app().clock().now().date_naive();
    let bought = subscription::Entity::find()
        .filter(subscription::Column::AccountId.eq(member.account_id))
        .filter(subscription::Column::StartsOn.lte(today))
        .filter(subscription::Column::EndsOn.gte(today))
        .all(scope.db())
        .await?;
    let held: Vec<Uuid> = assignment::Entity::find()
        .select_only()
        .column(assignment::Column::ProductId)
        .filter(assignment::Column::AccountId.eq(member.account_id))
        .filter(assignment::Column::UserId.eq(member.user_id))
        .into_tuple()
        .all(scope.db())
        .await?;
    let is_in_use = |one: &subscription::Model| {
        let status = subscriptions::status(one, today);
        matches!(
            status,
            subscriptions::Status::Active | subscriptions::Status::Trial
        )
    };
    let mut products: HashSet<Uuid> = bought
        .iter()
        .filter(|one| is_in_use(one))
        .map(|one| one.product_id)
        .collect();
    for product in held {
        products.remove(&product);
    }
    let is_there = |known: &Catalogue| known.has(products.iter().copied());
    let catalogue = catalogue_holding(scope.app(), is_there).await?;
    let found = catalogue
        .all()
        .iter()
        .filter(|product| products.contains(&product.0.model.id));
    Ok(found.cloned().collect())
}
