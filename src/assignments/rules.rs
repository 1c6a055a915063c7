//! Which subscription a seat comes from, and which components are on. Pure: requests × what there is → outcomes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::NaiveDate;
use entity::subscription;
use uuid::Uuid;

use super::SeatSource;
use crate::error::{Code, Detail, Refusal};
use crate::products::Product;
use crate::subscriptions::rules::is_in_term;

/// The account's subscriptions with the seats that are left while a batch is being planned.
#[derive(Debug)]
pub struct Stock<'a> {
    subscriptions: &'a [subscription::Model],
    taken: HashMap<Uuid, i32>,
    today: NaiveDate,
}

impl<'a> Stock<'a> {
    pub fn new(subscriptions: &'a [subscription::Model], today: NaiveDate) -> Self {
        Self {
            subscriptions,
            taken: HashMap::new(),
            today,
        }
    }

    fn free(&self, subscription: &subscription::Model) -> i32 {
        subscription.seats
            - subscription.seats_used
            - self.taken.get(&subscription.id).copied().unwrap_or_default()
    }

    /// Takes one seat. Of a product's subscriptions, the one that ends last comes first, so that seats are not given from one about to lapse.
    /// `product` is its name, for whoever is refused.
    pub fn take(&mut self, source: SeatSource, product: &str) -> Result<&'a subscription::Model, Refusal> {
        let matching = self.subscriptions.iter().filter(|subscription| match source {
            SeatSource::Subscription(id) => subscription.id == id,
            SeatSource::Product(id) => subscription.product_id == id,
        });
        let mut candidates: Vec<&subscription::Model> = matching.collect();
        if candidates.is_empty() {
            return Err(unknown_source());
        }
        candidates.retain(|subscription| is_in_term(subscription, self.today));
        candidates.sort_by_key(|subscription| (std::cmp::Reverse(subscription.ends_on), subscription.id));
        let Some(last) = candidates.first() else {
            return Err(Refusal::new(
                Code::SubscriptionInactive,
                format!("The subscription of {product} is not in term: no seat can be given."),
            ));
        };
        match candidates.iter().find(|subscription| self.free(subscription) > 0) {
            Some(found) => {
                *self.taken.entry(found.id).or_default() += 1;
                Ok(found)
            }
            None => Err(exhausted(last.id, product, 1, 0)),
        }
    }
}

/// There is nothing to take a seat from.
pub fn unknown_source() -> Refusal {
    Refusal::new(Code::NotFound, "The account has no such subscription.")
}

/// More seats are needed than are left.
pub fn exhausted(subscription: Uuid, product: &str, requested: i32, available: i32) -> Refusal {
    let text = match available {
        0 => format!("No seat of {product} is left. Free one or add seats to the subscription."),
        _ => format!(
            "{requested} seats of {product} are needed and {available} left. Free some or add seats to the subscription."
        ),
    };
    Refusal::new(Code::SeatsExhausted, text).with(Detail::Seats {
        subscription,
        product: Arc::new(product.to_owned()),
        requested,
        available,
    })
}

/// What is switched is no part of what is given.
pub fn foreign_component() -> Refusal {
    Refusal::new(
        Code::ComponentNotInProduct,
        "A component does not belong to this product.",
    )
}

/// The components that are on: those asked for, or the product's defaults; the required ones always have to be among them.
pub fn components(product: &Product, asked: Option<&[Uuid]>) -> Result<Vec<Uuid>, Refusal> {
    let parts = &product.0.components;
    let Some(asked) = asked else {
        return Ok(parts
            .iter()
            .filter(|part| part.0.is_required || part.0.is_enabled_by_default)
            .map(|part| part.0.id)
            .collect());
    };
    let known: HashSet<Uuid> = parts.iter().map(|part| part.0.id).collect();
    if asked.iter().any(|id| !known.contains(id)) {
        return Err(foreign_component());
    }
    if !parts.is_empty() && asked.is_empty() {
        return Err(Refusal::new(
            Code::EmptyCustomisation,
            "Everything is switched off. Take the seat away instead.",
        ));
    }
    if let Some(missing) = parts
        .iter()
        .find(|part| part.0.is_required && !asked.contains(&part.0.id))
    {
        return Err(Refusal::new(
            Code::ComponentRequired,
            format!("{} cannot be switched off.", missing.0.name),
        ));
    }
    let asked: HashSet<&Uuid> = asked.iter().collect();
    Ok(parts
        .iter()
        .map(|part| part.0.id)
        .filter(|id| asked.contains(id))
        .collect())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use chrono::{DateTime, NaiveDate};
    use entity::subscription::{Model, State};
    use uuid::Uuid;

    use super::{SeatSource, Stock};
    use crate::error::{Code, Detail, Refusal};

    fn day(month: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, month, 1).unwrap()
    }

    fn subscription(id: u128, seats: i32, used: i32, ends_in: u32) -> Model {
        Model {
            account_id: Uuid::nil(),
            id: Uuid::from_u128(id),
            version: 1,
            product_id: Uuid::from_u128(100),
            contract_id: Uuid::nil(),
            state: State::Active,
            seats,
            seats_used: used,
            seats_reserved: 0,
            starts_on: day(1),
            ends_on: day(ends_in),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn seats_come_from_the_subscription_that_ends_last_until_it_is_full() {
        let there = [subscription(1, 5, 4, 6), subscription(2, 3, 1, 9)];
        let mut stock = Stock::new(&there, day(3));
        let taken: Vec<u128> = (0..3)
            .map(|_| {
                stock
                    .take(SeatSource::Product(Uuid::from_u128(100)), "Draw")
                    .unwrap()
                    .id
                    .as_u128()
            })
            .collect();
        assert_eq!(taken, [2, 2, 1]);
        let refused = stock
            .take(SeatSource::Product(Uuid::from_u128(100)), "Draw")
            .unwrap_err();
        assert!(
            refused.message.contains("No seat of Draw is left"),
            "{}",
            refused.message
        );
        assert_eq!(refused.code, Code::SeatsExhausted);
        assert_eq!(
            refused.detail,
            Detail::Seats {
                subscription: Uuid::from_u128(2),
                product: Arc::new("Draw".to_owned()),
                requested: 1,
                available: 0
            }
        );
    }

    #[test]
    fn what_has_ended_gives_no_seat_and_what_is_not_there_is_not_found() {
        let there = [subscription(1, 5, 0, 2)];
        let mut stock = Stock::new(&there, day(3));
        let code = |taken: Result<&Model, Refusal>| taken.unwrap_err().code;
        assert_eq!(
            code(stock.take(SeatSource::Subscription(Uuid::from_u128(1)), "Draw")),
            Code::SubscriptionInactive
        );
        assert_eq!(
            code(stock.take(SeatSource::Subscription(Uuid::from_u128(7)), "Draw")),
            Code::NotFound
        );
    }
}
