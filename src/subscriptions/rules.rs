//! When seats can be given. Pure.

use chrono::NaiveDate;
use entity::subscription::{Model, State};

/// Whether new assignments can be made on a day: agreed and in term, the last day included.
pub fn is_in_term(subscription: &Model, today: NaiveDate) -> bool {
    matches!(subscription.state, State::Active | State::Trial)
        && subscription.starts_on <= today
        && today <= subscription.ends_on
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use entity::subscription::{Model, State};
    use uuid::Uuid;

    use super::is_in_term;

    fn day(day: u32) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 3, day).unwrap()
    }

    fn subscription(state: State) -> Model {
        Model {
            account_id: Uuid::nil(),
            id: Uuid::nil(),
            version: 1,
            product_id: Uuid::nil(),
            contract_id: Uuid::nil(),
            state,
            seats: 1,
            seats_used: 0,
            seats_reserved: 0,
            starts_on: day(10),
            ends_on: day(20),
            created_at: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_term_includes_its_first_and_last_day() {
        for state in [State::Active, State::Trial] {
            let inside = [9, 10, 20, 21].map(|on| is_in_term(&subscription(state), day(on)));
            assert_eq!(inside, [false, true, true, false]);
        }
        assert!(!is_in_term(&subscription(State::PastDue), day(15)));
        assert!(!is_in_term(&subscription(State::Cancelled), day(15)));
    }
}
