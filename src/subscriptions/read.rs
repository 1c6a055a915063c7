//! Reading subscriptions: always of the reader's account.

use std::sync::Arc;

use chrono::NaiveDate;
use entity::ids::Kind;
use entity::subscription;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::graphql::{ProductSubscriptionFilter, ProductSubscriptionStatus, Subscription};
use crate::error::Result;
use crate::graphql::Scope;

impl Subscription {
    pub async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        list(
            scope,
            Condition::all().add(subscription::Column::Id.is_in(ids.iter().copied())),
        )
        .await
    }

    /// Every subscription of the account that matches, by the last day of its term. An account has dozens, not thousands.
    pub async fn matching(scope: &Scope, filter: &ProductSubscriptionFilter) -> Result<Vec<Self>> {
        let today = scope.app().clock().now().date_naive();
        let found = list(scope, condition(filter)).await?;
        let wanted = |subscription: &Self| match &filter.status {
            Some(statuses) => statuses.contains(&status(&subscription.0, today)),
            None => true,
        };
        Ok(found.into_iter().filter(wanted).collect())
    }
}

async fn list(scope: &Scope, condition: Condition) -> Result<Vec<Subscription>> {
    let found = subscription::Entity::find()
        .filter(subscription::Column::AccountId.eq(scope.account_id()?))
        .filter(condition)
        .order_by_asc(subscription::Column::EndsOn)
        .order_by_asc(subscription::Column::Id)
        .all(scope.db())
        .await?;
    Ok(found
        .into_iter()
        .map(|model| Subscription(Arc::new(model)))
        .collect())
}

fn condition(filter: &ProductSubscriptionFilter) -> Condition {
    let product = filter
        .product_id
        .as_ref()
        .map(|id| Kind::Product.parse(id).unwrap_or(Uuid::nil()));
    let contract = filter
        .contract_id
        .as_ref()
        .map(|id| Kind::Contract.parse(id).unwrap_or(Uuid::nil()));
    let free = Expr::col(subscription::Column::SeatsUsed).lt(Expr::col(subscription::Column::Seats));
    let full = Expr::col(subscription::Column::SeatsUsed).gte(Expr::col(subscription::Column::Seats));
    Condition::all()
        .add_option(product.map(|id| subscription::Column::ProductId.eq(id)))
        .add_option(contract.map(|id| subscription::Column::ContractId.eq(id)))
        .add_option(
            filter
                .has_available_seats
                .map(|wanted| if wanted { free } else { full }),
        )
        .add_option(
            filter
                .ends_before
                .map(|day| subscription::Column::EndsOn.lt(day.0)),
        )
}

/// What was agreed, seen on a day.
pub fn status(subscription: &subscription::Model, today: NaiveDate) -> ProductSubscriptionStatus {
    use subscription::State;
    match subscription.state {
        State::Cancelled => ProductSubscriptionStatus::Cancelled,
        _ if subscription.ends_on < today => ProductSubscriptionStatus::Expired,
        State::PastDue => ProductSubscriptionStatus::PastDue,
        State::Trial => ProductSubscriptionStatus::Trial,
        State::Active => ProductSubscriptionStatus::Active,
    }
}
