//! Reading subscriptions: always of the reader's account.

use chrono::NaiveDate;
use entity::rows::Row;
use entity::subscription;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::error::Result;
use crate::read::{Scope, account_row, terms};

account_row! {
    /// A right to use a product.
    Subscription, subscription
}

/// State of a subscription on a day; seats can be assigned in `Active` and `Trial` only, and only in term.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    Trial,
    PastDue,
    Expired,
    Cancelled,
}

/// Conditions; all given ones must hold. What names no object of the account is met by nothing.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub product_id: Option<Uuid>,
    pub contract_id: Option<Uuid>,
    pub status: Option<Vec<Status>>,
    pub has_available_seats: Option<bool>,
    pub ends_before: Option<NaiveDate>,
}

impl Subscription {
    /// Every subscription of the account that matches, by the last day of its term. An account has dozens, not thousands.
    pub async fn matching(scope: &Scope, filter: &Filter) -> Result<Vec<Self>> {
        let today = scope.app().clock().now().date_naive();
        let found = list(scope, condition(filter)?).await?;
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
        .into_model::<Row<subscription::Model>>()
        .all(scope.db())
        .await?;
    Ok(found
        .into_iter()
        .map(|Row(model)| Subscription::from(model))
        .collect())
}

fn condition(filter: &Filter) -> Result<Condition> {
    if let Some(statuses) = &filter.status {
        terms::alternatives(statuses)?;
    }
    let ends_before = filter.ends_before.map(terms::day).transpose()?;
    let free = Expr::col(subscription::Column::SeatsUsed).lt(Expr::col(subscription::Column::Seats));
    let full = Expr::col(subscription::Column::SeatsUsed).gte(Expr::col(subscription::Column::Seats));
    Ok(Condition::all()
        .add_option(filter.product_id.map(|id| subscription::Column::ProductId.eq(id)))
        .add_option(
            filter
                .contract_id
                .map(|id| subscription::Column::ContractId.eq(id)),
        )
        .add_option(
            filter
                .has_available_seats
                .map(|wanted| if wanted { free } else { full }),
        )
        .add_option(ends_before.map(|day| subscription::Column::EndsOn.lt(day))))
}

/// What was agreed, seen on a day.
pub fn status(subscription: &subscription::Model, today: NaiveDate) -> Status {
    use subscription::State;
    match subscription.state {
        State::Cancelled => Status::Cancelled,
        _ if subscription.ends_on < today => Status::Expired,
        State::PastDue => Status::PastDue,
        State::Trial => Status::Trial,
        State::Active => Status::Active,
    }
}
