//! Which subscription a seat comes from, and which components are on. Pure: requests × what there is → outcomes.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use entity::subscription;
use uuid::Uuid;

use super::SeatSource;
use crate::error::{Code, Detail, Refusal};
use crate::limits;
use crate::products::{Component, Product};
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

/// What taking seats brings a subscription to, that it was not at before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crossing {
    Full,
    /// As much is taken as the account wants to hear of, and so many seats are left.
    Low {
        left: i32,
    },
}

impl Crossing {
    pub const fn left(self) -> i32 {
        match self {
            Self::Full => 0,
            Self::Low { left } => left,
        }
    }
}

/// Whether taking so many seats crosses the percentage from which on an account wants to hear of it, or takes the last.
pub fn crossing(before: &subscription::Model, taken: i32, percent: i32) -> Option<Crossing> {
    let after = before.seats_used + taken;
    if after >= before.seats {
        return (before.seats_used < before.seats).then_some(Crossing::Full);
    }
    // In whole numbers, so that 90 of 100 are 90 %.
    let has_reached = |used: i32| i64::from(used) * 100 >= i64::from(before.seats) * i64::from(percent);
    let left = before.seats - after;
    (has_reached(after) && !has_reached(before.seats_used)).then_some(Crossing::Low { left })
}

/// Whether seats can be held until the end of a day: today and every later one. The input names it.
pub fn check_last_day(day: Option<NaiveDate>, today: NaiveDate) -> Result<(), Refusal> {
    let refuse = |text| Err(Refusal::new(Code::Invalid, text).at("input.expiresOn"));
    match day {
        Some(day) if day < today => refuse("The last day of a seat is today (UTC) or later."),
        Some(day) if usize::try_from(day.year()).is_ok_and(|year| year > limits::LAST_YEAR) => {
            refuse("A year has at most four digits.")
        }
        _ => Ok(()),
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

/// What a customisation says of one product. It may name components of several: a product of which it names none is not customised. `known` are the components
/// of all the products that it is for.
pub fn named(product: &Product, asked: &[Uuid], known: &HashSet<Uuid>) -> Result<Option<Vec<Uuid>>, Refusal> {
    if asked.iter().any(|id| !known.contains(id)) {
        return Err(Refusal::new(
            Code::ComponentNotInProduct,
            "A component does not belong to what is assigned.",
        ));
    }
    let parts = product.0.components.iter().map(|part| part.0.id);
    let own: Vec<Uuid> = parts.filter(|id| asked.contains(id)).collect();
    Ok((asked.is_empty() || !own.is_empty()).then_some(own))
}

/// The components that are on where nothing is said of them.
pub fn defaults(product: &Product) -> Vec<Uuid> {
    let parts = product.0.components.iter();
    let on = parts.filter(|part| part.0.is_required || part.0.is_enabled_by_default);
    on.map(|part| part.0.id).collect()
}

/// Whether the same components are on, in whatever order they were stored.
pub fn is_same_set(some: &[Uuid], others: &[Uuid]) -> bool {
    some.len() == others.len() && some.iter().all(|id| others.contains(id))
}

/// Whether just these components of a product can be on: the required ones, and whatever one of them needs, are among them.
pub fn check(product: &Product, on: &[Uuid]) -> Result<(), Refusal> {
    let parts = &product.0.components;
    if !parts.is_empty() && on.is_empty() {
        return Err(Refusal::new(
            Code::EmptyCustomisation,
            "Everything is switched off. Take the seat away instead.",
        ));
    }
    let refuse = |text| Err(Refusal::new(Code::ComponentRequired, text));
    for part in parts {
        let is_on = on.contains(&part.0.id);
        if part.0.is_required && !is_on {
            return refuse(format!("{} cannot be switched off.", part.0.name));
        }
        let is_missing =
            |needed: &&Component| part.0.needs.0.contains(&needed.0.id) && !on.contains(&needed.0.id);
        if let Some(needed) = parts.iter().find(is_missing).filter(|_| is_on) {
            return refuse(format!("{} needs {}, which is off.", part.0.name, needed.0.name));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::sync::Arc;

    use chrono::{DateTime, NaiveDate};
    use entity::lists::Uuids;
    use entity::subscription::{Model, State};
    use entity::{component, product};
    use uuid::Uuid;

    use super::{Crossing, SeatSource, Stock, check, crossing, defaults, named};
    use crate::error::{Code, Detail, Refusal};
    use crate::products::{Component, Product, ProductData};

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
            next_seats: None,
            next_term_on: None,
            told_for: None,
            told_days: None,
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

    /// A product whose components are numbered from `first`: what is said of each, and the numbers of those it needs.
    fn product(first: u128, parts: &[(bool, bool, &[u128])]) -> Product {
        let model = product::Model {
            id: Uuid::from_u128(first),
            code: "P".to_owned(),
            name: "P".to_owned(),
            kind: product::Kind::Application,
            description: None,
            created_at: DateTime::UNIX_EPOCH,
        };
        let part = |(number, (is_required, is_enabled_by_default, needs)): (u128, &(bool, bool, &[u128]))| {
            Component(Arc::new(component::Model {
                id: Uuid::from_u128(number),
                product_id: model.id,
                code: number.to_string(),
                name: format!("part {number}"),
                description: None,
                is_required: *is_required,
                is_enabled_by_default: *is_enabled_by_default,
                position: 0,
                needs: Uuids(needs.iter().copied().map(Uuid::from_u128).collect()),
            }))
        };
        let components = (first..).zip(parts).map(part).collect();
        Product(Arc::new(ProductData { model, components }))
    }

    fn ids(numbers: &[u128]) -> Vec<Uuid> {
        numbers.iter().copied().map(Uuid::from_u128).collect()
    }

    #[test]
    fn an_account_hears_once_of_the_share_it_chose_and_once_of_the_last_seat() {
        let hears = |used, taken, percent| crossing(&subscription(1, 10, used, 9), taken, percent);
        assert_eq!(hears(7, 1, 90), None);
        assert_eq!(hears(8, 1, 90), Some(Crossing::Low { left: 1 }));
        assert_eq!(hears(3, 3, 55), Some(Crossing::Low { left: 4 }));
        assert_eq!(hears(9, 1, 90), Some(Crossing::Full));
        assert_eq!(hears(0, 10, 90), Some(Crossing::Full), "not of both");
        assert_eq!(hears(6, 1, 55), None, "it heard before");
        assert_eq!(hears(8, 1, 100), None);
        assert_eq!(crossing(&subscription(1, 1, 0, 9), 1, 1), Some(Crossing::Full));
    }

    #[test]
    fn a_customisation_of_several_products_says_of_each_what_it_names_of_it() {
        let known: HashSet<Uuid> = ids(&[1, 2, 11, 12]).into_iter().collect();
        let [one, other] = [1, 11].map(|first| product(first, &[(true, true, &[]), (false, false, &[])]));
        let asked = ids(&[2, 1]);
        assert_eq!(named(&one, &asked, &known), Ok(Some(ids(&[1, 2]))));
        assert_eq!(named(&other, &asked, &known), Ok(None), "nothing is said of it");
        assert_eq!(
            named(&one, &[], &known),
            Ok(Some(Vec::new())),
            "everything is off"
        );
        let stranger = named(&one, &ids(&[1, 3]), &known).unwrap_err();
        assert_eq!(stranger.code, Code::ComponentNotInProduct);
        assert_eq!(defaults(&one), ids(&[1]));
    }

    #[test]
    fn what_is_required_and_what_others_need_is_on() {
        let suite = product(1, &[(true, true, &[]), (false, true, &[]), (false, false, &[2])]);
        let refused = |on: &[u128]| check(&suite, &ids(on)).unwrap_err();
        for on in [&[1][..], &[1, 2], &[1, 2, 3]] {
            assert_eq!(check(&suite, &ids(on)), Ok(()), "{on:?}");
        }
        assert_eq!(refused(&[]).code, Code::EmptyCustomisation);
        assert_eq!(refused(&[2]).message, "part 1 cannot be switched off.");
        let missing = refused(&[1, 3]);
        assert_eq!(
            (missing.code, missing.message.as_str()),
            (Code::ComponentRequired, "part 3 needs part 2, which is off.")
        );
        assert_eq!(check(&product(1, &[]), &[]), Ok(()), "there is nothing to switch");
    }
}
