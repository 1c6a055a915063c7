//! Which column holds what: headers are matched as people write them, and a file in which one is missing or comes twice is
//! refused before anything is done.

use super::records::Record;
use super::{Kind, MAX_COLUMNS, refused_at};
use crate::error::{Code, Refusal};
use crate::imports::formula::unguarded;
use crate::imports::nearest::nearest;
use crate::imports::report::PROBLEM_HEADER;
use crate::person::trim;

/// Headers are cut to this length where they are shown again, so that a hostile one is not repeated in every message.
const SHOWN_CHARACTERS: usize = 60;

/// What a column can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    GivenName,
    FamilyName,
    Email,
    Role,
    Products,
    ExternalId,
}

impl Field {
    const ALL: [Self; 6] = [
        Self::GivenName,
        Self::FamilyName,
        Self::Email,
        Self::Role,
        Self::Products,
        Self::ExternalId,
    ];
    const REQUIRED: [Self; 3] = [Self::GivenName, Self::FamilyName, Self::Email];

    /// The header we name it by.
    fn header(self) -> &'static str {
        match self {
            Self::GivenName => "First Name",
            Self::FamilyName => "Last Name",
            Self::Email => "Email",
            Self::Role => "Role",
            Self::Products => "Products",
            Self::ExternalId => "External ID",
        }
    }

    /// Others we understand (domain page, section 6). `E-mail` is not among them: it is `Email` to [`key`].
    fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::GivenName => &["Given Name"],
            Self::FamilyName => &["Surname", "Family Name"],
            Self::Email => &["Email Address"],
            Self::Products => &["Product"],
            Self::Role | Self::ExternalId => &[],
        }
    }

    fn headers(self) -> impl Iterator<Item = &'static str> {
        std::iter::once(self.header()).chain(self.aliases().iter().copied())
    }

    fn of_header(header: &str, kind: Kind) -> Option<Self> {
        let wanted = key(header);
        Self::ALL
            .into_iter()
            .filter(|field| kind.reads(*field))
            .find(|field| field.headers().any(|known| key(known) == wanted))
    }
}

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

/// Reads the header record: every required column exactly once, no other known one twice.
pub(super) fn read(record: &Record<'_>, kind: Kind) -> Result<Vec<Column>, Refusal> {
    let columns: Vec<Column> = record
        .cells
        .iter()
        .map(|cell| trim(unguarded(trim(cell))))
        .map(|header| Column {
            header: header.to_owned(),
            mapped_to: Field::of_header(header, kind),
        })
        .collect();
    let own = columns
        .iter()
        .filter(|column| column.header != PROBLEM_HEADER)
        .count();
    if own > MAX_COLUMNS {
        let message = format!("The file has {own} columns; {MAX_COLUMNS} are the most a file may have.");
        return Err(refused_at(record.line, Code::TooManyItems, message));
    }
    refuse_duplicates(record.line, &columns)?;
    refuse_missing(record.line, &columns)?;
    Ok(columns)
}

/// How many columns would be understood if this record were the header.
pub(super) fn understood(record: &Record<'_>, kind: Kind) -> usize {
    record
        .cells
        .iter()
        .filter(|cell| Field::of_header(unguarded(trim(cell)), kind).is_some())
        .count()
}

fn refuse_duplicates(line: u32, columns: &[Column]) -> Result<(), Refusal> {
    for (index, column) in columns.iter().enumerate() {
        let twin = columns[..index]
            .iter()
            .find(|other| other.mapped_to.is_some() && other.mapped_to == column.mapped_to);
        if let Some(twin) = twin {
            let message = format!(
                "The columns \"{}\" and \"{}\" mean the same. Remove or rename one of them.",
                twin.shown(),
                column.shown()
            );
            return Err(refused_at(line, Code::DuplicateColumn, message));
        }
    }
    Ok(())
}

fn refuse_missing(line: u32, columns: &[Column]) -> Result<(), Refusal> {
    let is_there = |field: &Field| columns.iter().any(|column| column.mapped_to == Some(*field));
    let missing: Vec<String> = Field::REQUIRED
        .iter()
        .filter(|field| !is_there(field))
        .map(|field| missing(*field, columns))
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let message = format!("The file lacks {}.", missing.join(" and "));
    Err(refused_at(line, Code::MissingColumn, message))
}

fn missing(field: Field, columns: &[Column]) -> String {
    let ignored = || {
        columns
            .iter()
            .filter(|column| column.mapped_to.is_none())
            .map(|column| column.header.as_str())
    };
    let likeliest = field.headers().find_map(|known| nearest(known, ignored()));
    let header = field.header();
    match likeliest {
        Some(found) => format!("the column \"{header}\" (is \"{}\" meant?)", shown(found)),
        None => format!("the column \"{header}\""),
    }
}

/// What counts of a header: its letters, whatever their case and whatever stands between the words.
fn key(header: &str) -> String {
    header
        .chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '_' | '-'))
        .flat_map(char::to_lowercase)
        .collect()
}

fn shown(header: &str) -> String {
    header
        .chars()
        .filter(|c| !c.is_control())
        .take(SHOWN_CHARACTERS)
        .collect()
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn columns(header: &str) -> Result<Vec<Column>, Refusal> {
        read(
            &Record {
                line: 3,
                cells: header.split(',').map(Cow::Borrowed).collect(),
            },
            Kind::Users,
        )
    }

    fn fields(header: &str) -> Vec<Option<Field>> {
        columns(header)
            .unwrap()
            .iter()
            .map(|column| column.mapped_to)
            .collect()
    }

    #[test]
    fn headers_match_however_they_are_written() {
        let names = [
            Some(Field::GivenName),
            Some(Field::FamilyName),
            Some(Field::Email),
        ];
        for header in [
            "First Name,Last Name,Email",
            "first_name,last-name,E-MAIL",
            "GIVEN NAME,Surname,e-mail address",
            "givenName,familyName,email_address",
            " Given-Name ,\u{a0}family   name\u{a0},E-Mail_Address",
            "'First Name,Last Name,Email",
        ] {
            let header = header.trim_start_matches('\'');
            assert_eq!(fields(header), names, "{header}");
        }
        assert_eq!(
            fields("email,ROLE,product,external-id,first name,Notes,last name")[1..],
            [
                Some(Field::Role),
                Some(Field::Products),
                Some(Field::ExternalId),
                Some(Field::GivenName),
                None,
                Some(Field::FamilyName)
            ]
        );
    }

    #[test]
    fn a_missing_column_is_named_with_the_nearest_header_found() {
        let refusal = columns("Frist Name,Last Name,Mail,Notes").unwrap_err();
        assert_eq!(refusal.code, Code::MissingColumn);
        assert_eq!(
            refusal.message,
            "The file lacks the column \"First Name\" (is \"Frist Name\" meant?) and the column \"Email\" (is \"Mail\" meant?)."
        );
        assert_eq!(refusal.field, Some(vec!["line 3".to_owned()]));
        assert_eq!(columns("a,b,c").unwrap_err().message.matches("meant?").count(), 0);
    }

    #[test]
    fn two_headers_that_mean_the_same_are_refused_and_unknown_ones_may_repeat() {
        let refusal = columns("First Name,Last Name,Email,e-mail address").unwrap_err();
        assert_eq!(refusal.code, Code::DuplicateColumn);
        assert!(
            refusal.message.contains("\"Email\" and \"e-mail address\""),
            "{}",
            refusal.message
        );
        assert!(columns("First Name,Last Name,Email,Notes,Notes,,").is_ok());
    }

    #[test]
    fn sixty_four_columns_pass_beside_the_problem_column_of_a_report() {
        let header = format!("First Name,Last Name,Email{}", ",x".repeat(61));
        assert_eq!(columns(&header).unwrap().len(), 64);
        assert!(columns(&format!("{header},Problem")).is_ok());
        assert_eq!(
            columns(&format!("{header},x")).unwrap_err().code,
            Code::TooManyItems
        );
    }
}
