//! Which column holds what: headers are matched as people and their programs write them, and a file in which one is missing or comes twice is
//! refused before anything is done.

use super::columns::{Field, Meaning, shown};
use super::records::Record;
use super::{Kind, MAX_COLUMNS, Mapped, MappedColumn, cell_text};
use crate::error::{Code, Refusal};
use crate::imports::nearest::nearest;
use crate::person::{EmailAddress, trim};

/// Header of the last column of a report of failed rows; what stands in it is ignored.
pub const PROBLEM_HEADER: &str = "Problem";

/// Headers that a refusal shows, so that a file of another product is told by its own words.
const SHOWN_HEADERS: usize = 12;

/// One column of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// As in the file, trimmed.
    pub header: String,
    /// `None`: the column is ignored.
    pub mapped_to: Option<Field>,
}

impl Column {
    /// The header, short enough to be repeated.
    pub(super) fn shown(&self) -> String {
        shown(&self.header)
    }
}

/// The columns of a file, before it is known which of several that mean the same holds anything.
pub(super) struct Header {
    line: u32,
    columns: Vec<(String, Option<Meaning>)>,
}

impl Header {
    /// Reads the header record: every required column has to be there. `below` is the line that looks more like a header, if there is one.
    pub fn read(
        record: &Record<'_>,
        kind: Kind,
        mapping: &[Mapped],
        below: impl FnOnce() -> Option<u32>,
    ) -> Result<Self, Refusal> {
        let mut header = Self {
            line: record.line,
            columns: meanings(record, kind),
        };
        if record.is_garbled {
            let text = "The quotation marks of the header make no sense. Put each header in quotation marks, or none.";
            return Err(header.refusal(Code::MalformedQuote, text, None));
        }
        let own = header
            .columns
            .iter()
            .filter(|(header, _)| header != PROBLEM_HEADER)
            .count();
        if own > MAX_COLUMNS {
            let message = format!("The file has {own} columns; {MAX_COLUMNS} are the most a file may have.");
            return Err(header.refusal(Code::TooManyItems, message, None));
        }
        header.name_by_hand(mapping)?;
        let needed = kind.columns().iter().copied();
        let missing: Vec<Field> = needed.filter(|field| !header.has(*field)).collect();
        match missing.first() {
            None => Ok(header),
            Some(first) => Err(header.lacks(&missing, *first, below())),
        }
    }

    /// What somebody says of a column holds whatever it is headed, and no other column holds the same.
    fn name_by_hand(&mut self, mapping: &[Mapped]) -> Result<(), Refusal> {
        let mut named = Vec::with_capacity(mapping.len());
        for Mapped { column, field } in mapping {
            let Some(field) = Field::ALL.into_iter().find(|known| known.name() == field) else {
                continue;
            };
            let place = self.place(column)?;
            if named.iter().any(|(other, _)| *other == place) {
                let (header, number) = (shown(&self.columns[place].0), place + 1);
                let text = format!(
                    "Line {}: the column \"{header}\" (number {number}) is named twice by hand.",
                    self.line
                );
                return Err(self.refusal(Code::DuplicateColumn, text, Some(&header)));
            }
            named.push((place, field));
        }
        for (place, (_, meaning)) in self.columns.iter_mut().enumerate() {
            let by_hand = named.iter().find(|(named, _)| *named == place);
            let is_taken = |meant: &Meaning| named.iter().any(|(_, field)| *field == meant.field);
            *meaning = match by_hand {
                Some((_, field)) => Some(Meaning {
                    field: *field,
                    is_own: true,
                }),
                None => meaning.filter(|meant| !is_taken(meant)),
            };
        }
        Ok(())
    }

    /// Where a column is that somebody names.
    fn place(&self, column: &MappedColumn) -> Result<usize, Refusal> {
        let line = self.line;
        let (found, what) = match column {
            MappedColumn::Number(number) => {
                let place = usize::try_from(*number)
                    .ok()
                    .and_then(|number| number.checked_sub(1));
                let place = place.filter(|place| *place < self.columns.len());
                (Vec::from_iter(place), format!("no column number {number}"))
            }
            MappedColumn::Header(header) => {
                let wanted = comparable(header);
                let columns = self.columns.iter().enumerate();
                let same = columns.filter(|(_, (header, _))| comparable(header) == wanted);
                let found: Vec<usize> = same.map(|(place, _)| place).collect();
                (found, format!("no column \"{}\"", shown(header)))
            }
        };
        match found.as_slice() {
            [place] => Ok(*place),
            [] => {
                let text = format!(
                    "Line {line}, taken for the header, has {what}. Found there: {}.",
                    self.found()
                );
                Err(self.refusal(Code::MissingColumn, text, None))
            }
            [first, ..] => {
                let header = shown(&self.columns[*first].0);
                let text = format!(
                    "Line {line}: several columns are headed \"{header}\". Name the one that is meant by its number."
                );
                Err(self.refusal(Code::DuplicateColumn, text, Some(&header)))
            }
        }
    }

    /// The headers, as a refusal shows them.
    fn found(&self) -> String {
        let headers = self.columns.iter().map(|(header, _)| shown(header));
        let found: Vec<String> = headers.filter(|header| !header.is_empty()).collect();
        let more = if found.len() > SHOWN_HEADERS { ", …" } else { "" };
        let shown = found
            .iter()
            .take(SHOWN_HEADERS)
            .map(|header| format!("\"{header}\""));
        format!("{}{more}", shown.collect::<Vec<_>>().join(", "))
    }

    /// Decides which column is read for what. A word of our own template goes before one of another language or program, and where several mean the same,
    /// those that hold nothing in any row do not count.
    pub fn columns(self, rows: &[Record<'_>]) -> Result<Vec<Column>, Refusal> {
        let mut chosen = vec![None; self.columns.len()];
        for field in Field::ALL {
            let places = self.places(field);
            let is_filled = |place: &usize| {
                rows.iter().any(|row| {
                    row.cells
                        .get(*place)
                        .is_some_and(|cell| !cell_text(cell).is_empty())
                })
            };
            let filled = match places.len() {
                0 | 1 => places.clone(),
                _ => places.iter().copied().filter(is_filled).collect(),
            };
            if let [first, second, ..] = filled.as_slice() {
                let (first, second) = (&self.columns[*first].0, &self.columns[*second].0);
                let message = format!(
                    "Line {}: the columns \"{}\" and \"{}\" mean the same. Remove or rename one of them.",
                    self.line,
                    shown(first),
                    shown(second)
                );
                return Err(self.refusal(Code::DuplicateColumn, message, Some(&shown(second))));
            }
            if let Some(place) = filled.first().or(places.first()) {
                chosen[*place] = Some(field);
            }
        }
        let columns = self.columns.into_iter().zip(chosen);
        Ok(columns
            .map(|((header, _), mapped_to)| Column { header, mapped_to })
            .collect())
    }

    fn has(&self, field: Field) -> bool {
        !self.places(field).is_empty()
    }

    /// The columns that may be meant for a field, all by words of equal standing.
    fn places(&self, field: Field) -> Vec<usize> {
        let those = |is_own: bool| {
            let meant = Meaning { field, is_own };
            let columns = self.columns.iter().enumerate();
            columns
                .filter(|(_, (_, meaning))| *meaning == Some(meant))
                .map(|(place, _)| place)
                .collect::<Vec<_>>()
        };
        let own = those(true);
        if own.is_empty() { those(false) } else { own }
    }

    fn lacks(&self, missing: &[Field], first: Field, below: Option<u32>) -> Refusal {
        let line = self.line;
        let lacking: Vec<String> = missing.iter().map(|field| self.missing(*field)).collect();
        let advice = match below {
            Some(below) => format!("Line {below} looks like the header: remove what stands above it."),
            None if self.is_a_person() => format!(
                "It looks like a person: put a line \"{}\" above it.",
                Field::REQUIRED.map(Field::header).join(",")
            ),
            None => "Name the columns so, in the first line of the list.".to_owned(),
        };
        let message = format!(
            "Line {line}, taken for the header, lacks {}. Found there: {}. {advice}",
            lacking.join(" and "),
            self.found()
        );
        self.refusal(Code::MissingColumn, message, Some(first.header()))
    }

    fn missing(&self, field: Field) -> String {
        let ignored = || {
            self.columns
                .iter()
                .filter(|(_, meaning)| meaning.is_none())
                .map(|(header, _)| header.as_str())
        };
        let likeliest = field.own_words().find_map(|known| nearest(known, ignored()));
        let header = field.header();
        match likeliest {
            Some(found) => format!("the column \"{header}\" (is \"{}\" meant?)", shown(found)),
            None => format!("the column \"{header}\""),
        }
    }

    fn is_a_person(&self) -> bool {
        self.columns
            .iter()
            .any(|(cell, _)| EmailAddress::parse(cell).is_ok())
    }

    fn refusal(&self, code: Code, message: impl Into<String>, column: Option<&str>) -> Refusal {
        let place = std::iter::once(format!("line {}", self.line)).chain(column.map(str::to_owned));
        Refusal {
            field: Some(place.collect()),
            ..Refusal::new(code, message)
        }
    }
}

/// A header as people compare it: blanks at its edges and case do not count.
fn comparable(header: &str) -> String {
    trim(header).to_lowercase()
}

fn meanings(record: &Record<'_>, kind: Kind) -> Vec<(String, Option<Meaning>)> {
    let texts: Vec<String> = record
        .cells
        .iter()
        .map(|cell| cell_text(cell).into_owned())
        .collect();
    let meanings = Meaning::of_all(texts.iter().map(String::as_str), kind);
    texts.into_iter().zip(meanings).collect()
}

/// How many columns would be understood if this record were the header.
pub(super) fn understood(record: &Record<'_>, kind: Kind) -> usize {
    meanings(record, kind)
        .iter()
        .filter(|(_, meaning)| meaning.is_some())
        .count()
}

/// Whether the record would do as a header.
pub(super) fn is_complete(record: &Record<'_>, kind: Kind) -> bool {
    let meanings = meanings(record, kind);
    let has = |field| {
        meanings
            .iter()
            .any(|(_, meaning)| meaning.is_some_and(|meaning| meaning.field == field))
    };
    kind.columns().iter().copied().all(has)
}

#[cfg(test)]
mod tests;
