//! Which rows a use concerns: their ids are made of what they are about.

use std::collections::BTreeSet;

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{Datelike, Days, NaiveDate};
use entity::usage_total::Span;
use uuid::Uuid;

use super::period::first_of;

pub const SPANS: [Span; 3] = [Span::Day, Span::Week, Span::Month];

/// Whose use of what on which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    pub user_id: Uuid,
    pub product_id: Uuid,
    pub day: NaiveDate,
}

impl Use {
    pub fn day_id(self) -> Uuid {
        made_of(b"day", &[self.user_id, self.product_id], self.day)
    }

    pub fn month_id(self, day: NaiveDate) -> Uuid {
        made_of(
            b"month",
            &[self.user_id, self.product_id],
            first_of(Span::Month, day),
        )
    }

    pub fn total_id(self, span: Span) -> Uuid {
        let kind: &[u8] = match span {
            Span::Day => b"total of a day",
            Span::Week => b"total of a week",
            Span::Month => b"total of a month",
        };
        made_of(kind, &[self.product_id], first_of(span, self.day))
    }

    /// The days of its week.
    pub fn week(self) -> impl Iterator<Item = NaiveDate> {
        let monday = first_of(Span::Week, self.day);
        (0..7).map(move |place| monday + Days::new(place))
    }
}

/// An id that says what a row is about, so that there can be no second one.
fn made_of(kind: &[u8], ids: &[Uuid], day: NaiveDate) -> Uuid {
    let mut text = kind.to_vec();
    for id in ids {
        text.extend_from_slice(id.as_bytes());
    }
    text.extend_from_slice(&day.num_days_from_ce().to_be_bytes());
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest(&SHA256, &text).as_ref()[..16]);
    Uuid::from_bytes(bytes)
}

/// The ids of rows that some uses concern, each once.
#[derive(Debug, Default)]
pub struct Concerned {
    pub days: Vec<Uuid>,
    /// Of the week's other month too: whether somebody was active in a week is read from both.
    pub months: Vec<Uuid>,
    pub totals: Vec<Uuid>,
}

impl Concerned {
    pub fn by(uses: impl Iterator<Item = Use>) -> Self {
        let (mut days, mut months, mut totals) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for one in uses {
            days.insert(one.day_id());
            months.extend(one.week().map(|day| one.month_id(day)));
            totals.extend(SPANS.map(|span| one.total_id(span)));
        }
        Self {
            days: days.into_iter().collect(),
            months: months.into_iter().collect(),
            totals: totals.into_iter().collect(),
        }
    }
}
