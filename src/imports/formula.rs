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
    fn other_cells_stay_as_they_are() {
        for cell in ["", "Ada", "'", "'tHooft", "a=b", " =1", "''=1"] {
            assert_eq!(guarded(cell), cell);
            assert_eq!(unguarded(cell), cell);
        }
    }
}
