//! Columns that somebody names by hand, judged before there is a file: each has one meaning, and each meaning one column. Pure.

use std::collections::HashSet;

use entity::import::{Mapped, MappedColumn};

use super::parse::{Field, Kind};
use crate::error::{Code, Refusal};
use crate::limits;

/// Refuses what no file could be read by.
pub fn check(named: Vec<(MappedColumn, Field)>, kind: Kind) -> Result<Vec<Mapped>, Refusal> {
    let (mut columns, mut fields) = (HashSet::new(), HashSet::new());
    let mut mapping = Vec::with_capacity(named.len());
    for (place, (column, field)) in named.into_iter().enumerate() {
        let at = |code, text: &str| Refusal::new(code, text).at(&format!("input.columnMapping.{place}"));
        if !kind.reads(field) {
            let text = "Files of this kind have no such column: what it holds is not read.";
            return Err(at(Code::Invalid, text));
        }
        if let Some(text) = no_column(&column) {
            return Err(at(Code::Invalid, text));
        }
        if !columns.insert(column.clone()) {
            return Err(at(Code::DuplicateInput, "This column is named already."));
        }
        if !fields.insert(field.name()) {
            return Err(at(
                Code::DuplicateInput,
                "Another column is named for this already.",
            ));
        }
        mapping.push(Mapped {
            column,
            field: field.name().to_owned(),
        });
    }
    Ok(mapping)
}

/// Why no file has such a column.
fn no_column(column: &MappedColumn) -> Option<&'static str> {
    match column {
        MappedColumn::Number(number) => {
            let is_one =
                usize::try_from(*number).is_ok_and(|number| (1..=limits::FILE_COLUMNS).contains(&number));
            (!is_one).then_some("Columns are numbered from 1 to 64.")
        }
        MappedColumn::Header(header) => {
            let is_one = !header.trim().is_empty() && header.len() <= limits::FILE_CELL;
            (!is_one).then_some("A heading has 1 to 4096 bytes. Name a column without one by its number.")
        }
    }
}
