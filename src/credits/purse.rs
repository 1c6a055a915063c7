//! An account's credits while something is taken from them or added: read under its lock, worked out in memory, written with whatever it is for.

mod store;

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use entity::credit_entry::Kind;
use entity::{credit_book, credit_entry, credit_lot};
use uuid::Uuid;

use super::Credits;

/// Whose use of what on which day consumes credits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Used {
    pub user_id: Uuid,
    pub product_id: Uuid,
    pub day: NaiveDate,
}

/// Credits that are added.
#[derive(Clone, Debug)]
pub struct Add {
    /// A grant, or an adjustment.
    pub kind: Kind,
    pub amount: Credits,
    /// The last day on which they are good; `None`: they do not lapse.
    pub expires_on: Option<NaiveDate>,
    pub reference: Option<String>,
    pub note: Option<String>,
}

/// There are not as many as are to be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Short {
    pub requested: Credits,
    pub available: Credits,
}

/// The book and its open lots as they are, then as they will be.
#[derive(Debug)]
pub struct Purse {
    book: credit_book::Model,
    /// In the order in which they are consumed.
    lots: Vec<credit_lot::Model>,
    now: DateTime<Utc>,
    entries: Vec<credit_entry::Model>,
    touched: BTreeSet<Uuid>,
    /// Whether something else holds for the account than before.
    holds_anew: bool,
}

impl Purse {
    /// What has lapsed by now is booked first: whoever comes before the job does its work.
    fn of(book: credit_book::Model, lots: Vec<credit_lot::Model>, now: DateTime<Utc>) -> Self {
        let mut purse = Self {
            book,
            lots,
            now,
            entries: Vec::new(),
            touched: BTreeSet::new(),
            holds_anew: false,
        };
        // A lot that does not lapse is consumed last.
        purse.lots.sort_by_key(in_order);
        purse.lapse();
        purse
    }

    fn lapse(&mut self) {
        let today = self.now.date_naive();
        for place in 0..self.lots.len() {
            let lot = &mut self.lots[place];
            if lot.rest == 0 || lot.expires_on.is_none_or(|day| day >= today) {
                continue;
            }
            let (id, expires_on) = (lot.id, lot.expires_on);
            let amount = -std::mem::take(&mut lot.rest);
            self.touched.insert(id);
            let entry = credit_entry::Model {
                lot_id: Some(id),
                expires_on,
                ..self.entry(Kind::Expiry, amount)
            };
            self.entries.push(entry);
        }
    }

    /// The balance, with all that is not written yet.
    pub fn balance(&self) -> Credits {
        Credits(self.entries.iter().map(|entry| entry.amount).sum::<i64>() + self.book.balance)
    }

    /// What can be taken where overdraft is not allowed.
    fn available(&self) -> i64 {
        self.lots.iter().map(|lot| lot.rest).sum()
    }

    pub fn open_lots(&self) -> usize {
        self.lots.iter().filter(|lot| lot.rest > 0).count()
    }

    pub const fn allows_overdraft(&self) -> bool {
        self.book.allows_overdraft
    }

    pub const fn allow_overdraft(&mut self, is_allowed: bool) {
        self.book.allows_overdraft = is_allowed;
        self.holds_anew = true;
    }

    /// Takes what somebody's use consumes: all of it or nothing. Uses of one person, product and day are one entry.
    pub fn consume(&mut self, used: Used, amount: Credits) -> Result<(), Short> {
        self.draw(amount)?;
        let is_of_it = |entry: &&mut credit_entry::Model| {
            entry.kind == Kind::Consumption
                && (entry.user_id, entry.product_id, entry.used_on)
                    == (Some(used.user_id), Some(used.product_id), Some(used.day))
        };
        if let Some(entry) = self.entries.iter_mut().find(is_of_it) {
            entry.amount -= amount.0;
            return Ok(());
        }
        let entry = credit_entry::Model {
            user_id: Some(used.user_id),
            product_id: Some(used.product_id),
            used_on: Some(used.day),
            ..self.entry(Kind::Consumption, -amount.0)
        };
        self.entries.push(entry);
        Ok(())
    }

    /// Takes credits away that should not be there: all of them or nothing.
    pub fn take_back(
        &mut self,
        amount: Credits,
        reference: Option<String>,
        note: String,
    ) -> Result<(), Short> {
        self.draw(amount)?;
        let entry = credit_entry::Model {
            reference,
            note: Some(note),
            ..self.entry(Kind::Adjustment, -amount.0)
        };
        self.entries.push(entry);
        Ok(())
    }

    /// Takes from the lots; what they have not is overdrawn.
    fn draw(&mut self, amount: Credits) -> Result<(), Short> {
        let available = self.available();
        if !self.book.allows_overdraft && amount.0 > available {
            return Err(Short {
                requested: amount,
                available: Credits(available),
            });
        }
        let mut left = amount.0;
        for lot in self.lots.iter_mut().filter(|lot| lot.rest > 0) {
            if left == 0 {
                break;
            }
            let part = left.min(lot.rest);
            lot.rest -= part;
            left -= part;
            self.touched.insert(lot.id);
        }
        Ok(())
    }

    /// Adds a lot. What was overdrawn is paid from it first; from now on notices are measured against what there is then.
    pub fn add(&mut self, lot_id: Uuid, add: Add) {
        let overdrawn = self.available() - self.balance().0;
        let lot = credit_lot::Model {
            account_id: self.book.account_id,
            id: lot_id,
            amount: add.amount.0,
            rest: add.amount.0 - overdrawn.clamp(0, add.amount.0),
            expires_on: add.expires_on,
            created_at: self.now,
        };
        self.touched.insert(lot_id);
        self.lots.push(lot);
        self.lots.sort_by_key(in_order);
        let entry = credit_entry::Model {
            lot_id: Some(lot_id),
            expires_on: add.expires_on,
            reference: add.reference,
            note: add.note,
            ..self.entry(add.kind, add.amount.0)
        };
        self.entries.push(entry);
        self.book.pot = self.balance().0.max(0);
        self.book.told_percent = 0;
        self.holds_anew = true;
    }

    /// An entry that says nothing yet but why and how much. Its place follows when all are there.
    fn entry(&self, kind: Kind, amount: i64) -> credit_entry::Model {
        credit_entry::Model {
            account_id: self.book.account_id,
            id: Uuid::nil(),
            number: 0,
            kind,
            amount,
            balance_after: 0,
            occurred_at: self.now,
            user_id: None,
            product_id: None,
            used_on: None,
            lot_id: None,
            expires_on: None,
            reference: None,
            note: None,
        }
    }

    /// The highest percentage of the pot that is gone now, of those the account wants to hear of and did not yet.
    fn crossed(&self) -> Option<i32> {
        let gone = i128::from(self.book.pot) - i128::from(self.balance().0);
        let has_reached = |percent: &i32| {
            // In whole numbers, so that 80 of 100 are 80 %.
            *percent > self.book.told_percent
                && gone * 100 >= i128::from(self.book.pot) * i128::from(*percent)
        };
        let percents = self.book.notice_percents.0.iter().copied();
        percents.filter(has_reached).max().filter(|_| self.book.pot > 0)
    }

    /// Gives the entries their places, and what the balance is after each.
    fn place(&mut self) {
        let (mut number, mut balance) = (self.book.entries, self.book.balance);
        for entry in &mut self.entries {
            number += 1;
            balance += entry.amount;
            entry.number = number;
            entry.balance_after = balance;
            entry.id = entry_id(entry.account_id, number);
        }
    }
}

/// The one that lapses first is first, those that do not are last.
fn in_order(lot: &credit_lot::Model) -> (bool, Option<NaiveDate>, DateTime<Utc>, Uuid) {
    (lot.expires_on.is_none(), lot.expires_on, lot.created_at, lot.id)
}

/// The id of an entry: its number before half of the account's id. So ids are in the order of the ledger, and those of different accounts are different.
fn entry_id(account_id: Uuid, number: i64) -> Uuid {
    let (_, half) = account_id.as_u64_pair();
    Uuid::from_u64_pair(number.unsigned_abs(), half)
}

#[cfg(test)]
mod tests;
