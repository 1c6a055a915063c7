//! When the seats of a product will be taken, if it goes on as in the last three months.
//!
//! It rests on what was noted day by day ([`days`](super::days)) and says so: of which days, on how many notes. Less than a week tells nothing.

use chrono::{Days, NaiveDate};
use entity::{seat_day, subscription};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::rules::is_in_term;
use crate::error::Result;
use crate::platform::arrays::among;
use crate::read::Scope;

/// Days that are looked back.
pub const DAYS: u64 = 90;
/// Fewer than so many say nothing of how it goes on.
const FEWEST_DAYS: i64 = 7;
/// Nobody knows what is in more than ten years.
const FARTHEST_DAYS: i64 = 3_650;
/// Parts of a seat in which growth is told.
const PARTS: i64 = 10_000;

/// What is foreseen of a product, with the figures it rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forecast {
    pub product_id: Uuid,
    /// Seats of the subscriptions that are in term today.
    pub seats: i32,
    pub used_now: i32,
    /// The day that today is compared with.
    pub from: NaiveDate,
    pub to: NaiveDate,
    /// Seats of the same subscriptions that were taken then.
    pub used_then: i32,
    /// How often they were noted from then to now.
    pub samples: i32,
    /// In ten-thousandths of a seat; `None` if the days are too few.
    pub growth_per_day: Option<i64>,
    /// `None` if it does not grow, or not within ten years.
    pub full_on: Option<NaiveDate>,
}

impl Forecast {
    /// Of a product in the reader's account: two statements.
    pub async fn of_product(scope: &Scope, product_id: Uuid) -> Result<Self> {
        let today = scope.app().clock().now().date_naive();
        let account_id = scope.account_id()?;
        let sold = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(account_id))
            .filter(subscription::Column::ProductId.eq(product_id))
            .all(scope.db())
            .await?;
        let sold: Vec<subscription::Model> = sold
            .into_iter()
            .filter(|subscription| is_in_term(subscription, today))
            .collect();
        let ids: Vec<Uuid> = sold.iter().map(|subscription| subscription.id).collect();
        let noted = match ids.is_empty() {
            true => Vec::new(),
            false => {
                seat_day::Entity::find()
                    .filter(seat_day::Column::AccountId.eq(account_id))
                    .filter(among(
                        scope.db().backend(),
                        seat_day::Column::SubscriptionId,
                        &ids,
                    ))
                    .all(scope.db())
                    .await?
            }
        };
        Ok(foresee(product_id, &sold, &noted, today))
    }
}

/// The forecast for a day, from what is sold in term and what was noted of it.
fn foresee(
    product_id: Uuid,
    sold: &[subscription::Model],
    noted: &[seat_day::Model],
    today: NaiveDate,
) -> Forecast {
    let horizon = today.checked_sub_days(Days::new(DAYS)).unwrap_or(today);
    let of = |id: Uuid| noted.iter().filter(move |note| note.subscription_id == id);
    // What was noted when it was made had no seat taken before; of anything else it is known from the first note on.
    let known_from = |one: &subscription::Model| {
        let first = of(one.id).map(|note| note.day).min().unwrap_or(today);
        match first <= one.created_at.date_naive() {
            true => horizon,
            false => first.max(horizon),
        }
    };
    let from = sold.iter().map(known_from).max().unwrap_or(today);
    let then = |one: &subscription::Model| {
        let before = of(one.id).filter(|note| note.day <= from);
        before.max_by_key(|note| note.day).map_or(0, |note| note.used)
    };
    let sum = |numbers: &mut dyn Iterator<Item = i32>| numbers.fold(0_i32, i32::saturating_add);
    let seats = sum(&mut sold.iter().map(|one| one.seats));
    let used_now = sum(&mut sold.iter().map(|one| one.seats_used));
    let used_then = sum(&mut sold.iter().map(then));
    let samples = noted.iter().filter(|note| note.day >= from).count();
    let days = (today - from).num_days();
    let growth = i64::from(used_now) - i64::from(used_then);
    let growth_per_day = (days >= FEWEST_DAYS).then(|| growth * PARTS / days);
    let left = i64::from(seats) - i64::from(used_now);
    let full_on = growth_per_day
        .filter(|_| growth > 0)
        .map(|_| (left * days + growth - 1) / growth)
        .filter(|needed| *needed <= FARTHEST_DAYS)
        .and_then(|needed| today.checked_add_days(Days::new(u64::try_from(needed).ok()?)));
    Forecast {
        product_id,
        seats,
        used_now,
        from,
        to: today,
        used_then,
        samples: i32::try_from(samples).unwrap_or(i32::MAX),
        growth_per_day,
        full_on,
    }
}

#[cfg(test)]
mod tests {
    use chrono::{Days, NaiveDate, TimeZone, Utc};
    use entity::{seat_day, subscription};
    use uuid::Uuid;

    use super::{Forecast, foresee};

    fn day(ago: u64) -> NaiveDate {
        NaiveDate::from_ymd_opt(2026, 6, 1).unwrap() - Days::new(ago)
    }

    fn sold(id: u128, made: u64, seats: i32, used: i32) -> subscription::Model {
        subscription::Model {
            account_id: Uuid::nil(),
            id: Uuid::from_u128(id),
            version: 1,
            product_id: Uuid::nil(),
            contract_id: Uuid::nil(),
            state: subscription::State::Active,
            seats,
            seats_used: used,
            seats_reserved: 0,
            starts_on: day(made),
            ends_on: day(0),
            created_at: Utc.from_utc_datetime(&day(made).and_hms_opt(12, 0, 0).unwrap()),
            next_seats: None,
            next_term_on: None,
            told_for: None,
            told_days: None,
        }
    }

    fn noted(id: u128, ago: u64, used: i32) -> seat_day::Model {
        seat_day::Model {
            account_id: Uuid::nil(),
            id: Uuid::nil(),
            subscription_id: Uuid::from_u128(id),
            day: day(ago),
            seats: 100,
            used,
        }
    }

    fn told(forecast: &Forecast) -> (NaiveDate, i32, i32, Option<i64>, Option<NaiveDate>) {
        (
            forecast.from,
            forecast.used_then,
            forecast.samples,
            forecast.growth_per_day,
            forecast.full_on,
        )
    }

    fn of(sold: &[subscription::Model], noted: &[seat_day::Model]) -> Forecast {
        foresee(Uuid::nil(), sold, noted, day(0))
    }

    #[test]
    fn growth_is_told_by_what_was_noted_ninety_days_ago_or_last_before() {
        let notes = [noted(1, 200, 5), noted(1, 120, 10), noted(1, 40, 30)];
        let forecast = of(&[sold(1, 200, 100, 55)], &notes);
        // 45 in 90 days; 45 more are left.
        let full = Some(day(0) + Days::new(90));
        assert_eq!(told(&forecast), (day(90), 10, 1, Some(5_000), full));
        assert_eq!(
            (forecast.seats, forecast.used_now, forecast.to),
            (100, 55, day(0))
        );
        // A part of a day is a whole one.
        let forecast = of(&[sold(1, 200, 100, 54)], &notes);
        assert_eq!(forecast.full_on, Some(day(0) + Days::new(95)));
        let full = of(&[sold(1, 200, 55, 55)], &notes);
        assert_eq!(full.full_on, Some(day(0)), "it is full already");
    }

    #[test]
    fn what_does_not_grow_or_hardly_is_never_full() {
        let notes = [noted(1, 100, 20)];
        for (used, growth) in [(20, 0), (11, -1_000)] {
            let forecast = of(&[sold(1, 100, 100, used)], &notes);
            assert_eq!((forecast.growth_per_day, forecast.full_on), (Some(growth), None));
        }
        let slow = of(&[sold(1, 100, 100_000, 21)], &notes);
        assert_eq!((slow.growth_per_day, slow.full_on), (Some(111), None));
    }

    #[test]
    fn it_is_known_from_the_first_note_on_and_less_than_a_week_says_nothing() {
        // Sold before anything was noted.
        let late = of(&[sold(1, 300, 100, 30)], &[noted(1, 10, 20)]);
        assert_eq!(told(&late).0, day(10));
        assert_eq!((late.growth_per_day, late.used_then), (Some(10_000), 20));
        let short = of(&[sold(1, 300, 100, 30)], &[noted(1, 6, 20)]);
        assert_eq!(told(&short), (day(6), 20, 1, None, None));
        let never = of(&[sold(1, 300, 100, 30)], &[]);
        assert_eq!(told(&never), (day(0), 0, 0, None, None));
        assert_eq!(told(&of(&[], &[])), (day(0), 0, 0, None, None));
        // Of what was noted when it was made, nothing was taken before.
        let new = of(&[sold(1, 20, 100, 45)], &[noted(1, 20, 0)]);
        assert_eq!(told(&new).0, day(90));
        assert_eq!((new.growth_per_day, new.used_then), (Some(5_000), 0));
        let both = of(
            &[sold(1, 20, 100, 45), sold(2, 300, 10, 5)],
            &[noted(1, 20, 0), noted(2, 50, 5)],
        );
        assert_eq!((both.from, both.used_then), (day(50), 5));
    }
}
