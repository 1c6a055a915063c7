//! When seats can be given, and what becomes of them afterwards. Pure.

use chrono::{Days, NaiveDate};
use entity::subscription::{Model, State};

/// Whether new assignments can be made on a day: agreed and in term, the last day included.
pub fn is_in_term(subscription: &Model, today: NaiveDate) -> bool {
    matches!(subscription.state, State::Active | State::Trial)
        && subscription.starts_on <= today
        && today <= subscription.ends_on
}

/// Whether its time is over on a day: seats held stay, and are shown as lapsed.
pub fn is_over(subscription: &Model, today: NaiveDate) -> bool {
    subscription.state == State::Cancelled || subscription.ends_on < today
}

/// The last day on which access goes on for whoever holds a seat of what is over. What was cancelled before it began has none.
pub fn grace_ends_on(subscription: &Model, grace_days: i32, today: NaiveDate) -> Option<NaiveDate> {
    let is_past = is_over(subscription, today) && subscription.state != State::Cancelled;
    let days = Days::new(u64::try_from(grace_days).unwrap_or_default());
    subscription.ends_on.checked_add_days(days).filter(|_| is_past)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use entity::subscription::{Model, State};
    use uuid::Uuid;

    use super::{grace_ends_on, is_in_term, is_over};

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
            next_seats: None,
            next_term_on: None,
            told_for: None,
            told_days: None,
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

    #[test]
    fn grace_begins_on_the_day_after_the_last_one() {
        let paid = subscription(State::Active);
        let seen = [9, 20, 21].map(|on| (is_over(&paid, day(on)), grace_ends_on(&paid, 5, day(on))));
        assert_eq!(seen, [(false, None), (false, None), (true, Some(day(25)))]);
        assert_eq!(grace_ends_on(&paid, 0, day(21)), Some(day(20)), "none at all");
        let cancelled = subscription(State::Cancelled);
        assert_eq!(
            (
                is_over(&cancelled, day(15)),
                grace_ends_on(&cancelled, 5, day(30))
            ),
            (true, None)
        );
    }
}
