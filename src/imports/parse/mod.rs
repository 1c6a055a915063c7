//! From the bytes of an uploaded file to people, or to the one reason why the file cannot be used at all.
//!
//! A file is refused whole when reading on would be guessing: wrong format, encoding or columns, a quote that never closes,
//! a limit passed. Everything else is the matter of its row: the row is kept as it stands in the file, with all that is
//! wrong with it, and spoils no other. Pure and bounded: whatever the bytes, no panic, one pass, a few times the file's
//! size in memory. Roles and products are only read here; planning judges them.
//!
//! The way of a file through the modules: `content` → `encoding` → `dialect` → `records` → `header` → `rows`.

#[cfg(test)]
mod bounds;
mod content;
mod dialect;
mod encoding;
mod header;
mod records;
mod rows;
#[cfg(test)]
mod tests;

pub use encoding::Encoding;
pub use header::{Column, Field};
pub use rows::{Entry, Row};

use crate::error::{Code, Refusal};

/// Largest file (domain page, section 5).
pub const MAX_FILE_BYTES: usize = crate::limits::FILE;
/// Most data rows; header and blank lines do not count (domain page, section 5).
pub const MAX_ROWS: usize = crate::limits::FILE_ROWS;
/// Most columns, the problem column of a report of failed rows aside (security page, H1).
pub const MAX_COLUMNS: usize = crate::limits::FILE_COLUMNS;
/// Longest cell (security page, H1).
pub const MAX_CELL_BYTES: usize = crate::limits::FILE_CELL;
/// Longest record, quotes and delimiters included (security page, H1).
pub const MAX_RECORD_BYTES: usize = crate::limits::FILE_RECORD;

/// What a file is for; decides which columns are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Add users: both names and the e-mail address are needed, role, products and external id may be given.
    Users,
    /// Give one product to everybody in the file: names may be blank, other columns are ignored.
    Assignments,
}

impl Kind {
    fn reads(self, field: Field) -> bool {
        match self {
            Self::Users => true,
            Self::Assignments => matches!(field, Field::GivenName | Field::FamilyName | Field::Email),
        }
    }

    fn requires(self, field: Field) -> bool {
        match field {
            Field::Email => true,
            Field::GivenName | Field::FamilyName => self == Self::Users,
            Field::Role | Field::Products | Field::ExternalId => false,
        }
    }
}

/// A file that could be read; at least one row.
#[derive(Clone, Debug)]
pub struct ParsedFile {
    /// Registered name of the encoding that was found.
    pub encoding: &'static str,
    pub delimiter: char,
    /// All columns in the order of the file, those ignored too.
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// Reads a whole file.
pub fn parse(bytes: &[u8], encoding: Encoding, kind: Kind) -> Result<ParsedFile, Refusal> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Refusal::new(
            Code::FileTooLarge,
            "The file is larger than 5 MiB. Split it into several files.",
        ));
    }
    content::refuse_other_formats(bytes)?;
    let encoding::Decoded { text, encoding } = encoding::decode(bytes, encoding)?;
    content::refuse_other_text(&text)?;

    let delimiter = dialect::delimiter(&text, kind);
    let mut records = records::Records::new(&text, delimiter);
    let Some(header) = records.next().transpose()? else {
        return Err(Refusal::new(Code::FileEmpty, "The file is empty."));
    };
    let columns = header::read(&header, kind)?;
    let rows = rows::read(records, &columns, kind)?;
    if rows.is_empty() {
        return Err(Refusal::new(
            Code::FileEmpty,
            "The file has a header but no row below it.",
        ));
    }
    Ok(ParsedFile {
        encoding,
        delimiter,
        columns,
        rows,
    })
}

/// A refusal of the file as a whole that has a place in it.
fn refused_at(line: u32, code: Code, message: impl Into<String>) -> Refusal {
    Refusal {
        field: Some(vec![format!("line {line}")]),
        ..Refusal::new(code, message)
    }
}
