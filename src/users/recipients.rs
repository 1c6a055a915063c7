//! Reading a typed or pasted list of people: what stands in the "to" field of a mail program, one address a line, or
//! anything between.
//!
//! `a@b.c`, `First Last <a@b.c>` and `"Last, First" <a@b.c>`, separated by semicolons, commas, line ends, and blanks between
//! bare addresses. An entry that cannot be read never spoils the others, and nothing is guessed in silence: what is
//! neither a name nor an address comes back as typed, with the reason. Reads in one pass, whatever the text.

use std::collections::HashSet;

use crate::error::{Code, Refusal};
use crate::person::{self, EmailAddress, trim};

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

/// Reads the list in order. An address that comes again (in any letter case) is left out, the first one stays; blank
/// entries do not count. More than `at_most` entries refuse the list as a whole, so that nobody is added by halves.
pub fn recipients(list: &str, at_most: usize) -> Result<Vec<Entry>, Refusal> {
    let mut seen = HashSet::new();
    let mut entries = Vec::new();
    for piece in pieces(list) {
        for entry in read_piece(piece) {
            if entry
                .as_ref()
                .is_ok_and(|recipient| !seen.insert(recipient.email.key().to_owned()))
            {
                continue;
            }
            if entries.len() == at_most {
                let message =
                    format!("The list has more than {at_most} entries. Split it, or import a CSV file.");
                return Err(Refusal::new(Code::TooManyItems, message));
            }
            entries.push(entry);
        }
    }
    Ok(entries)
}

/// Cuts the list at its separators, quoted names kept whole. The `>` of an address ends its entry as well.
///
/// Where semicolons separate, a comma before the address belongs to the name: mail programs write `Last, First <a@b.c>;` so.
fn pieces(list: &str) -> Vec<&str> {
    let commas_separate = !separated_by_semicolons(list);
    let mut pieces = Vec::new();
    let (mut start, mut address_seen) = (0, false);
    for (at, character) in unquoted(list) {
        let is_end = match character {
            ';' | '；' | '\n' | '\r' | '>' => true,
            ',' | '，' => commas_separate || address_seen,
            _ => false,
        };
        if is_end {
            // The bracket is part of the entry, a separator is not.
            let end = if character == '>' { at + 1 } else { at };
            pieces.push(&list[start..end]);
            start = at + character.len_utf8();
        }
        address_seen = !is_end && (address_seen || character == '@');
    }
    pieces.push(&list[start..]);
    pieces
}

fn separated_by_semicolons(list: &str) -> bool {
    unquoted(list).any(|(_, character)| matches!(character, ';' | '；'))
}

/// The characters outside quotation marks. A mark that is not closed on its line is an ordinary character, so that a stray
/// one cannot swallow the rest of the list.
fn unquoted(list: &str) -> impl Iterator<Item = (usize, char)> {
    let mut inside = false;
    list.char_indices().filter(move |&(at, character)| {
        if character != '"' {
            return !inside;
        }
        inside = !inside && closes_on_its_line(&list[at + 1..]);
        false
    })
}

fn closes_on_its_line(rest: &str) -> bool {
    // Found or not, what was searched here is not searched again: a closed pair is passed over, and a mark that finds no
    // partner is the last one of its line.
    rest.find(['"', '\n', '\r'])
        .is_some_and(|end| rest[end..].starts_with('"'))
}

fn read_piece(piece: &str) -> Vec<Entry> {
    // A comma that did not end the entry before may stand in front of this one.
    let piece = trim(piece.trim_start_matches(is_between));
    match piece.strip_suffix('>').and_then(|inner| inner.rsplit_once('<')) {
        Some((name, address)) => vec![named(name, address).map_err(|refusal| unreadable(piece, refusal))],
        None => bare(piece),
    }
}

/// What may stand between bare addresses.
fn is_between(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | '，')
}

/// Bare addresses side by side. Words that are no address belong together: `Jane Doe` is one slip, not two.
fn bare(piece: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut slip: Option<(usize, usize)> = None;
    let mut end = 0;
    for part in piece.split_inclusive(is_between) {
        let (start, word) = (end, part.trim_end_matches(is_between));
        end += part.len();
        if trim(word).is_empty() {
            continue;
        }
        if word.contains('@') {
            entries.extend(slip.take().map(|(from, to)| no_address(&piece[from..to])));
            entries.push(address_only(word));
        } else {
            slip = Some((slip.map_or(start, |(from, _)| from), start + word.len()));
        }
    }
    entries.extend(slip.map(|(from, to)| no_address(&piece[from..to])));
    entries
}

fn address_only(word: &str) -> Entry {
    match EmailAddress::parse(word) {
        Ok(email) => Ok(Recipient {
            email,
            given_name: None,
            family_name: None,
        }),
        Err(refusal) => Err(unreadable(word, refusal)),
    }
}

fn no_address(typed: &str) -> Entry {
    Err(unreadable(
        typed,
        Refusal::new(Code::EmailInvalid, "There is no e-mail address in this entry."),
    ))
}

fn unreadable(typed: &str, refusal: Refusal) -> Unreadable {
    Unreadable {
        typed: typed.to_owned(),
        refusal,
    }
}

fn named(name: &str, address: &str) -> Result<Recipient, Refusal> {
    let email = EmailAddress::parse(address)?;
    let name = trim(name);
    let name = trim(name.trim_matches(['"', '\'']));
    if name.contains('@') {
        return repeated_address(name, email);
    }
    let (given, family) = match name.split_once(',') {
        Some((family, given)) => (given, family),
        None => name
            .rsplit_once([' ', '\t', '\u{a0}', '\u{3000}'])
            .unwrap_or((name, "")),
    };
    Ok(Recipient {
        email,
        given_name: person::name(given, "givenName")?,
        family_name: person::name(family, "familyName")?,
    })
}

/// Mail programs put the address in the place of a name they do not know. Another address there may be a forgotten
/// separator, and which of the two is meant only the person who typed it can say.
fn repeated_address(name: &str, email: EmailAddress) -> Result<Recipient, Refusal> {
    if EmailAddress::parse(name).is_ok_and(|other| other == email) {
        return Ok(Recipient {
            email,
            given_name: None,
            family_name: None,
        });
    }
    Err(Refusal::new(
        Code::EmailInvalid,
        "There are two e-mail addresses in this entry. Separate them by a semicolon.",
    ))
}

#[cfg(test)]
mod tests;
