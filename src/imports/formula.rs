//! Cells that a spreadsheet would run as a formula.
//!
//! A cell we write may hold what a stranger typed. Opened in a spreadsheet, `=HYPERLINK(…)` runs on the machine of the next
//! administrator. So such cells are written with a leading apostrophe, which import takes off again: a file goes round
//! unchanged.

use std::borrow::Cow;

/// Makes a cell harmless for a spreadsheet.
pub fn guarded(cell: &str) -> Cow<'_, str> {
    if starts_a_formula(cell) {
        Cow::Owned(format!("'{cell}"))
    } else {
        Cow::Borrowed(cell)
    }
}

/// Takes the guard off again. An apostrophe before anything else is part of the text.
pub fn unguarded(cell: &str) -> &str {
    cell.strip_prefix('\'')
        .filter(|rest| starts_a_formula(rest))
        .unwrap_or(cell)
}

/// The text of a cell that a spreadsheet was told not to take for a number: `="00123"` is `00123`. Any other cell is its own text.
pub fn unforced(cell: &str) -> Cow<'_, str> {
    match forced(cell) {
        Some(inner) if inner.contains("\"\"") => Cow::Owned(inner.replace("\"\"", "\"")),
        Some(inner) => Cow::Borrowed(inner),
        None => Cow::Borrowed(cell),
    }
}

/// What stands between the quotation marks of `="…"`, marks within it doubled.
fn forced(cell: &str) -> Option<&str> {
    let quoted = cell.strip_prefix(['=', '＝'])?.trim();
    let inner = quoted.strip_prefix('"')?.strip_suffix('"')?;
    (!inner.replace("\"\"", "").contains('"')).then_some(inner)
}

/// The full-width forms count too: spreadsheets in East Asian languages read them as the ordinary ones.
fn starts_a_formula(cell: &str) -> bool {
    cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_guarded_and_come_back_unchanged() {
        for cell in [
            "=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x",
        ] {
            let written = guarded(cell);
            assert_eq!(written, format!("'{cell}"));
            assert_eq!(unguarded(&written), cell);
        }
    }

    #[test]
    fn what_was_to_be_text_is_the_text_inside() {
        for (cell, text) in [
            ("=\"00123\"", "00123"),
            ("=\"\"", ""),
            ("= \"+49 30\" ", "+49 30"),
            ("=\"say \"\"hi\"\"\"", "say \"hi\""),
            ("＝\"7\"", "7"),
        ] {
            assert_eq!(unforced(cell), text, "{cell}");
        }
        for cell in [
            "=A1&\"x\"",
            "=\"a\"&\"b\"",
            "\"00123\"",
            "=1",
            "=\"",
            "=\"a",
            "00123",
        ] {
            assert_eq!(unforced(cell), cell, "a formula, or no text at all");
        }
    }

    #[test]
    fn other_cells_stay_as_they_are() {
        for cell in ["", "Ada", "'", "'tHooft", "a=b", " =1", "''=1"] {
            assert_eq!(guarded(cell), cell);
            assert_eq!(unguarded(cell), cell);
        }
    }
}
