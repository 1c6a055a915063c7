//! Seats in numbers.

use std::collections::HashMap;

use entity::subscription;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules::is_in_term;
use crate::error::Result;
use crate::read::Scope;

/// Seats in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatCounts {
    pub total: i32,
    pub used: i32,
    pub pending: i32,
}

impl SeatCounts {
    pub const fn available(self) -> i32 {
        self.total - self.used
    }

    pub fn of(subscription: &subscription::Model) -> Self {
        Self {
            total: subscription.seats,
            used: subscription.seats_used,
            pending: subscription.seats_reserved,
        }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            total: self.total.saturating_add(other.total),
            used: self.used.saturating_add(other.used),
            pending: self.pending.saturating_add(other.pending),
        }
    }

    /// Seats of the in-term subscriptions of each product, in the order given, in the reader's account.
    pub async fn of_products(scope: &Scope, products: &[Uuid]) -> Result<Vec<Self>> {
        let today = scope.app().clock().now().date_naive();
        let subscriptions = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(scope.account_id()?))
            .filter(subscription::Column::ProductId.is_in(products.iter().copied()))
            .all(scope.db())
            .await?;
        let mut sums: HashMap<Uuid, Self> = HashMap::new();
        for subscription in subscriptions
            .iter()
            .filter(|subscription| is_in_term(subscription, today))
        {
            let sum = sums.entry(subscription.product_id).or_default();
            *sum = sum.plus(Self::of(subscription));
        }
        let of = |product| sums.get(product).copied().unwrap_or_default();
        Ok(products.iter().map(of).collect())
    }
}
