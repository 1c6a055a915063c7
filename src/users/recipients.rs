//! Reading a typed or pasted list of people: what stands in the "to" field of a mail program, one address a line, or
//! anything between.
//!
//! `a@b.c`, `First Last <a@b.c>`, `Last, First <a@b.c>` and a name before an address on one line, separated by semicolons, line ends, commas behind an
//! address, and blanks between bare addresses. An entry that cannot be read never spoils the others, and nothing is guessed in silence: what is
//! neither a name nor an address comes back as typed, with the reason. Reads in one pass, whatever the text.

mod entry;
mod pieces;

use std::collections::HashSet;

use crate::error::{Code, Refusal};
use crate::limits;
use crate::person::EmailAddress;

/// Somebody to be invited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recipient {
    pub email: EmailAddress,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
}

/// An entry that names nobody.
#[derive(Clone, Debug, PartialEq)]
pub struct Unreadable {
    /// The entry as it stands in the list.
    pub typed: String,
    pub refusal: Refusal,
}

pub type Entry = Result<Recipient, Unreadable>;

/// What a list holds.
#[derive(Clone, Debug, PartialEq)]
pub struct List {
    /// In order.
    pub entries: Vec<Entry>,
    /// Entries that were blank, or whose address stands earlier in the list.
    pub left_out: usize,
}

/// Reads the list in order. An address that comes again (in any letter case) is left out, the first one stays; blank
/// entries do not count. More than `at_most` entries refuse the list as a whole, so that nobody is added by halves.
pub fn recipients(text: &str, at_most: usize) -> Result<List, Refusal> {
    let mut seen = HashSet::new();
    let (pieces, mut left_out) = pieces::pieces(text);
    let mut entries = Vec::new();
    for entry in pieces.into_iter().flat_map(entry::read) {
        if entry
            .as_ref()
            .is_ok_and(|recipient| !seen.insert(recipient.email.key().to_owned()))
        {
            left_out += 1;
            continue;
        }
        if entries.len() == at_most {
            // Who may add fewer at once has no imports.
            let way_out = match at_most < limits::INVITED_AT_ONCE {
                true => "Split it.",
                false => "Split it, or import a CSV file.",
            };
            let message = format!("The list has more than {at_most} entries. {way_out}");
            return Err(Refusal::new(Code::TooManyItems, message));
        }
        entries.push(entry);
    }
    Ok(List { entries, left_out })
}

#[cfg(test)]
mod tests;
