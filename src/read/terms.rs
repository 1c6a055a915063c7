//! What readers look for, held to its bounds before anything is done with it.

use chrono::{DateTime, Datelike, NaiveDate, Utc};

use crate::error::{Error, Result};
use crate::limits;

/// The words of a search, each once.
pub fn words(search: &str) -> Result<Vec<&str>> {
    let mut words = Vec::new();
    for word in search.split_whitespace() {
        let is_too_long = word.chars().nth(limits::SEARCH_WORD).is_some();
        let is_new = !words.contains(&word);
        if is_too_long || (is_new && words.len() == limits::SEARCH_WORDS) {
            return Err(Error::BadInput(format!(
                "A search has at most {} different words of {} characters.",
                limits::SEARCH_WORDS,
                limits::SEARCH_WORD
            )));
        }
        if is_new {
            words.push(word);
        }
    }
    Ok(words)
}

/// A text that others are compared with.
pub fn compared(text: &str, most: usize) -> Result<&str> {
    match text.chars().nth(most) {
        Some(_) => Err(Error::BadInput(format!(
            "A text to compare with has at most {most} characters."
        ))),
        None => Ok(text),
    }
}

/// Several values to compare with.
pub fn alternatives<T>(values: &[T]) -> Result<&[T]> {
    match values.len() > limits::ALTERNATIVES {
        true => Err(Error::BadInput(format!(
            "At most {} values can be compared with at once.",
            limits::ALTERNATIVES
        ))),
        false => Ok(values),
    }
}

/// A time that every database can hold.
pub fn time(time: DateTime<Utc>) -> Result<DateTime<Utc>> {
    day(time.date_naive()).map(|_| time)
}

/// A day that every database can hold.
pub fn day(day: NaiveDate) -> Result<NaiveDate> {
    let is_sensible = usize::try_from(day.year()).is_ok_and(|year| (1..=limits::LAST_YEAR).contains(&year));
    match is_sensible {
        true => Ok(day),
        false => Err(Error::BadInput(format!(
            "A time is in the years 1 to {}.",
            limits::LAST_YEAR
        ))),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::{alternatives, compared, day, words};

    #[test]
    fn a_search_has_eight_words_of_a_hundred_characters() {
        let many = "a b c d e f g h";
        assert_eq!(words(many).unwrap().len(), 8);
        assert_eq!(
            words(&format!("{many} a b  h")).unwrap().len(),
            8,
            "again is not more"
        );
        assert!(words(&format!("{many} i")).is_err());
        assert!(words(&"ü".repeat(100)).is_ok());
        assert!(words(&"ü".repeat(101)).is_err());
        assert_eq!(words(" \u{a0}\n").unwrap(), Vec::<&str>::new());
    }

    #[test]
    fn what_is_compared_has_a_length() {
        assert!(compared(&"ü".repeat(254), 254).is_ok());
        assert!(compared(&"ü".repeat(255), 254).is_err());
        assert!(alternatives(&[0; 200]).is_ok());
        assert!(alternatives(&[0; 201]).is_err());
    }

    #[test]
    fn days_are_of_a_calendar_that_everybody_has() {
        for (year, is_good) in [(0, false), (1, true), (9_999, true), (10_000, false), (-1, false)] {
            let given = NaiveDate::from_ymd_opt(year, 12, 31).unwrap();
            assert_eq!(day(given).is_ok(), is_good, "{year}");
        }
    }
}
