//! Which character separates the cells: spreadsheets write the list separator of their country.

use super::header::understood;
use super::records::Records;
use super::{Kind, MAX_RECORD_BYTES};

const DELIMITERS: [char; 3] = [',', ';', '\t'];

/// The delimiter that makes most sense of the header: most columns understood, then most cells, then the comma.
/// Delimiters inside quotes count for nothing, since each is tried by really cutting the header with it.
pub(super) fn delimiter(text: &str, kind: Kind) -> char {
    // A header that is longer than a record may be is refused anyway; no need to search the whole file for its end.
    let text = text.trim_start();
    let text = &text[..text.floor_char_boundary(MAX_RECORD_BYTES + 1)];
    let sense = |delimiter: char| match Records::new(text, delimiter).next() {
        Some(Ok(header)) => (understood(&header, kind), header.cells.len()),
        Some(Err(_)) => (0, 0),
        // Nothing but blanks and this delimiter: no other one makes more of the file.
        None => (usize::MAX, 0),
    };
    // Of equals the last one wins, so the comma comes last.
    DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|&delimiter| sense(delimiter))
        .unwrap_or(',')
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
}
