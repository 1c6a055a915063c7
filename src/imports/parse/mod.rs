//! From the bytes of an uploaded file to people, or to the one reason why the file cannot be used at all.
//!
//! A file is refused whole when reading on would be guessing: wrong format, encoding or columns, a quote that never closes,
//! a limit passed. Everything else is the matter of its row: the row is kept as it stands in the file, with all that is
//! wrong with it, and spoils no other. Pure and bounded: whatever the bytes, no panic, one pass, a few times the file's
//! size in memory. Roles and products are only read here; planning judges them.
//!
//! The way of a file through the modules: `content` → `encoding` → `dialect` → `records` (`quotes`) → `header` (`columns`) → `rows`.

#[cfg(test)]
mod bounds;
mod columns;
mod content;
mod dialect;
mod encoding;
mod header;
mod quotes;
mod records;
mod rows;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;

pub use columns::Field;
pub use encoding::Encoding;
pub use entity::import::{Mapped, MappedColumn};
pub use header::{Column, PROBLEM_HEADER};
pub use rows::{Entry, Row};

use crate::error::{Code, Refusal};
use crate::imports::formula::{unforced, unguarded};
use crate::person::trim;

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
    /// Add users: both names and the e-mail address are needed, role, products and external id may be given. A row with the id of somebody, as an export has it, needs no names.
    Users,
    /// Give one product to everybody in the file: names may be blank, other columns are ignored.
    Assignments,
    /// Take one product from everybody in the file: the e-mail address is all that is read.
    Unassignments,
}

impl Kind {
    pub fn reads(self, field: Field) -> bool {
        match self {
            Self::Users => true,
            Self::Assignments => matches!(field, Field::GivenName | Field::FamilyName | Field::Email),
            Self::Unassignments => field == Field::Email,
        }
    }

    /// The columns that a file has to have.
    fn columns(self) -> &'static [Field] {
        match self {
            Self::Users | Self::Assignments => &Field::REQUIRED,
            Self::Unassignments => &[Field::Email],
        }
    }

    fn requires(self, field: Field) -> bool {
        match field {
            Field::Email => true,
            Field::GivenName | Field::FamilyName => self == Self::Users,
            Field::Role | Field::Products | Field::ExternalId | Field::Groups | Field::UserId => false,
        }
    }
}

/// How a file is written, so that what we give back is written alike.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// Registered name of the encoding that was found.
    pub encoding: &'static str,
    /// Whether it begins with a byte order mark.
    pub has_mark: bool,
    pub delimiter: char,
    /// The line above the header that names the delimiter; blank if there is none.
    pub hint: String,
}

/// A file that could be read; at least one row.
#[derive(Clone, Debug)]
pub struct ParsedFile {
    pub form: Form,
    /// All columns in the order of the file, those ignored too.
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
}

/// Reads a whole file. The columns that `mapping` names hold what it says; the others are told by their headers.
pub fn parse(
    bytes: &[u8],
    encoding: Encoding,
    kind: Kind,
    mapping: &[Mapped],
) -> Result<ParsedFile, Refusal> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(Refusal::new(
            Code::FileTooLarge,
            "The file is larger than 5 MiB. Split it into several files.",
        ));
    }
    content::refuse_other_formats(bytes)?;
    let encoding::Decoded {
        text,
        encoding,
        has_mark,
    } = encoding::decode(bytes, encoding)?;
    content::refuse_other_text(&text)?;

    let dialect = dialect::dialect(&text, kind);
    let mut records = records::Records::new(dialect.text, dialect.line, dialect.delimiter);
    let Some(header) = records.next().transpose()? else {
        return Err(Refusal::new(Code::FileEmpty, "The file is empty."));
    };
    let below = || dialect::header_below(dialect.text, dialect.line, kind);
    let header = header::Header::read(&header, kind, mapping, below)?;
    let records = rows::gather(records)?;
    if records.is_empty() {
        return Err(Refusal::new(
            Code::FileEmpty,
            "The file has a header but no row below it.",
        ));
    }
    let columns = header.columns(&records)?;
    let rows = rows::read(records, &columns, kind);
    Ok(ParsedFile {
        form: Form {
            encoding,
            has_mark,
            delimiter: dialect.delimiter,
            hint: dialect.hint.to_owned(),
        },
        columns,
        rows,
    })
}

/// What names the headers of a file: their texts, in their order. Null where there is no header to be read.
pub fn header_key(bytes: &[u8], encoding: Encoding, kind: Kind) -> Option<String> {
    let decoded = encoding::decode(bytes, encoding).ok()?;
    let dialect = dialect::dialect(&decoded.text, kind);
    let mut records = records::Records::new(dialect.text, dialect.line, dialect.delimiter);
    let header = records.next()?.ok()?;
    let mut hash = digest::Context::new(&digest::SHA256);
    for cell in &header.cells {
        hash.update(cell_text(cell).as_bytes());
        hash.update(&[0]);
    }
    Some(STANDARD_NO_PAD.encode(hash.finish()))
}

/// What a cell says: less blanks and marks at its edges, the guard against formulas, and the `="…"` that keeps a number a text.
fn cell_text(cell: &str) -> Cow<'_, str> {
    match unforced(unguarded(trim(cell))) {
        Cow::Borrowed(text) => Cow::Borrowed(trim(text)),
        Cow::Owned(text) => Cow::Owned(trim(&text).to_owned()),
    }
}

/// A refusal of the file as a whole that has a place in it.
fn refused_at(line: u32, code: Code, message: impl Into<String>) -> Refusal {
    Refusal {
        field: Some(vec![format!("line {line}")]),
        ..Refusal::new(code, message)
    }
}
