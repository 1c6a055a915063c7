use std::borrow::Cow;

use super::*;

fn record(line: u32, cells: &str) -> Record<'_> {
    Record {
        line,
        cells: cells.split(',').map(Cow::Borrowed).collect(),
        is_garbled: false,
    }
}

/// Over a row in which every cell is filled.
fn columns(header: &str) -> Result<Vec<Column>, Refusal> {
    let row = vec!["x"; header.split(',').count()].join(",");
    columns_over(header, &row)
}

fn columns_over(header: &str, row: &str) -> Result<Vec<Column>, Refusal> {
    Header::read(&record(3, header), Kind::Users, &[], || None)?.columns(&[record(4, row)])
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
    let refusal = columns("Frist Name,Last Name,Emial,Notes").unwrap_err();
    assert_eq!(refusal.code, Code::MissingColumn);
    assert_eq!(
        refusal.message,
        "Line 3, taken for the header, lacks the column \"First Name\" (is \"Frist Name\" meant?) and the column \"Email\" (is \"Emial\" meant?). \
         Found there: \"Frist Name\", \"Last Name\", \"Emial\", \"Notes\". Name the columns so, in the first line of the list."
    );
    assert_eq!(
        refusal.field,
        Some(vec!["line 3".to_owned(), "First Name".to_owned()])
    );
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
fn of_headers_that_mean_the_same_the_filled_one_is_read_and_our_own_word_before_others() {
    let read = |header, row| {
        let columns = columns_over(header, row).unwrap();
        let read = columns
            .iter()
            .enumerate()
            .filter(|(_, column)| column.mapped_to.is_some());
        read.map(|(place, _)| place).collect::<Vec<_>>()
    };
    assert_eq!(read("E-Mail,First Name,Last Name,Email", ",A,B,a@x"), [1, 2, 3]);
    assert_eq!(
        read(
            "Vorname,Nachname,Mail,First Name,Last Name,Email",
            "x,x,x,A,B,a@x"
        ),
        [3, 4, 5]
    );
    assert_eq!(read("Vorname,Prénom,Nachname,Mail", "A,\u{a0},B,a@x"), [0, 2, 3]);
    assert_eq!(read("First Name,Last Name,Email,Email", ",,,"), [0, 1, 2]);
    let refusal = columns("Vorname,Prénom,Nachname,Mail").unwrap_err();
    assert_eq!(refusal.code, Code::DuplicateColumn);
    assert_eq!(
        refusal.field,
        Some(vec!["line 3".to_owned(), "Prénom".to_owned()])
    );
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
