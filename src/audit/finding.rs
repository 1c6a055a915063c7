//! What is found when a log is looked through, and how it is said.

use std::fmt;
use std::str::FromStr;

use entity::ids::Kind;
use uuid::Uuid;

use crate::error::{Error, Result};

/// A place of a chain, as it can be noted elsewhere: `812:5f0c…`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    pub seq: i64,
    pub hash: Vec<u8>,
}

/// Something that is not as Muster left it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// From the first to the last of these.
    Missing(i64, i64),
    /// From the first to the last, and none behind them.
    MissingAtTheEnd(i64, i64),
    Changed(i64, Uuid),
    /// Its code is under a master key that is not configured.
    UnderAnotherKey(i64, Uuid),
    /// Numbers or hashes were written anew.
    DoesNotFollow(i64, Uuid),
    /// Whoever wrote it had seen another chain.
    HasSeenAnother(i64, Uuid),
    /// It has no number, though there was a chain when it is said to have occurred.
    OutsideTheChain(Uuid),
    /// What is said to have been cleared away was not, or not by Muster.
    Base,
    /// The head is not that of the last row, or there is none.
    Head,
    /// There is no such place in it any more as was noted.
    Expected(i64),
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// Rows that were read.
    pub events: u64,
    /// Rows from before there was a chain.
    pub unchained: u64,
    /// The last number that was cleared away.
    pub base: i64,
    /// Where the chain ends; none where nothing was ever written.
    pub head: Option<Head>,
    /// The first of them.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more: usize,
}

impl fmt::Display for Head {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:", self.seq)?;
        self.hash
            .iter()
            .try_for_each(|byte| write!(formatter, "{byte:02x}"))
    }
}

impl FromStr for Head {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let wrong = || Error::BadInput("A head is written as verify-audit prints it: 812:5f0c…".into());
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let seq = seq.parse().map_err(|_| wrong())?;
        let byte = |pair: &[u8]| {
            let digits = std::str::from_utf8(pair).ok().filter(|_| pair.len() == 2);
            digits.and_then(|digits| u8::from_str_radix(digits, 16).ok())
        };
        let hash: Option<Vec<u8>> = hash.as_bytes().chunks(2).map(byte).collect();
        match hash.filter(|hash| hash.len() == 32) {
            Some(hash) => Ok(Self { seq, hash }),
            None => Err(wrong()),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = |id: &Uuid| Kind::AuditEvent.text(*id);
        let range = |from: &i64, to: &i64| match from == to {
            true => format!("event {from} is"),
            false => format!("events {from} to {to} are"),
        };
        match self {
            Self::Missing(from, to) => write!(formatter, "{} missing", range(from, to)),
            Self::MissingAtTheEnd(from, to) => write!(formatter, "{} missing at the end", range(from, to)),
            Self::Changed(seq, id) => {
                write!(formatter, "event {seq} ({}) is not as Muster wrote it", name(id))
            }
            Self::UnderAnotherKey(seq, id) => write!(
                formatter,
                "event {seq} ({}) was written under a master key that is not configured (MUSTER_FORMER_SECRET_KEYS)",
                name(id)
            ),
            Self::DoesNotFollow(seq, id) => write!(
                formatter,
                "event {seq} ({}) does not follow from the one before it",
                name(id)
            ),
            Self::HasSeenAnother(seq, id) => write!(
                formatter,
                "event {seq} ({}) was written behind other events than stand before it",
                name(id)
            ),
            Self::OutsideTheChain(id) => write!(formatter, "event {} stands outside the chain", name(id)),
            Self::Base => write!(
                formatter,
                "what is said to have been cleared away was not by Muster"
            ),
            Self::Head => write!(formatter, "the head of the chain is not that of the last event"),
            Self::Expected(seq) => write!(
                formatter,
                "the head that was noted at event {seq} is not in the chain"
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Finding, Head};

    #[test]
    fn a_head_is_read_as_it_is_written_and_nothing_else_is() {
        let head = Head {
            seq: 812,
            hash: (0..32).collect(),
        };
        let text = head.to_string();
        assert!(text.starts_with("812:000102"), "{text}");
        assert_eq!(text.parse::<Head>().unwrap(), head);
        let short = &text[..text.len() - 2];
        let odd = &text[..text.len() - 1];
        for wrong in [
            "",
            "812",
            "812:",
            ":00",
            "x:00",
            "812:zz",
            short,
            odd,
            &format!("{text}ü"),
        ] {
            assert!(wrong.parse::<Head>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn one_is_told_of_as_one_and_several_as_a_range() {
        assert_eq!(Finding::Missing(7, 7).to_string(), "event 7 is missing");
        assert_eq!(
            Finding::MissingAtTheEnd(7, 9).to_string(),
            "events 7 to 9 are missing at the end"
        );
    }
}
