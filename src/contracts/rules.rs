//! What a contract may look like, how it stands on a day, and where a renewal leads. Pure.

use chrono::{Datelike, Days, Months, NaiveDate};
use entity::contract::Model;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::person::{is_forbidden, trim};

/// How a contract stands on a day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Active,
    Upcoming,
    Expired,
    Terminated,
}

pub fn status(contract: &Model, today: NaiveDate) -> Status {
    match contract.terminated_at {
        _ if contract.starts_on > today => Status::Upcoming,
        _ if contract.ends_on >= today => Status::Active,
        Some(_) => Status::Terminated,
        None => Status::Expired,
    }
}

/// The first day of a new term, and its last.
pub type Term = (NaiveDate, NaiveDate);

/// The term that a renewal of so many months adds: right behind the last one, unless that would be over by now; then from today on. `None` beyond the calendar.
pub fn next_term(contract: &Model, today: NaiveDate) -> Option<Term> {
    let months = Months::new(u32::try_from(contract.renewal_months).ok()?);
    let from = |begins: NaiveDate| {
        let ends = begins
            .checked_add_months(months)?
            .checked_sub_days(Days::new(1))?;
        is_of_the_calendar(ends).then_some((begins, ends))
    };
    let behind = from(contract.ends_on.checked_add_days(Days::new(1))?)?;
    match behind.1 < today {
        true => from(today),
        false => Some(behind),
    }
}

/// The first day of the next term of a contract that is renewed for one that begins on a day: of one that it was renewed for already, if that has not begun.
pub fn next_begins(contract: &Model, begins_on: NaiveDate, today: NaiveDate) -> NaiveDate {
    let pending = contract.next_term_on.filter(|pending| *pending > today);
    pending.unwrap_or(begins_on)
}

/// The days of a term, from one to another.
pub fn term(starts_on: NaiveDate, ends_on: NaiveDate) -> Result<Term, Refusal> {
    let term = (day(starts_on, "input.startsOn")?, day(ends_on, "input.endsOn")?);
    match starts_on > ends_on {
        true => Err(invalid(
            "The last day is not before the first one.",
            "input.endsOn",
        )),
        false => Ok(term),
    }
}

/// A day that every database can hold.
pub fn day(day: NaiveDate, field: &str) -> Result<NaiveDate, Refusal> {
    match is_of_the_calendar(day) {
        true => Ok(day),
        false => Err(invalid(
            &format!("A day is in the years 1 to {}.", limits::LAST_YEAR),
            field,
        )),
    }
}

fn is_of_the_calendar(day: NaiveDate) -> bool {
    usize::try_from(day.year()).is_ok_and(|year| (1..=limits::LAST_YEAR).contains(&year))
}

/// What a contract is called on paper.
pub fn number(given: &str) -> Result<String, Refusal> {
    let read = line(given, limits::CONTRACT_NUMBER, "input.number")?;
    read.ok_or_else(|| Refusal::new(Code::Required, "A contract has a number.").at("input.number"))
}

/// Who bought, or through whom; blank is nobody.
pub fn party(given: &str, field: &str) -> Result<Option<String>, Refusal> {
    line(given, limits::CONTRACT_PARTY, field)
}

fn line(given: &str, most: usize, field: &str) -> Result<Option<String>, Refusal> {
    let text = trim(given);
    if text.chars().count() > most {
        let message = format!("At most {most} characters.");
        return Err(Refusal::new(Code::TooLong, message).at(field));
    }
    match text.chars().any(is_forbidden) {
        true => Err(Refusal::new(
            Code::NameInvalidCharacter,
            "The text contains a character that has no place in one line.",
        )
        .at(field)),
        false => Ok(Some(text.to_owned()).filter(|text| !text.is_empty())),
    }
}

/// By so many months a renewal moves the last day.
pub fn renewal_months(months: i32) -> Result<i32, Refusal> {
    let text = format!("A renewal is for 1 to {} months.", limits::RENEWAL_MONTHS);
    within(months, limits::RENEWAL_MONTHS, &text, "input.renewalMonths")
}

/// How many seats a subscription may have.
pub fn seats(seats: i32) -> Result<i32, Refusal> {
    let text = format!("A subscription has 1 to {} seats.", limits::SEATS);
    within(seats, limits::SEATS, &text, "input.seats")
}

fn within(number: i32, most: usize, text: &str, field: &str) -> Result<i32, Refusal> {
    match usize::try_from(number).is_ok_and(|number| (1..=most).contains(&number)) {
        true => Ok(number),
        false => Err(invalid(text, field)),
    }
}

pub fn invalid(text: &str, field: &str) -> Refusal {
    Refusal::new(Code::Invalid, text).at(field)
}

/// Somebody was faster.
pub fn stale() -> Refusal {
    let text = "Somebody changed this meanwhile. Read it again.";
    Refusal::new(Code::StaleVersion, text).at("input.expectedVersion")
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, NaiveDate};
    use uuid::Uuid;

    use super::{Model, Status, next_term, status};

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn contract(starts_on: &str, ends_on: &str, renewal_months: i32) -> Model {
        Model {
            account_id: Uuid::nil(),
            id: Uuid::nil(),
            number: "C-1".into(),
            starts_on: day(starts_on),
            ends_on: day(ends_on),
            auto_renews: false,
            purchaser_name: None,
            reseller_name: None,
            terminated_at: None,
            created_at: DateTime::UNIX_EPOCH,
            version: 1,
            renewal_months,
            next_term_on: None,
            told_for: None,
            told_days: None,
        }
    }

    #[test]
    fn a_contract_is_what_its_days_say() {
        let mut one = contract("2026-01-01", "2026-12-31", 12);
        let seen = |one: &Model| {
            ["2025-12-31", "2026-01-01", "2026-12-31", "2027-01-01"].map(|on| status(one, day(on)))
        };
        let [before, first, last, after] = seen(&one);
        assert_eq!(
            (before, first, last, after),
            (Status::Upcoming, Status::Active, Status::Active, Status::Expired)
        );
        one.terminated_at = Some(DateTime::UNIX_EPOCH);
        assert_eq!(
            seen(&one)[2..],
            [Status::Active, Status::Terminated],
            "it ends, and has not ended"
        );
    }

    #[test]
    fn a_term_follows_on_the_last_one_and_keeps_the_end_of_the_month() {
        for (ends, months, today, begins, then) in [
            ("2026-12-31", 12, "2026-12-01", "2027-01-01", "2027-12-31"),
            ("2027-02-28", 1, "2027-02-28", "2027-03-01", "2027-03-31"),
            ("2026-01-30", 1, "2026-01-01", "2026-01-31", "2026-02-27"),
            // A little late it is as if it had been in time.
            ("2026-12-31", 1, "2027-01-31", "2027-01-01", "2027-01-31"),
            // Much later it begins anew.
            ("2026-12-31", 1, "2027-02-01", "2027-02-01", "2027-02-28"),
        ] {
            let term = next_term(&contract("2026-01-01", ends, months), day(today));
            assert_eq!(term, Some((day(begins), day(then))), "{ends} by {months}");
        }
        assert_eq!(
            next_term(&contract("2026-01-01", "9999-12-31", 1), day("2026-01-01")),
            None
        );
    }
}
