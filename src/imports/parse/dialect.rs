//! Which character separates the cells: spreadsheets write the list separator of their country, and sometimes say which one it is.

use super::encoding::line_ends;
use super::header::{is_complete, understood};
use super::records::Records;
use super::{Kind, MAX_RECORD_BYTES};
use crate::person::{is_mark, trim};

const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// How the text below the hint is cut.
pub(super) struct Dialect<'a> {
    pub delimiter: char,
    /// The line that says so, `sep=;`, as Excel writes and reads it; blank if there is none.
    pub hint: &'a str,
    /// What follows the hint.
    pub text: &'a str,
    /// The line on which it begins.
    pub line: u32,
}

/// Looks for a hint, and at the header.
pub(super) fn dialect(text: &str, kind: Kind) -> Dialect<'_> {
    let Some((hint, said, text)) = hint(text) else {
        return Dialect {
            delimiter: delimiter(text, kind),
            hint: "",
            text,
            line: 1,
        };
    };
    // A hint that makes nothing of the header was left behind by a program that wrote the file in its own way.
    let said = said.filter(|said| sense(text, *said, kind).0 > 0);
    Dialect {
        delimiter: said.unwrap_or_else(|| delimiter(text, kind)),
        hint: trim(hint),
        text,
        line: 1 + line_ends(hint),
    }
}

/// The first line that is not blank, with all before it and its end, if it names the delimiter; which one; and what follows. Programs that pass the file on may
/// have put the line into quotes, or filled it up with delimiters; of a tab they may have left nothing.
fn hint(text: &str) -> Option<(&str, Option<char>, &str)> {
    let start = text.find(|c: char| !(c.is_whitespace() || is_mark(c)))?;
    let length = text[start..].find(['\n', '\r']).unwrap_or(text.len() - start);
    let (line, below) = text[start..].split_at(length);
    let line_end = ["\r\n", "\n", "\r"].iter().find(|end| below.starts_with(**end));
    let end = start + length + line_end.map_or(0, |end| end.len());
    let (word, said) = line.trim_start_matches(['"', ' ']).split_at_checked(4)?;
    let mut rest = said.chars();
    let delimiter = rest.next().filter(|c| *c != '"');
    let is_one = delimiter.is_none_or(|c| c == '\t' || !(c.is_alphanumeric() || c.is_whitespace()));
    let is_filling = |c: char| matches!(c, ' ' | '"') || DELIMITERS.contains(&c) || Some(c) == delimiter;
    let is_hint = word.eq_ignore_ascii_case("sep=") && is_one && rest.all(is_filling);
    is_hint.then_some((&text[..end], delimiter, &text[end..]))
}

/// The delimiter that makes most sense of the header: most columns understood, then most cells, then the comma.
/// Delimiters inside quotes count for nothing, since each is tried by really cutting the header with it.
fn delimiter(text: &str, kind: Kind) -> char {
    // Of equals the last one wins, so the comma comes last.
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|&delimiter| sense(text, delimiter, kind))
        .unwrap_or(',')
}

/// Columns understood and cells of the header, if this were the delimiter.
fn sense(text: &str, delimiter: char, kind: Kind) -> (usize, usize) {
    match Records::new(beginning(text.trim_start()), 1, delimiter).next() {
        Some(Ok(header)) => (understood(&header, kind), header.cells.len()),
        Some(Err(_)) => (0, 0),
        // Nothing but blanks and this delimiter: no other one makes more of the file.
        None => (usize::MAX, 0),
    }
}

/// The line further down that looks like the header, whatever separates its cells: a title may stand above it.
pub(super) fn header_below(text: &str, first_line: u32, kind: Kind) -> Option<u32> {
    let find = |delimiter| {
        let records = Records::new(beginning(text), first_line, delimiter).map_while(Result::ok);
        let mut below = records.skip(1).take(LOOKED_AT);
        below
            .find(|record| is_complete(record, kind))
            .map(|record| record.line)
    };
    DELIMITERS.into_iter().filter_map(find).min()
}

/// Titles, dates and notes above a header are a few lines.
const LOOKED_AT: usize = 50;

/// A header that is longer than a record may be is refused anyway; no need to search the whole file for its end.
fn beginning(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_RECORD_BYTES + 1)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_tells_the_delimiter() {
        for (text, expected) in [
            ("First Name,Last Name,Email\n", ','),
            ("First Name;Last Name;Email\na,b;c,d;e@f.g", ';'),
            ("First Name\tLast Name\tEmail", '\t'),
            ("\r\n  \r\nFirst Name;Last Name;Email", ';'),
            ("\"First Name\";\"Note, a, b, c, d\";\"Email\"", ';'),
            ("Email;Note, a, b, c, d;Surname", ';'),
            ("a;b;c,d", ';'),
            ("Email", ','),
            ("a,b;c", ','),
            ("", ','),
            ("\"", ','),
        ] {
            assert_eq!(delimiter(text, Kind::Users), expected, "{text:?}");
        }
    }

    #[test]
    fn a_hint_names_the_delimiter_and_is_no_line_of_the_list() {
        for (text, delimiter, line) in [
            ("sep=;\r\nFirst Name;Last Name;Email", ';', 2),
            ("SEP=,\nFirst Name,Last Name,Email", ',', 2),
            ("sep=|\rFirst Name|Last Name|Email", '|', 2),
            ("sep=\t\nFirst Name\tLast Name\tEmail", '\t', 2),
            ("sep=\nFirst Name\tLast Name\tEmail", '\t', 2),
            ("\n\"sep=;\"\nFirst Name;Last Name;Email", ';', 3),
            ("sep=;;;\nFirst Name;Last Name;Email", ';', 2),
            // It lies: the file was saved anew by another program.
            ("sep=;\nFirst Name,Last Name,Email", ',', 2),
        ] {
            let found = dialect(text, Kind::Users);
            assert_eq!((found.delimiter, found.line), (delimiter, line), "{text:?}");
            assert!(found.text.starts_with("First"), "{text:?}");
            assert!(!found.hint.is_empty());
        }
        for text in ["sep=;x\nEmail", "Sep,Email", "sep=a\nEmail", "Email\nsep=;", ""] {
            let found = dialect(text, Kind::Users);
            assert_eq!((found.hint, found.text, found.line), ("", text, 1), "{text:?}");
        }
    }
}
