//! Amounts of cloud credits: exact, with four decimals.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// What one credit is in the database.
const ONE: i64 = 10_000;
const DECIMALS: usize = 4;

/// An amount, in ten-thousandths of a credit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Credits(pub i64);

impl Credits {
    pub const fn whole(credits: i64) -> Self {
        Self(credits.saturating_mul(ONE))
    }
}

/// A text that is no decimal number of at most four decimals, or one that is too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAmount;

impl FromStr for Credits {
    type Err = NoAmount;

    /// Digits, and behind a point at most four more; zeros behind these say nothing and may be there.
    fn from_str(text: &str) -> Result<Self, NoAmount> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(part) {
            return Err(NoAmount);
        }
        let (part, rest) = part.split_at(part.len().min(DECIMALS));
        if rest.bytes().any(|byte| byte != b'0') {
            return Err(NoAmount);
        }
        let whole: i64 = whole.parse().map_err(|_| NoAmount)?;
        let part: i64 = format!("{part:0<DECIMALS$}").parse().map_err(|_| NoAmount)?;
        let amount = whole.checked_mul(ONE).and_then(|whole| whole.checked_add(part));
        Ok(Self(sign * amount.ok_or(NoAmount)?))
    }
}

impl fmt::Display for Credits {
    /// As short as it is exact: `120.5`, `3`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, part) = (self.0.unsigned_abs() / 10_000, self.0.unsigned_abs() % 10_000);
        if self.0 < 0 {
            f.write_str("-")?;
        }
        if part == 0 {
            return write!(f, "{whole}");
        }
        let part = format!("{part:0>DECIMALS$}");
        write!(f, "{whole}.{}", part.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::{Credits, NoAmount};

    #[test]
    fn amounts_are_exact_and_written_as_short_as_they_are() {
        for (given, amount, written) in [
            ("0", 0, "0"),
            ("12", 120_000, "12"),
            ("12.5", 125_000, "12.5"),
            ("0.0001", 1, "0.0001"),
            ("120.50", 1_205_000, "120.5"),
            ("1.000100000", 10_001, "1.0001"),
            ("-2.25", -22_500, "-2.25"),
        ] {
            assert_eq!(given.parse(), Ok(Credits(amount)), "{given}");
            assert_eq!(Credits(amount).to_string(), written);
        }
        assert_eq!(Credits::whole(3).to_string(), "3");
    }

    #[test]
    fn what_is_no_exact_amount_is_refused() {
        for given in [
            "",
            ".",
            "1.",
            ".5",
            "1,5",
            "1e3",
            "NaN",
            "Infinity",
            "+1",
            " 1",
            "0.00001",
            "--1",
            "999999999999999999",
            "99999999999999999999",
        ] {
            assert_eq!(given.parse::<Credits>(), Err(NoAmount), "{given}");
        }
    }
}
