//! Quotation marks where the format has none: which of them are characters of a text, and which show that the file was written by other rules.

use crate::imports::formula::{unforced, unguarded};
use crate::person::trim;

/// How a quotation mark is written within quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Escape {
    /// `""`, as RFC 4180 has it.
    Doubled,
    /// `\"`, as some programs write; read only to find where such a cell ends.
    Backslash,
}

/// Whether the quotation marks of a bare cell make no sense. They do around words (`Bob "Bo" Stone`), behind a number (`27"`), and around a text that a
/// spreadsheet is not to take for a number (`="00123"`). Anything else was meant to hold something together, and was cut apart or would be kept as garbage.
pub(super) fn stray(cell: &str) -> bool {
    if !cell.contains('"') {
        return false;
    }
    let cell = unguarded(trim(cell));
    if unforced(cell) != cell {
        return false;
    }
    let mut is_open = false;
    let mut before = None;
    let mut rest = cell.chars().peekable();
    while let Some(c) = rest.next() {
        if c == '"' {
            let after = rest.peek().copied();
            match is_open {
                true if before != Some('"') && after.is_none_or(ends) => is_open = false,
                false if before.is_none_or(begins) && after.is_some_and(|c| c != '"') => is_open = true,
                false if before.is_some_and(char::is_numeric) && after.is_none_or(ends) => {}
                _ => return true,
            }
        }
        before = Some(c);
    }
    is_open
}

/// What may stand before a quoted word.
fn begins(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | '[' | '{' | '/' | '-' | '–' | '—')
}

/// What may stand behind one.
fn ends(c: char) -> bool {
    c.is_whitespace()
        || (c.is_ascii_punctuation() && !matches!(c, '"' | '\\'))
        || matches!(c, '–' | '—' | '…')
}

#[cfg(test)]
mod tests {
    use super::stray;

    #[test]
    fn words_in_quotes_inches_and_forced_texts_make_sense_and_nothing_else_does() {
        for cell in [
            "",
            "plain",
            "Bob \"Bo\" Stone",
            "(\"Bo\")",
            "27\"",
            "a 5\" and a 6\" pipe",
            "=\"007\"",
            " '=\"007\" ",
        ] {
            assert!(!stray(cell), "{cell}");
        }
        for cell in [
            "Bo\"b",
            "Bob \"Bo",
            "Bo\" Bob",
            "\\\"Bo\\\"",
            "a\"b\"c",
            "Bob \"\"Bo\"\"",
            "=\"a",
            "a \"\" b",
        ] {
            assert!(stray(cell), "{cell}");
        }
    }
}
