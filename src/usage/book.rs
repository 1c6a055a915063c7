//! The days that records are of, and the sums over them, while they are being added. Pure: what there is × records → what there will be.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Datelike, Days, NaiveDate, Utc};
use entity::usage_total::Span;
use entity::{usage_day, usage_month, usage_total};
use uuid::Uuid;

use super::period::first_of;
use super::{Credits, UsageRecord};
use crate::error::{Code, Refusal};
use crate::limits;

const SPANS: [Span; 3] = [Span::Day, Span::Week, Span::Month];
/// Bytes that are kept of the hash of a record's key: among the few records of a day no two meet by chance.
const KEPT_OF_A_KEY: usize = 8;

/// Whose use of what on which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Use {
    pub user_id: Uuid,
    pub product_id: Uuid,
    pub day: NaiveDate,
}

impl Use {
    fn day_id(self) -> Uuid {
        made_of(b"day", &[self.user_id, self.product_id], self.day)
    }

    fn month_id(self, day: NaiveDate) -> Uuid {
        made_of(
            b"month",
            &[self.user_id, self.product_id],
            first_of(Span::Month, day),
        )
    }

    fn total_id(self, span: Span) -> Uuid {
        let kind: &[u8] = match span {
            Span::Day => b"total of a day",
            Span::Week => b"total of a week",
            Span::Month => b"total of a month",
        };
        made_of(kind, &[self.product_id], first_of(span, self.day))
    }

    /// The days of its week.
    fn week(self) -> impl Iterator<Item = NaiveDate> {
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

/// The rows as they are, then as they will be.
#[derive(Debug)]
pub struct Book {
    account_id: Uuid,
    now: DateTime<Utc>,
    days: BTreeMap<Uuid, usage_day::Model>,
    months: BTreeMap<Uuid, usage_month::Model>,
    totals: BTreeMap<Uuid, usage_total::Model>,
    touched: BTreeSet<Uuid>,
}

/// What is to be written: rows as they are from then on.
#[derive(Debug)]
pub struct Written {
    pub days: Vec<usage_day::Model>,
    pub months: Vec<usage_month::Model>,
    pub totals: Vec<usage_total::Model>,
}

impl Book {
    pub fn open(
        account_id: Uuid,
        now: DateTime<Utc>,
        days: Vec<usage_day::Model>,
        months: Vec<usage_month::Model>,
        totals: Vec<usage_total::Model>,
    ) -> Self {
        Self {
            account_id,
            now,
            days: days.into_iter().map(|row| (row.id, row)).collect(),
            months: months.into_iter().map(|row| (row.id, row)).collect(),
            totals: totals.into_iter().map(|row| (row.id, row)).collect(),
            touched: BTreeSet::new(),
        }
    }

    /// Adds a record, unless the day has it already. Answers whether it was added.
    pub fn add(&mut self, one: Use, record: &UsageRecord) -> Result<bool, Refusal> {
        let key = digest(&SHA256, record.key.as_bytes());
        let key = &key.as_ref()[..KEPT_OF_A_KEY];
        let id = one.day_id();
        let known = self.days.get(&id);
        if known.is_some_and(|day| day.records.chunks(KEPT_OF_A_KEY).any(|other| other == key)) {
            return Ok(false);
        }
        if known.is_some_and(|day| day.records.len() >= limits::RECORDS_OF_A_DAY * KEPT_OF_A_KEY) {
            let text = format!(
                "A day has at most {} records of one person and product. Send their sum.",
                limits::RECORDS_OF_A_DAY
            );
            return Err(Refusal::new(Code::TooManyItems, text).at("key"));
        }
        if known.is_none() {
            self.begin(one, id);
        }
        if let Some(day) = self.days.get_mut(&id) {
            day.minutes = day.minutes.saturating_add(record.minutes);
            day.launches = day.launches.saturating_add(record.launches);
            day.credits = day.credits.saturating_add(record.credits.0);
            day.records.extend_from_slice(key);
            self.touched.insert(id);
        }
        self.sum(one, record);
        Ok(true)
    }

    /// A first record of the day: somebody was active who was not, on the day at least.
    fn begin(&mut self, one: Use, id: Uuid) {
        let is_new_in_week = !one.week().any(|day| self.was_used(one, day));
        let is_new_in_month = !self.months.contains_key(&one.month_id(one.day));
        let day = usage_day::Model {
            account_id: self.account_id,
            id,
            user_id: one.user_id,
            product_id: one.product_id,
            day: one.day,
            minutes: 0,
            launches: 0,
            credits: 0,
            records: Vec::new(),
        };
        self.days.insert(id, day);
        let month = self.month(one);
        month.days_used |= bit(one.day);
        month.days = i32::try_from(month.days_used.count_ones()).unwrap_or_default();
        month.last_day = month.last_day.max(one.day);
        for (span, is_new) in SPANS.into_iter().zip([true, is_new_in_week, is_new_in_month]) {
            self.total(one, span).active_users += i32::from(is_new);
        }
    }

    fn was_used(&self, one: Use, day: NaiveDate) -> bool {
        let month = self.months.get(&one.month_id(day));
        month.is_some_and(|month| month.days_used & bit(day) != 0)
    }

    fn sum(&mut self, one: Use, record: &UsageRecord) {
        let (minutes, launches) = (i64::from(record.minutes), i64::from(record.launches));
        let Credits(credits) = record.credits;
        let month = self.month(one);
        month.minutes += minutes;
        month.launches += launches;
        month.credits = month.credits.saturating_add(credits);
        let now = self.now;
        for span in SPANS {
            let total = self.total(one, span);
            total.minutes += minutes;
            total.launches += launches;
            total.credits = total.credits.saturating_add(credits);
            total.updated_at = now;
        }
    }

    fn month(&mut self, one: Use) -> &mut usage_month::Model {
        let id = one.month_id(one.day);
        self.touched.insert(id);
        self.months.entry(id).or_insert_with(|| usage_month::Model {
            account_id: self.account_id,
            id,
            user_id: one.user_id,
            product_id: one.product_id,
            month: first_of(Span::Month, one.day),
            days_used: 0,
            days: 0,
            last_day: one.day,
            minutes: 0,
            launches: 0,
            credits: 0,
        })
    }

    fn total(&mut self, one: Use, span: Span) -> &mut usage_total::Model {
        let id = one.total_id(span);
        self.touched.insert(id);
        self.totals.entry(id).or_insert_with(|| usage_total::Model {
            account_id: self.account_id,
            id,
            product_id: one.product_id,
            span,
            starts_on: first_of(span, one.day),
            active_users: 0,
            minutes: 0,
            launches: 0,
            credits: 0,
            updated_at: self.now,
        })
    }

    /// The rows that are others now.
    pub fn written(self) -> Written {
        let touched = self.touched;
        Written {
            days: self
                .days
                .into_values()
                .filter(|row| touched.contains(&row.id))
                .collect(),
            months: self
                .months
                .into_values()
                .filter(|row| touched.contains(&row.id))
                .collect(),
            totals: self
                .totals
                .into_values()
                .filter(|row| touched.contains(&row.id))
                .collect(),
        }
    }
}

/// A day's place in its month.
fn bit(day: NaiveDate) -> i32 {
    1 << day.day0()
}

#[cfg(test)]
mod tests;
