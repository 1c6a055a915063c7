//! What a record may say. Pure.

use chrono::{Days, NaiveDate};

use super::UsageRecord;
use crate::credits::Credits;
use crate::error::{Code, Refusal};
use crate::limits;
use crate::person::EmailAddress;

/// The days that can be recorded.
#[derive(Clone, Copy, Debug)]
pub struct Recordable {
    /// As far back as days are kept.
    pub first: NaiveDate,
    /// Tomorrow: somewhere it has begun.
    pub last: NaiveDate,
}

impl Recordable {
    pub fn of(today: NaiveDate, kept_days: u32) -> Self {
        Self {
            first: today - Days::new(kept_days.into()),
            last: today + Days::new(1),
        }
    }

    /// Checks what a record says by itself, and answers whose it is. The refusal names the member of the record.
    pub fn judge(self, record: &UsageRecord) -> Result<EmailAddress, Refusal> {
        let email = EmailAddress::parse(&record.email).map_err(|refusal| refusal.at("email"))?;
        if record.product.len() > limits::PRODUCT_WORD {
            return Err(
                Refusal::new(Code::ProductUnknown, "No product has so long a code.").at("productCode"),
            );
        }
        if record.day > self.last {
            return Err(Refusal::new(Code::Invalid, "The day has not begun anywhere yet.").at("day"));
        }
        if record.day < self.first {
            let text = format!("Usage is kept from {} on; the day is older.", self.first);
            return Err(Refusal::new(Code::Invalid, text).at("day"));
        }
        number(record.minutes, limits::RECORD_MINUTES).map_err(|refusal| refusal.at("minutes"))?;
        number(record.launches, limits::RECORD_LAUNCHES).map_err(|refusal| refusal.at("launches"))?;
        let most = Credits::whole(i64::try_from(limits::RECORD_CREDITS).unwrap_or(i64::MAX));
        if !(Credits::default()..=most).contains(&record.credits) {
            return Err(between(limits::RECORD_CREDITS).at("credits"));
        }
        if (record.minutes, record.launches, record.credits) == (0, 0, Credits::default()) {
            let text = "A record says how much was used: minutes, launches or credits.";
            return Err(Refusal::new(Code::Required, text).at("minutes"));
        }
        if record.key.is_empty() {
            return Err(Refusal::new(Code::Required, "Give the record a key.").at("key"));
        }
        if record.key.len() > limits::RECORD_KEY {
            let text = format!("A record's key has at most {} bytes.", limits::RECORD_KEY);
            return Err(Refusal::new(Code::TooLong, text).at("key"));
        }
        Ok(email)
    }
}

fn number(given: i32, most: usize) -> Result<(), Refusal> {
    match usize::try_from(given).is_ok_and(|given| given <= most) {
        true => Ok(()),
        false => Err(between(most)),
    }
}

fn between(most: usize) -> Refusal {
    Refusal::new(Code::Invalid, format!("This is 0 to {most}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> UsageRecord {
        UsageRecord {
            email: "ada@acme.example".into(),
            product: "DRAW".into(),
            day: "2026-11-27".parse().unwrap(),
            minutes: 1,
            launches: 0,
            credits: Credits::default(),
            key: "a".into(),
        }
    }

    fn refused(change: impl Fn(&mut UsageRecord)) -> Option<(Code, String)> {
        let recordable = Recordable::of("2026-11-28".parse().unwrap(), 800);
        let mut record = record();
        change(&mut record);
        let refusal = recordable.judge(&record).err()?;
        Some((refusal.code, refusal.field.unwrap().join(".")))
    }

    #[test]
    fn each_member_of_a_record_has_its_bounds() {
        let is = |code, field: &str| Some((code, field.to_owned()));
        assert_eq!(refused(|_| {}), None);
        for (day, expected) in [
            ("2026-11-29", None),
            ("2026-11-30", is(Code::Invalid, "day")),
            ("2024-09-19", None),
            ("2024-09-18", is(Code::Invalid, "day")),
        ] {
            assert_eq!(
                refused(|record| record.day = day.parse().unwrap()),
                expected,
                "{day}"
            );
        }
        for (minutes, expected) in [
            (1_440, None),
            (1_441, is(Code::Invalid, "minutes")),
            (-1, is(Code::Invalid, "minutes")),
            (0, is(Code::Required, "minutes")),
        ] {
            assert_eq!(refused(|record| record.minutes = minutes), expected, "{minutes}");
        }
        assert_eq!(
            refused(|record| record.launches = 10_001),
            is(Code::Invalid, "launches")
        );
        assert_eq!(
            refused(|record| record.launches = i32::MIN),
            is(Code::Invalid, "launches")
        );
        assert_eq!(
            refused(|record| record.credits = Credits(-1)),
            is(Code::Invalid, "credits")
        );
        assert_eq!(refused(|record| record.credits = Credits::whole(1_000_000)), None);
        let too_many = Credits(Credits::whole(1_000_000).0 + 1);
        assert_eq!(
            refused(|record| record.credits = too_many),
            is(Code::Invalid, "credits")
        );
        assert_eq!(
            refused(|record| record.key = String::new()),
            is(Code::Required, "key")
        );
        assert_eq!(refused(|record| record.key = "k".repeat(200)), None);
        assert_eq!(
            refused(|record| record.key = "k".repeat(201)),
            is(Code::TooLong, "key")
        );
        assert_eq!(
            refused(|record| record.product = "P".repeat(255)),
            is(Code::ProductUnknown, "productCode")
        );
        assert_eq!(
            refused(|record| record.email = "ada".into()),
            is(Code::EmailInvalid, "email")
        );
    }
}
