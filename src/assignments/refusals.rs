//! What a batch of requests is refused for, as its caller is told it: each thing once, with the input at fault. Pure.

use std::collections::HashSet;

use super::rules::{exhausted, unknown_source};
use super::{Assigned, SeatSource};
use crate::error::{Code, Detail, Refusal};

/// The refusals of a batch of which nothing is done; `locate` names the input, by the place of the request. What a source is short of is told once and is about
/// no place: how many seats were needed, and how many there are, because those that the batch would have taken are free still.
pub fn together(
    asked: &[(SeatSource, &Assigned)],
    locate: impl Fn(Refusal, Option<usize>) -> Refusal,
) -> Vec<Refusal> {
    let count = |wanted: SeatSource, is: fn(&Assigned) -> bool| {
        let those = asked
            .iter()
            .filter(|(source, outcome)| *source == wanted && is(outcome));
        i32::try_from(those.count()).unwrap_or(i32::MAX)
    };
    let mut told = HashSet::new();
    let mut refusals = Vec::new();
    for (place, (source, outcome)) in asked.iter().enumerate() {
        let Some(refusal) = outcome.refusal() else {
            continue;
        };
        let refusal = match refusal.detail {
            Detail::Seats { .. } if !told.insert(*source) => continue,
            Detail::Seats {
                subscription,
                ref product,
                ..
            } => {
                let available = count(*source, |outcome| outcome.new_product().is_some());
                let missing = count(*source, is_short);
                locate(
                    exhausted(subscription, product, available + missing, available),
                    None,
                )
            }
            _ => locate(refusal.clone(), Some(place)),
        };
        // What is wrong with the source or the components is wrong for everybody.
        if !refusals.contains(&refusal) {
            refusals.push(refusal);
        }
    }
    refusals
}

fn is_short(outcome: &Assigned) -> bool {
    let refusal = outcome.refusal();
    refusal.is_some_and(|refusal| matches!(refusal.detail, Detail::Seats { .. }))
}

/// Names the input of `assignSeats` that is at fault: a source or the components, which are given once for all users, or the user. At a place stands a user's
/// request of one of so many sources, one user after the other.
pub fn at_fault(sources: usize) -> impl Fn(Refusal, Option<usize>) -> Refusal {
    move |refusal, place| match (refusal.code, place) {
        (Code::SubscriptionInactive, Some(place)) => of_source(refusal, place % sources),
        (Code::NotFound, Some(place)) if refusal == unknown_source() => of_source(refusal, place % sources),
        (Code::ComponentNotInProduct | Code::ComponentRequired | Code::EmptyCustomisation, _) => {
            refusal.at("input.componentIds")
        }
        (_, Some(place)) => refusal.at(&format!("input.userIds.{}", place / sources)),
        (_, None) => refusal.at("input.userIds"),
    }
}

fn of_source(refusal: Refusal, place: usize) -> Refusal {
    refusal.at(&format!("input.sources.{place}"))
}

#[cfg(test)]
mod tests {
    use entity::assignment::Source;
    use uuid::Uuid;

    use super::{Assigned, SeatSource, at_fault, exhausted, together, unknown_source};
    use crate::assignments::read::Seat;
    use crate::error::{Code, Refusal};

    fn seat() -> Seat {
        Seat {
            id: Uuid::nil(),
            version: 1,
            user_id: Uuid::nil(),
            subscription_id: Uuid::from_u128(1),
            product_id: Uuid::nil(),
            source: Source::Manual,
            assigned_by: None,
            assigned_at: chrono::DateTime::UNIX_EPOCH,
            expires_on: None,
        }
    }

    #[test]
    fn what_each_source_is_short_of_is_told_once_with_all_that_was_needed_and_all_there_is() {
        let [first, second] = [1, 2].map(|id| SeatSource::Subscription(Uuid::from_u128(id)));
        let (given, held) = (Assigned::New(seat()), Assigned::Unchanged(seat()));
        let short = |id| Assigned::Refused(exhausted(Uuid::from_u128(id), "Draw", 1, 0));
        let nobody = Refusal::new(Code::NotFound, "There is no such user.");
        let unknown = Assigned::Refused(nobody.clone());
        let (of_first, of_second) = (short(1), short(2));
        let asked = [
            (first, &given),
            (second, &of_second),
            (first, &held),
            (first, &of_first),
            (first, &unknown),
            (first, &of_first),
        ];
        let expected = [
            exhausted(Uuid::from_u128(2), "Draw", 1, 0).at("input.userIds"),
            exhausted(Uuid::from_u128(1), "Draw", 3, 1).at("input.userIds"),
            nobody.at("input.userIds.4"),
        ];
        assert_eq!(together(&asked, at_fault(1)), expected);
    }

    #[test]
    fn what_is_wrong_for_everybody_is_told_once() {
        let source = SeatSource::Product(Uuid::from_u128(1));
        let refused = Assigned::Refused(unknown_source());
        let given = SeatSource::Product(Uuid::from_u128(2));
        let held = Assigned::Unchanged(seat());
        let of_each = [(given, &held), (source, &refused)];
        let told = together(&[of_each, of_each].concat(), at_fault(2));
        assert_eq!(told, [unknown_source().at("input.sources.1")]);
    }
}
