//! The days that records are of, and the sums over them, while they are being added. Pure: what there is × records → what there will be.

use std::collections::{BTreeMap, BTreeSet};

use aws_lc_rs::digest::{SHA256, digest};
use chrono::{DateTime, Datelike, NaiveDate, Utc};
use entity::usage_total::Span;
use entity::{usage_day, usage_month, usage_total};
use uuid::Uuid;

use super::UsageRecord;
use super::concerned::{SPANS, Use};
use super::period::first_of;
use crate::credits::Credits;
use crate::error::{Code, Refusal};
use crate::limits;

/// Bytes that are kept of the hash of a record's key: among the few records of a day no two meet by chance.
const KEPT_OF_A_KEY: usize = 8;

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
    ///
    /// `pay` takes the credits it tells of. Where it cannot, the rest of the record is added all the same, since it is what was done: the day remembers that it owes the credits, and
    /// the record sent again adds them, and nothing else, if they can be taken by then.
    pub fn add(
        &mut self,
        one: Use,
        record: &UsageRecord,
        pay: impl FnOnce(Credits) -> Result<(), Refusal>,
    ) -> Result<bool, Refusal> {
        let hash = digest(&SHA256, record.key.as_bytes());
        let (key, owing) = hash.as_ref().split_at(KEPT_OF_A_KEY);
        let owing = &owing[..KEPT_OF_A_KEY];
        let id = one.day_id();
        let known = self.days.get(&id);
        let has = |wanted: &[u8]| {
            known.is_some_and(|day| day.records.chunks(KEPT_OF_A_KEY).any(|other| other == wanted))
        };
        if has(key) {
            return Ok(false);
        }
        if has(owing) {
            pay(record.credits)?;
            self.paid(one, record.credits, (owing, key));
            return Ok(true);
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
        let payment = pay(record.credits);
        let (key, credits) = match payment {
            Ok(()) => (key, record.credits),
            Err(_) => (owing, Credits::default()),
        };
        if let Some(day) = self.days.get_mut(&id) {
            day.minutes = day.minutes.saturating_add(record.minutes);
            day.launches = day.launches.saturating_add(record.launches);
            day.credits = day.credits.saturating_add(credits.0);
            day.records.extend_from_slice(key);
            self.touched.insert(id);
        }
        self.sum(one, (record.minutes, record.launches), credits);
        payment.map(|()| true)
    }

    /// The credits that a record owed.
    fn paid(&mut self, one: Use, credits: Credits, (owing, key): (&[u8], &[u8])) {
        let id = one.day_id();
        if let Some(day) = self.days.get_mut(&id) {
            let mut records = day.records.chunks_mut(KEPT_OF_A_KEY);
            if let Some(record) = records.find(|record| *record == owing) {
                record.copy_from_slice(key);
            }
            day.credits = day.credits.saturating_add(credits.0);
            self.touched.insert(id);
        }
        self.sum(one, (0, 0), credits);
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

    fn sum(&mut self, one: Use, (minutes, launches): (i32, i32), Credits(credits): Credits) {
        let (minutes, launches) = (i64::from(minutes), i64::from(launches));
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
