//! What a change of groups comes to in seats. Pure.

use std::collections::BTreeMap;

use entity::assignment;
use uuid::Uuid;

use crate::assignments::Assigned;
use crate::assignments::by_group::Wish;
use crate::error::{Code, Refusal};
use crate::limits;

/// What a change comes to in seats of one product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SeatChange {
    pub product_id: Uuid,
    /// Members who had no seat of it.
    pub required: i32,
    /// Those of them who have one now.
    pub given: i32,
    /// Those of them who wait.
    pub waiting: i32,
    /// Seats that nobody of them holds any more.
    pub released: i32,
}

/// Refuses to move more seats than one transaction should: of so many people one of each of so many subscriptions. `field` is what can be made smaller.
pub fn check_size(people: usize, subscriptions: usize, field: &str) -> Result<(), Refusal> {
    let seats = people.saturating_mul(subscriptions);
    if seats <= limits::SEATS_AT_ONCE {
        return Ok(());
    }
    let text = format!(
        "That could be {seats} seats, and {} are moved at once. Take fewer people, or one subscription after the other.",
        limits::SEATS_AT_ONCE
    );
    Err(Refusal::new(Code::TooManyItems, text).at(field))
}

/// By product, what was given and what was freed.
pub fn changes(given: &[(Wish, Assigned)], freed: &[assignment::Model]) -> Vec<SeatChange> {
    let mut changes: BTreeMap<Uuid, SeatChange> = BTreeMap::new();
    let mut of = |product_id: Uuid, count: fn(&mut SeatChange)| {
        let change = changes.entry(product_id).or_insert(SeatChange {
            product_id,
            ..SeatChange::default()
        });
        count(change);
    };
    for (wish, outcome) in given {
        of(wish.product_id, |change| change.required += 1);
        match outcome {
            Assigned::New(_) => of(wish.product_id, |change| change.given += 1),
            Assigned::Waiting { .. } => of(wish.product_id, |change| change.waiting += 1),
            _ => {}
        }
    }
    for seat in freed {
        of(seat.product_id, |change| change.released += 1);
    }
    changes.into_values().collect()
}
