//! From a piece of a list to people, or to what is wrong with it.

use super::pieces::{Piece, closing_bracket, is_quote};
use super::{Entry, Recipient, Unreadable};
use crate::error::{Code, Refusal};
use crate::person::{self, EmailAddress, trim};

/// Signs that are put before the entries of a list, and begin neither name nor address.
const BULLETS: &[char] = &[
    '•', '◦', '▪', '▫', '●', '○', '■', '□', '◆', '◇', '▶', '►', '▸', '‣', '⁃', '∙', '·', '✓', '✔', '✗', '☐',
    '☑', '☒', '→', '⇒', '➢', '➤', '–', '—', '―', '※', '>', '|', '＊',
];

pub(super) fn read(piece: Piece<'_>) -> Vec<Entry> {
    // A comma that did not end the entry before may stand in front of this one.
    let typed = trim(piece.text.trim_start_matches(is_between));
    let entry = unnumbered(typed);
    if entry.is_empty() {
        return Vec::new();
    }
    match in_brackets(entry) {
        Some((name, address)) => vec![named(name, address).map_err(|refusal| unreadable(typed, refusal))],
        None => bare(&uncommented(entry), typed, piece.is_alone),
    }
}

/// An entry less bullet and number.
fn unnumbered(entry: &str) -> &str {
    let mut rest = entry;
    loop {
        let before = rest;
        rest = trim(rest.trim_start_matches(BULLETS));
        // These may begin an address, or a word.
        if let Some(behind) = rest.strip_prefix(['*', '-', '+', '#', '_', '~']) {
            rest = if behind.starts_with(char::is_whitespace) {
                trim(behind)
            } else {
                rest
            };
        }
        for checkbox in ["[ ]", "[x]", "[X]"] {
            rest = rest.strip_prefix(checkbox).map_or(rest, trim);
        }
        rest = behind_number(rest).map_or(rest, trim);
        if rest == before {
            return rest;
        }
    }
}

/// What follows `1.`, `1)`, `1:`, `#1`, `[1]`, `a)` or a number in a column of its own.
fn behind_number(text: &str) -> Option<&str> {
    let opened = text.strip_prefix(['#', '[', '№']).unwrap_or(text);
    let behind = opened.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = opened.len() - behind.len();
    let mut rest = behind.chars();
    match (digits, rest.next()?) {
        (1..=4, ')' | ']' | '\t') => Some(rest.as_str()),
        (1..=4, '.' | ':' | '-') if rest.as_str().starts_with(char::is_whitespace) => Some(rest.as_str()),
        (1..=4, ' ') if opened.len() < text.len() => Some(rest.as_str()),
        (0, letter) if letter.is_ascii_alphabetic() => rest.as_str().strip_prefix(')'),
        _ => None,
    }
}

/// What may stand between bare addresses.
fn is_between(character: char) -> bool {
    character.is_whitespace() || matches!(character, ',' | '，' | '、')
}

/// `name <address>`, where the address may hold brackets of its own: `<a@b.c<mailto:a@b.c>>`.
fn in_brackets(entry: &str) -> Option<(&str, &str)> {
    let inner = entry.strip_suffix('>')?;
    let mut depth = 1_u32;
    let open = inner.char_indices().rev().find(|(_, c)| {
        match c {
            '>' => depth += 1,
            '<' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    open.map(|(at, _)| (&inner[..at], &inner[at + 1..]))
}

/// A text less what stands in round brackets: departments, companies, remarks.
fn uncommented(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['(', '（']) {
        let Some(length) = closing_bracket(&rest[at..]) else {
            break;
        };
        kept.push_str(&rest[..at]);
        kept.push(' ');
        rest = &rest[at + length..];
    }
    kept + rest
}

/// A name before an address on a line of its own, or bare addresses side by side. Words that are no address belong together: `Jane Doe` is one slip, not two.
fn bare(text: &str, typed: &str, is_alone: bool) -> Vec<Entry> {
    if is_alone && let Some((name, address)) = beside(text) {
        return vec![named(name, address).map_err(|refusal| unreadable(typed, refusal))];
    }
    let mut entries = Vec::new();
    let mut slip: Option<(usize, usize)> = None;
    let mut end = 0;
    for part in text.split_inclusive(is_between) {
        let (start, word) = (end, part.trim_end_matches(is_between));
        end += part.len();
        if trim(word).is_empty() {
            continue;
        }
        if word.contains('@') {
            entries.extend(slip.take().map(|(from, to)| no_address(&text[from..to])));
            entries.push(address_only(word));
        } else {
            slip = Some((slip.map_or(start, |(from, _)| from), start + word.len()));
        }
    }
    entries.extend(slip.map(|(from, to)| no_address(&text[from..to])));
    entries
}

/// The name and the one address of a line: the address is the last word, or a cell beside that of the name.
fn beside(text: &str) -> Option<(&str, &str)> {
    if text.matches('@').count() != 1 {
        return None;
    }
    let last = text
        .rsplit_once(is_between)
        .filter(|(_, last)| last.contains('@'));
    let (name, address, is_table) = match last {
        // Whether `Mina,Harker,mina@b.c` has the given name first nobody can tell.
        Some((name, last)) => (
            name,
            last,
            name.contains(',') && text[name.len()..].starts_with(','),
        ),
        None => {
            let (first, name) = text.split_once('\t')?;
            (name, first, first.contains(is_between))
        }
    };
    let has_letters = name.chars().any(char::is_alphabetic) && !name.contains(['<', '>']);
    (has_letters && !is_table && address.contains('@')).then_some((name, address))
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
    let email = one_address(address)?;
    let name = uncommented(name);
    let name = without(&name, &email)?;
    let name = unwrapped(&name);
    let (given, family) = person::split_name(name);
    Ok(Recipient {
        email,
        given_name: person::name(unwrapped(given), "givenName")?,
        family_name: person::name(unwrapped(family), "familyName")?,
    })
}

/// The address in angle brackets. Mail programs put the link they made of it in there as well, `a@b.c<mailto:a@b.c>`, or in its place.
fn one_address(address: &str) -> Result<EmailAddress, Refusal> {
    let Some((shown, link)) = address.split_once('<').filter(|(shown, _)| shown.contains('@')) else {
        // A link that says nothing of its own stands behind the address.
        let is_link = trim(address)
            .get(..7)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("mailto:"));
        let address = if is_link {
            address.split('?').next().unwrap_or(address)
        } else {
            address
        };
        return EmailAddress::parse(address);
    };
    let email = EmailAddress::parse(shown)?;
    let link = link.trim_end_matches('>').split('?').next().unwrap_or_default();
    if EmailAddress::parse(link).is_ok_and(|other| other == email) {
        Ok(email)
    } else {
        Err(two_addresses())
    }
}

/// A name less the address itself, which mail programs put there where they know no name, or beside it. Another address there may be a forgotten
/// separator, and which of the two is meant only the person who typed it can say.
fn without(name: &str, email: &EmailAddress) -> Result<String, Refusal> {
    if !name.contains('@') {
        return Ok(name.to_owned());
    }
    let mut kept = String::with_capacity(name.len());
    for part in name.split_inclusive([' ', '\t', '\u{a0}', '<', '>', '[', ']']) {
        let word = part.trim_end_matches([' ', '\t', '\u{a0}', '<', '>', '[', ']']);
        if !word.contains('@') {
            kept.push_str(part.trim_end_matches(['<', '>', '[', ']']));
        } else if EmailAddress::parse(word).is_ok_and(|other| other == *email) {
            kept.push(' ');
        } else {
            return Err(two_addresses());
        }
    }
    Ok(kept)
}

fn two_addresses() -> Refusal {
    Refusal::new(
        Code::EmailInvalid,
        "There are two e-mail addresses in this entry. Separate them by a semicolon.",
    )
}

/// A name less the quotation marks around it and what led over to the address.
fn unwrapped(name: &str) -> &str {
    let is_edge = |c: char| {
        is_quote(c) || c.is_whitespace() || matches!(c, '\'' | '‘' | '’' | '‚' | '‛' | '‹' | '›' | '`' | '´')
    };
    let leads_over =
        |c: char| c.is_whitespace() || matches!(c, ',' | '，' | '、' | ':' | '-' | '–' | '—' | '|' | '=');
    trim(
        name.trim_matches(is_edge)
            .trim_end_matches(leads_over)
            .trim_matches(is_edge),
    )
}
