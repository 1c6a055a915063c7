//! From a record to a person, with everything that is wrong in its row rather than only the first thing.

use std::collections::{HashMap, HashSet};

use entity::ids;
use uuid::Uuid;

use super::columns::{Field, shown};
use super::header::Column;
use super::records::{Record, Records};
use super::{Kind, MAX_ROWS, cell_text, refused_at};
use crate::error::{Code, Refusal};
use crate::person::{self, EmailAddress, trim};

/// Longest external id, in characters.
const MAX_EXTERNAL_ID_CHARACTERS: usize = crate::limits::EXTERNAL_ID;
/// Most products in one cell; keeps a cell of separators from growing into thousands of texts.
const MAX_PRODUCTS: usize = crate::limits::FILE_PRODUCTS;
/// Most groups in one cell.
const MAX_GROUPS: usize = crate::limits::GROUPS_AT_ONCE;

/// One data row.
#[derive(Clone, Debug)]
pub struct Row {
    /// Line of the file where the row starts, from 1. Quoted cells may span lines.
    pub line: u32,
    /// As in the file, for the report of failed rows.
    pub cells: Vec<String>,
    /// The person, or all that is wrong with the row (at least one thing).
    pub entry: Result<Entry, Vec<Refusal>>,
    /// Line of the first readable row with the same e-mail address. Whether that one came in, or was refused so that this one takes its place, is for the
    /// account to say.
    pub same_as: Option<u32>,
}

/// A person as the file tells of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub email: EmailAddress,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// As written; not judged yet.
    pub role: Option<String>,
    /// As written, each once; not judged yet.
    pub products: Vec<String>,
    /// As written, each once; not judged yet.
    pub groups: Vec<String>,
    pub external_id: Option<String>,
    /// Whom an export wrote the row of; whether the account has them is not judged yet.
    pub user_id: Option<Uuid>,
}

/// The records below the header.
pub(super) fn gather(records: Records<'_>) -> Result<Vec<Record<'_>>, Refusal> {
    let mut rows = Vec::new();
    for record in records {
        let record = record?;
        if rows.len() == MAX_ROWS {
            let message = format!(
                "The file has more than {MAX_ROWS} rows; the first one too many is on line {}. Split it into several files.",
                record.line
            );
            return Err(refused_at(record.line, Code::TooManyRows, message));
        }
        rows.push(record);
    }
    Ok(rows)
}

pub(super) fn read(records: Vec<Record<'_>>, columns: &[Column], kind: Kind) -> Vec<Row> {
    let mut first_lines = HashMap::new();
    let row = |record: Record<'_>| {
        let line = record.line;
        let reader = RowReader {
            record: &record,
            columns,
            kind,
            is_of_an_export: false,
            problems: Vec::new(),
        };
        let entry = reader.entry();
        let same_as = entry.as_ref().ok().and_then(|entry| {
            let first = *first_lines.entry(entry.email.key().to_owned()).or_insert(line);
            (first != line).then_some(first)
        });
        let cells = record.cells.into_iter().map(Into::into).collect();
        Row {
            line,
            cells,
            entry,
            same_as,
        }
    };
    records.into_iter().map(row).collect()
}

/// Reads the cells of one record by their meaning and gathers what is wrong with them.
struct RowReader<'a> {
    record: &'a Record<'a>,
    columns: &'a [Column],
    kind: Kind,
    /// Names somebody by their id: they may be there without a name.
    is_of_an_export: bool,
    problems: Vec<Refusal>,
}

impl RowReader<'_> {
    fn entry(mut self) -> Result<Entry, Vec<Refusal>> {
        self.check_shape()?;
        // Other programs have user ids of their own, which say nothing here.
        let user_id = self
            .read(Field::UserId, |text| Ok(ids::Kind::User.parse(text)))
            .flatten();
        self.is_of_an_export = user_id.is_some();
        let given_name = self
            .read(Field::GivenName, |text| person::name(text, ""))
            .flatten();
        let family_name = self
            .read(Field::FamilyName, |text| person::name(text, ""))
            .flatten();
        let email = self.read(Field::Email, EmailAddress::parse);
        let role = self.read(Field::Role, |text| Ok(text.to_owned()));
        let products = self.read(Field::Products, products).unwrap_or_default();
        let groups = self.read(Field::Groups, groups).unwrap_or_default();
        let external_id = self.read(Field::ExternalId, external_id);
        match email {
            Some(email) if self.problems.is_empty() => Ok(Entry {
                email,
                given_name,
                family_name,
                role,
                products,
                groups,
                external_id,
                user_id,
            }),
            _ => Err(self.problems),
        }
    }

    /// Cells that are left out at the end are blank, and blank ones too many do not count.
    fn check_shape(&self) -> Result<(), Vec<Refusal>> {
        let line = self.record.line;
        if self.record.is_garbled {
            let message = format!(
                "Line {line}: a quotation mark stands where it makes no sense, so its cells cannot be told apart. Put the whole cell in quotation marks and \
                 double those within: \"Beth \"\"Bee\"\" Stone\"."
            );
            return Err(vec![refused_at(line, Code::MalformedQuote, message)]);
        }
        let expected = self.columns.len();
        let surplus = self.record.cells.get(expected..).unwrap_or_default();
        let Some(left_over) = surplus
            .iter()
            .map(|cell| cell_text(cell))
            .find(|text| !text.is_empty())
        else {
            return Ok(());
        };
        // Which cell is the odd one nobody can tell, so nothing else is said about them.
        let (found, left_over) = (self.record.cells.len(), shown(&left_over));
        let message = format!(
            "Line {line} has {found} cells, but the header has {expected}: \"{left_over}\" has no column. Put a cell that holds the separator in quotation marks."
        );
        Err(vec![refused_at(line, Code::ColumnCount, message)])
    }

    /// The cell of a field as `rule` reads it; `None` when it is blank, has no column, or broke the rule.
    fn read<T>(&mut self, field: Field, rule: impl FnOnce(&str) -> Result<T, Refusal>) -> Option<T> {
        let position = self
            .columns
            .iter()
            .position(|column| column.mapped_to == Some(field))?;
        let text = self
            .record
            .cells
            .get(position)
            .map(|cell| cell_text(cell))
            .unwrap_or_default();
        let result = match text.as_ref() {
            "" if self.kind.requires(field) && (field == Field::Email || !self.is_of_an_export) => {
                Err(Refusal::new(Code::Required, "The cell must not be blank."))
            }
            "" => return None,
            text => rule(text),
        };
        result
            .map_err(|refusal| self.problems.push(self.placed(refusal, position)))
            .ok()
    }

    fn placed(&self, refusal: Refusal, position: usize) -> Refusal {
        let line = self.record.line;
        let header = self.columns.get(position).map(Column::shown).unwrap_or_default();
        Refusal {
            message: format!("Line {line}, column \"{header}\": {}", refusal.message),
            field: Some(vec![format!("line {line}"), header]),
            ..refusal
        }
    }
}

fn products(text: &str) -> Result<Vec<String>, Refusal> {
    words(text, MAX_PRODUCTS, "products")
}

fn groups(text: &str) -> Result<Vec<String>, Refusal> {
    words(text, MAX_GROUPS, "groups")
}

/// What stands between bars, each once.
fn words(text: &str, most: usize, what: &str) -> Result<Vec<String>, Refusal> {
    let mut seen = HashSet::new();
    let words: Vec<String> = text
        .split('|')
        .map(trim)
        .filter(|word| !word.is_empty() && seen.insert(word.to_lowercase()))
        .map(str::to_owned)
        .collect();
    if words.len() > most {
        return Err(Refusal::new(
            Code::TooManyItems,
            format!("At most {most} {what} fit into one row."),
        ));
    }
    Ok(words)
}

fn external_id(text: &str) -> Result<String, Refusal> {
    if text.chars().count() > MAX_EXTERNAL_ID_CHARACTERS {
        let message = format!("An external ID may have at most {MAX_EXTERNAL_ID_CHARACTERS} characters.");
        return Err(Refusal::new(Code::TooLong, message));
    }
    Ok(text.to_owned())
}
