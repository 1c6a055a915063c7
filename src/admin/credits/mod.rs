//! Cloud credits as their seller has them: granting, mending, and whether an account may overdraw.

mod cli;

use chrono::{Datelike, NaiveDate};
use entity::account;
use entity::credit_entry::{self, Kind};
use entity::ids::Kind as Id;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

pub use cli::{CreditsArgs, run};

use super::account::lock_named;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::credits::{Add, Credits, Purse, Short};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::limits;

/// What a grant and an adjustment have in common.
#[derive(Clone, Debug)]
pub struct Booking {
    /// The account's slug.
    pub account: String,
    pub amount: Credits,
    /// The last day (UTC) on which what is added is good; `None`: it does not lapse.
    pub expires_on: Option<NaiveDate>,
    /// What the seller knows it by: an account has it once.
    pub reference: Option<String>,
    pub note: Option<String>,
}

/// Grants credits.
#[derive(Clone, Debug)]
pub struct GrantCredits(pub Booking);

impl Command for GrantCredits {
    /// Whether it was booked now; it may have been before, under the same reference.
    type Output = bool;
    const NAME: &'static str = "credits.grant";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        if self.0.amount <= Credits::default() {
            return Err(Refusal::new(Code::Invalid, "More than 0 credits are granted.").into());
        }
        self.0.book(work, Kind::Grant).await
    }
}

/// Mends what is wrong: adds credits, or with an amount below 0 takes some. It needs a note.
#[derive(Clone, Debug)]
pub struct AdjustCredits(pub Booking);

impl Command for AdjustCredits {
    /// As of [`GrantCredits`].
    type Output = bool;
    const NAME: &'static str = "credits.adjust";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        if self.0.amount == Credits::default() {
            return Err(Refusal::new(Code::Invalid, "An adjustment adds credits or takes some.").into());
        }
        if self.0.note.is_none() {
            return Err(Refusal::new(Code::Required, "An adjustment needs a note: why?").into());
        }
        self.0.book(work, Kind::Adjustment).await
    }
}

impl Booking {
    /// What it says by itself.
    fn check(&self, today: NaiveDate) -> Result<(), Refusal> {
        let invalid = |text: String| Err(Refusal::new(Code::Invalid, text));
        let most = i64::try_from(limits::CREDITS_AT_ONCE).unwrap_or(i64::MAX);
        if self.amount.0.unsigned_abs() > Credits::whole(most).0.unsigned_abs() {
            return invalid(format!("At most {most} credits are booked at once."));
        }
        if let Some(day) = self.expires_on {
            if self.amount < Credits::default() {
                return invalid("Only what is added lapses.".to_owned());
            }
            if day < today || usize::try_from(day.year()).is_ok_and(|year| year > limits::LAST_YEAR) {
                return invalid(
                    "The last day of credits is today (UTC) or later, of a year with four digits.".to_owned(),
                );
            }
        }
        let is_wrong = |text: Option<&String>, longest: usize| {
            text.is_some_and(|text| text.trim().is_empty() || text.chars().nth(longest).is_some())
        };
        if is_wrong(self.note.as_ref(), limits::CREDIT_NOTE) {
            return invalid(format!("A note has 1 to {} characters.", limits::CREDIT_NOTE));
        }
        let reference = self.reference.as_ref();
        let is_long = reference.is_some_and(|text| text.len() > limits::CREDIT_REFERENCE);
        if is_long || is_wrong(reference, limits::CREDIT_REFERENCE) {
            return invalid(format!(
                "A reference has 1 to {} bytes.",
                limits::CREDIT_REFERENCE
            ));
        }
        Ok(())
    }

    async fn book(self, work: &mut Work, kind: Kind) -> Result<bool> {
        self.check(work.now().date_naive())?;
        let account = lock_named(work, &self.account).await?;
        if self.is_known(work, &account, kind).await? {
            return Ok(false);
        }
        let mut purse = Purse::begin(work, account.id).await?;
        if self.amount < Credits::default() {
            let note = self.note.unwrap_or_default();
            let taken = Credits(-self.amount.0);
            purse.take_back(taken, self.reference, note).map_err(short)?;
        } else {
            if purse.open_lots() >= limits::OPEN_CREDIT_LOTS {
                let text = format!(
                    "The account has {} grants of which something is left. Book fewer, larger ones.",
                    limits::OPEN_CREDIT_LOTS
                );
                return Err(Refusal::new(Code::TooManyItems, text).into());
            }
            let add = Add {
                kind,
                amount: self.amount,
                expires_on: self.expires_on,
                reference: self.reference,
                note: self.note,
            };
            purse.add(work.new_id(), add);
        }
        purse.write(work, &account).await?;
        Ok(true)
    }

    /// Whether this very thing was booked under its reference. Another is refused.
    async fn is_known(&self, work: &Work, account: &account::Model, kind: Kind) -> Result<bool> {
        use credit_entry::Column;

        let Some(reference) = &self.reference else {
            return Ok(false);
        };
        let found = credit_entry::Entity::find()
            .filter(Column::AccountId.eq(account.id))
            .filter(Column::Reference.eq(reference))
            .one(work.reader())
            .await?;
        let Some(entry) = found else { return Ok(false) };
        let is_the_same =
            (entry.kind, entry.amount, entry.expires_on) == (kind, self.amount.0, self.expires_on);
        if is_the_same {
            return Ok(true);
        }
        let text = format!("Something else is booked under the reference \"{reference}\".");
        Err(Refusal::new(Code::AlreadyExists, text).into())
    }
}

fn short(Short { requested, available }: Short) -> Error {
    let text = format!("{available} credits are left: {requested} cannot be taken.");
    let detail = Detail::Credits {
        requested: requested.0,
        available: available.0,
    };
    Refusal::new(Code::CreditsExhausted, text).with(detail).into()
}

/// Says whether an account may consume credits that it has not. What is overdrawn already stays so.
#[derive(Clone, Debug)]
pub struct SetOverdraft {
    /// The account's slug.
    pub account: String,
    pub is_allowed: bool,
}

impl Command for SetOverdraft {
    type Output = ();
    const NAME: &'static str = "credits.set_overdraft";

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let account = lock_named(work, &self.account).await?;
        work.touch(Id::Account.text(account.id));
        let mut purse = Purse::begin(work, account.id).await?;
        let before = purse.allows_overdraft();
        if before != self.is_allowed {
            work.changed(
                "overdraftAllowed",
                Some(before.to_string()),
                Some(self.is_allowed.to_string()),
            );
            purse.allow_overdraft(self.is_allowed);
        }
        purse.write(work, &account).await
    }
}
