//! The days a report is of, and how they are cut. Pure.

use chrono::{Datelike, Days, Months, NaiveDate};
pub use entity::usage_total::Span as Granularity;

use crate::error::{Error, Result};
use crate::limits;
use crate::read::terms;

/// Days from one to another, both of them in it.
///
/// Whoever asks up to today asks for all there is: what is recorded of tomorrow already comes from where it has begun. So such a period is open at its end, and the month of today is a
/// whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    pub from: NaiveDate,
    pub to: NaiveDate,
    is_open: bool,
}

/// From one day to another, both of them in it.
pub type Run = (NaiveDate, NaiveDate);

impl Period {
    pub fn new(from: NaiveDate, to: NaiveDate, today: NaiveDate) -> Result<Self> {
        let (from, to) = (terms::day(from)?, terms::day(to)?);
        let days = (to - from).num_days() + 1;
        match usize::try_from(days) {
            Ok(1..=limits::REPORT_DAYS) => Ok(Self {
                from,
                to,
                is_open: to >= today,
            }),
            _ => Err(Error::BadInput(format!(
                "A period has 1 to {} days: `to` is its last one.",
                limits::REPORT_DAYS
            ))),
        }
    }

    /// The whole ones of it, by the first days of the first and the last; and the days of it beside them.
    pub fn cut(self, by: Granularity) -> (Option<Run>, Vec<Run>) {
        let to = match self.is_open {
            true => first_of_next(by, self.to + Days::new(1)) - Days::new(1),
            false => self.to,
        };
        let next = first_of_next(by, self.from);
        let first = match first_of(by, self.from) == self.from {
            true => self.from,
            false => next,
        };
        // What begins here is not whole any more.
        let behind = first_of(by, to + Days::new(1));
        let run = |from, to| (from <= to).then_some((from, to));
        if first >= behind {
            // In one, or in two that follow one another.
            let pieces = [run(self.from, to.min(next - Days::new(1))), run(next, to)];
            return (None, pieces.into_iter().flatten().collect());
        }
        let whole = (first, first_of(by, behind - Days::new(1)));
        let beside = [run(self.from, first - Days::new(1)), run(behind, to)];
        (Some(whole), beside.into_iter().flatten().collect())
    }

    /// The first day of the interval that a day is in, as far as it is in the period.
    pub fn first_of(self, by: Granularity, day: NaiveDate) -> NaiveDate {
        first_of(by, day).max(self.from)
    }
}

/// The first day of the day, week or month that a day is in. A week begins on Monday (ISO 8601).
pub fn first_of(by: Granularity, day: NaiveDate) -> NaiveDate {
    match by {
        Granularity::Day => day,
        Granularity::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
        Granularity::Month => day - Days::new(day.day0().into()),
    }
}

fn first_of_next(by: Granularity, day: NaiveDate) -> NaiveDate {
    let first = first_of(by, day);
    match by {
        Granularity::Day => first + Days::new(1),
        Granularity::Week => first + Days::new(7),
        Granularity::Month => first + Months::new(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    type Days = (String, String);

    fn cut(from: &str, to: &str, by: Granularity) -> (Option<Days>, Vec<Days>) {
        let period = Period::new(day(from), day(to), day("2026-11-28")).unwrap();
        let text = |(from, to): Run| (from.to_string(), to.to_string());
        let (whole, beside) = period.cut(by);
        (whole.map(text), beside.into_iter().map(text).collect())
    }

    fn days(from: &str, to: &str) -> Days {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn whole_months_and_weeks_are_told_from_the_days_beside_them() {
        use Granularity::{Day, Month, Week};
        assert_eq!(
            cut("2026-01-01", "2026-03-31", Month),
            (Some(days("2026-01-01", "2026-03-01")), vec![])
        );
        assert_eq!(
            cut("2026-01-15", "2026-04-02", Month),
            (
                Some(days("2026-02-01", "2026-03-01")),
                vec![days("2026-01-15", "2026-01-31"), days("2026-04-01", "2026-04-02")]
            )
        );
        assert_eq!(
            cut("2026-01-02", "2026-01-30", Month),
            (None, vec![days("2026-01-02", "2026-01-30")])
        );
        assert_eq!(
            cut("2026-01-01", "2026-01-30", Month),
            (None, vec![days("2026-01-01", "2026-01-30")])
        );
        assert_eq!(
            cut("2026-01-02", "2026-01-31", Month),
            (None, vec![days("2026-01-02", "2026-01-31")])
        );
        assert_eq!(
            cut("2026-01-20", "2026-02-10", Month),
            (
                None,
                vec![days("2026-01-20", "2026-01-31"), days("2026-02-01", "2026-02-10")]
            )
        );
        // 2026-03-02 is a Monday.
        assert_eq!(
            cut("2026-02-28", "2026-03-16", Week),
            (
                Some(days("2026-03-02", "2026-03-09")),
                vec![days("2026-02-28", "2026-03-01"), days("2026-03-16", "2026-03-16")]
            )
        );
        assert_eq!(
            cut("2026-02-28", "2026-03-16", Day),
            (Some(days("2026-02-28", "2026-03-16")), vec![])
        );
    }

    #[test]
    fn up_to_today_is_all_there_is() {
        use Granularity::{Month, Week};
        for to in ["2026-11-28", "2026-11-29"] {
            assert_eq!(
                cut("2026-10-01", to, Month),
                (Some(days("2026-10-01", "2026-11-01")), vec![]),
                "{to}"
            );
        }
        // Tomorrow is in the next month.
        assert_eq!(
            cut("2026-10-02", "2026-11-30", Month),
            (
                Some(days("2026-11-01", "2026-12-01")),
                vec![days("2026-10-02", "2026-10-31")]
            )
        );
        assert_eq!(
            cut("2026-11-20", "2026-11-28", Month),
            (None, vec![days("2026-11-20", "2026-11-30")])
        );
        assert_eq!(
            cut("2026-11-24", "2026-11-28", Week),
            (None, vec![days("2026-11-24", "2026-11-29")])
        );
    }

    #[test]
    fn a_period_has_one_to_four_hundred_days() {
        let today = day("2026-11-28");
        let given = |from: &str, to: &str| Period::new(day(from), day(to), today).is_ok();
        assert!(given("2026-01-01", "2026-01-01"));
        assert!(!given("2026-01-02", "2026-01-01"));
        assert!(given("2025-01-01", "2026-02-04"), "400 days");
        assert!(!given("2025-01-01", "2026-02-05"));
        assert!(Period::new(NaiveDate::MIN, today, today).is_err());
        assert!(Period::new(today, NaiveDate::MAX, today).is_err());
        assert!(
            given("9999-12-31", "9999-12-31"),
            "an end of all days is no end of ours"
        );
    }
}
