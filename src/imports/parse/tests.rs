//! Files as administrators and attackers upload them.

use super::*;

const HEADER: &str = "First Name,Last Name,Email";

fn users(bytes: impl AsRef<[u8]>) -> Result<ParsedFile, Refusal> {
    parse(bytes.as_ref(), Encoding::Detect, Kind::Users, &[])
}

fn read(bytes: impl AsRef<[u8]>) -> ParsedFile {
    users(bytes).unwrap_or_else(|refusal| panic!("{:?}: {}", refusal.code, refusal.message))
}

/// Code and line of the refusal of a file.
fn refused(bytes: impl AsRef<[u8]>) -> (Code, String) {
    let refusal = users(bytes).unwrap_err();
    (refusal.code, refusal.field.unwrap_or_default().join("/"))
}

fn at_line(line: u32) -> String {
    format!("line {line}")
}

/// Codes and places of what is wrong in the only row.
fn problems(columns: &str, row: &str) -> Vec<(Code, String)> {
    let file = read(format!("{columns}\r\n{row}\r\n"));
    assert_eq!(file.rows.len(), 1);
    let refusals = file.rows[0].entry.as_ref().unwrap_err();
    refusals
        .iter()
        .map(|refusal| (refusal.code, refusal.field.clone().unwrap_or_default().join("/")))
        .collect()
}

fn person(file: &ParsedFile, row: usize) -> &Entry {
    file.rows[row]
        .entry
        .as_ref()
        .unwrap_or_else(|problems| panic!("{problems:?}"))
}

fn names(entry: &Entry) -> [&str; 3] {
    [
        entry.given_name.as_deref().unwrap_or_default(),
        entry.family_name.as_deref().unwrap_or_default(),
        entry.email.as_typed(),
    ]
}

fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(unit).collect()
}

#[test]
fn the_plain_file_is_read() {
    let file = read(format!(
        "{HEADER},Role,Products,External ID\r\nZoë,山田,Zoe@B.c, secondary_admin ,Draw | CAD||draw|,7\r\n"
    ));
    assert_eq!(
        (file.form.encoding, file.form.delimiter, file.rows.len()),
        ("UTF-8", ',', 1)
    );
    let entry = person(&file, 0);
    assert_eq!(names(entry), ["Zoë", "山田", "Zoe@B.c"]);
    assert_eq!(entry.role.as_deref(), Some("secondary_admin"));
    assert_eq!(entry.products, ["Draw", "CAD"]);
    assert_eq!(entry.external_id.as_deref(), Some("7"));
    assert_eq!(file.rows[0].line, 2);
    assert_eq!(
        file.rows[0].cells[3], " secondary_admin ",
        "cells are kept as in the file"
    );
}

#[test]
fn the_same_people_are_read_from_every_encoding_and_delimiter() {
    let text = format!("{HEADER}\r\nZoë,Müller,z@b.c\r\n");
    let semicolons = text.replace(',', ";");
    let tabs = text.replace(',', "\t").replace("\r\n", "\n");
    let files: [(Vec<u8>, &str, char); 6] = [
        (text.clone().into_bytes(), "UTF-8", ','),
        (format!("\u{feff}{text}").into_bytes(), "UTF-8", ','),
        (utf16(&tabs, u16::to_le_bytes), "UTF-16LE", '\t'),
        (utf16(&semicolons, u16::to_be_bytes), "UTF-16BE", ';'),
        (semicolons.into_bytes(), "UTF-8", ';'),
        (tabs.replace('\n', "\r").into_bytes(), "UTF-8", '\t'),
    ];
    for (bytes, encoding, delimiter) in files {
        let file = read(&bytes);
        assert_eq!((file.form.encoding, file.form.delimiter), (encoding, delimiter));
        assert_eq!(names(person(&file, 0)), ["Zoë", "Müller", "z@b.c"]);
        assert_eq!(file.rows[0].line, 2);
    }
    let bytes = b"First Name,Last Name,Email\nZo\xEB,M\xFCller,z@b.c";
    let file = parse(bytes, Encoding::Windows1252, Kind::Users, &[]).unwrap();
    assert_eq!(file.form.encoding, "windows-1252");
    assert_eq!(names(person(&file, 0)), ["Zoë", "Müller", "z@b.c"]);
    assert_eq!(refused(bytes), (Code::InvalidEncoding, at_line(2)));
}

#[test]
fn quotes_hold_line_breaks_delimiters_and_quotes() {
    let file = read(
        "Email,\"First\r\nName\",Last Name,Notes\r\na@b.c,\"Anna, \"\"Ann\"\"\",X,\"1\r\n2\r\n\r\n3\"\r\n\r\nd@e.f,D,E,\r\n",
    );
    assert_eq!(names(person(&file, 0)), ["Anna, \"Ann\"", "X", "a@b.c"]);
    let lines: Vec<u32> = file.rows.iter().map(|row| row.line).collect();
    assert_eq!(lines, [3, 8]);
}

#[test]
fn a_users_export_is_a_users_import() {
    let file = read(
        "user_id,first_name,last_name,email,role,status,invitation_status,invitation_expires_at,last_active_at\n\
         1f,Ada,Lovelace,ada@b.c,PRIMARY_ADMIN,ACTIVE,ACCEPTED,,2026-01-01T00:00:00Z\n\
         2f,'=Grace,'-Hopper,'+grace@b.c,USER,PENDING,PENDING,2026-01-01T00:00:00Z,\n",
    );
    assert_eq!(person(&file, 0).role.as_deref(), Some("PRIMARY_ADMIN"));
    assert_eq!(
        names(person(&file, 1)),
        ["=Grace", "-Hopper", "+grace@b.c"],
        "the guard against formulas is taken off"
    );
    let ignored: Vec<&str> = file
        .columns
        .iter()
        .filter(|column| column.mapped_to.is_none())
        .map(|column| column.header.as_str())
        .collect();
    assert_eq!(
        ignored,
        [
            "status",
            "invitation_status",
            "invitation_expires_at",
            "last_active_at"
        ]
    );
}

#[test]
fn blank_rows_and_non_breaking_blanks_do_not_count() {
    let file = read(format!(
        "\n  \n{HEADER}\n\u{a0}Ada\u{a0}, Lovelace ,\u{a0}a@b.c\n,,\n\u{a0}, ,\n\n"
    ));
    assert_eq!(file.rows.len(), 1);
    assert_eq!(names(person(&file, 0)), ["Ada", "Lovelace", "a@b.c"]);
    assert_eq!(file.rows[0].line, 4);
}

#[test]
fn an_empty_file_is_refused() {
    for text in ["", "\u{feff}", "\r\n\r\n", " \t\u{a0}\n", ",,,\n,,,"] {
        assert_eq!(refused(text).0, Code::FileEmpty, "{text:?}");
    }
    let refusal = users(format!("{HEADER}\r\n,,\r\n")).unwrap_err();
    assert_eq!(refusal.code, Code::FileEmpty);
    assert!(
        refusal.message.contains("header but no row"),
        "{}",
        refusal.message
    );
}

#[test]
fn five_thousand_rows_pass_and_one_more_does_not() {
    let file = |rows: usize| {
        let rows = (0..rows)
            .map(|n| format!("A,B,u{n}@b.c\n\n,,\n"))
            .collect::<Vec<_>>()
            .concat();
        format!("{HEADER}\n{rows}")
    };
    assert_eq!(read(file(5_000)).rows.len(), 5_000);
    assert_eq!(refused(file(5_001)), (Code::TooManyRows, at_line(2 + 3 * 5_000)));
}

#[test]
fn five_mebibytes_pass_and_one_byte_more_does_not() {
    let mut bytes = format!("{HEADER}\nA,B,a@b.c\n").into_bytes();
    bytes.resize(MAX_FILE_BYTES, b'\n');
    assert_eq!(read(&bytes).rows.len(), 1);
    bytes.push(b'\n');
    assert_eq!(refused(&bytes), (Code::FileTooLarge, String::new()));
}

#[test]
fn other_formats_are_refused_by_content() {
    let unmarked_utf16: Vec<u8> = HEADER.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for bytes in [
        &b"PK\x03\x04\x14\0\x06\0"[..],
        b"PK\x05\x06\0\0",
        b"\x1F\x8B\x08\0",
        b"\xD0\xCF\x11\xE0\xA1\xB1",
        b"%PDF-1.7",
        b"<!DOCTYPE html><p>,",
        b"\xEF\xBB\xBF \r\n<html>",
        b"<?xml version=\"1.0\"?>",
        &unmarked_utf16,
        &utf16("<table>", u16::to_le_bytes),
    ] {
        assert_eq!(refused(bytes), (Code::FileNotCsv, at_line(1)), "{bytes:?}");
    }
    assert_eq!(
        refused(format!("{HEADER}\r\nA,B\0,a@b.c")),
        (Code::FileNotCsv, at_line(2))
    );
}

#[test]
fn what_is_wrong_with_the_columns_refuses_the_file() {
    assert_eq!(
        refused("First Name,Email\nA,a@b.c"),
        (Code::MissingColumn, "line 1/Last Name".to_owned())
    );
    assert_eq!(
        refused("\n\nFirst Name,Surname,Email,Family_Name\nA,B,a@b.c,C"),
        (Code::DuplicateColumn, "line 3/Family_Name".to_owned())
    );
    let many = format!("{HEADER}{}\n", ",x".repeat(62));
    assert_eq!(refused(many), (Code::TooManyItems, at_line(1)));
}

#[test]
fn an_unterminated_quote_refuses_the_file_with_the_line_where_it_opened() {
    assert_eq!(
        refused(format!("{HEADER}\r\nA,B,a@b.c\r\nC,\"D,d@e.f\r\nE,F,g@h.i\r\n")),
        (Code::UnterminatedQuote, at_line(3))
    );
    assert_eq!(
        refused(format!("\"{HEADER}\nA,B,a@b.c")),
        (Code::UnterminatedQuote, at_line(1))
    );
}

#[test]
fn cells_left_out_at_the_end_are_blank_and_blank_ones_too_many_do_not_count() {
    let columns = format!("{HEADER},Role,Products");
    for row in [
        "A,B,a@b.c",
        "A,B,a@b.c,",
        "A,B,a@b.c,,,,",
        "A,B,a@b.c,,, ,\u{a0},\"\",\"=\"\"\"\"\"",
    ] {
        let file = read(format!("{columns}\n{row}\n"));
        let entry = person(&file, 0);
        assert_eq!(names(entry), ["A", "B", "a@b.c"], "{row}");
        assert_eq!((entry.role.as_deref(), entry.products.len()), (None, 0), "{row}");
    }
    assert_eq!(
        problems(HEADER, "A,B"),
        [(Code::Required, "line 2/Email".to_owned())]
    );
    assert_eq!(
        problems(HEADER, "A"),
        [
            (Code::Required, "line 2/Last Name".to_owned()),
            (Code::Required, "line 2/Email".to_owned())
        ]
    );
    for row in ["A,B,a@b.c,x", "A,B,a@b.c,,x", "５,,x,y"] {
        assert_eq!(
            problems(HEADER, row),
            [(Code::ColumnCount, "line 2".to_owned())],
            "{row}"
        );
    }
    let file = read(format!("{HEADER}\nA,B,a@b.c,,DRAW"));
    let message = &file.rows[0].entry.as_ref().unwrap_err()[0].message;
    assert!(
        message.contains("Line 2 has 5 cells") && message.contains("\"DRAW\" has no column"),
        "{message}"
    );
}

#[test]
fn a_row_whose_quotation_marks_make_no_sense_is_refused_with_its_line_and_no_other_row() {
    for bad in [
        "\"Beth \\\"Bee\\\"\",Stone,b@b.c",
        "\"Screen 5\\\"\",Stone,b@b.c",
        "\"Beth\" Bee,Stone,b@b.c",
        "Be\"th,Stone,b@b.c",
        "Beth \"Bee, the Bold\",Stone,b@b.c",
    ] {
        let file = read(format!("{HEADER}\nA,B,a@b.c\n{bad}\n\"Una\",Stone,u@b.c\n"));
        let good: Vec<bool> = file.rows.iter().map(|row| row.entry.is_ok()).collect();
        assert_eq!(good, [true, false, true], "{bad}");
        let refusal = &file.rows[1].entry.as_ref().unwrap_err()[0];
        assert_eq!(
            (refusal.code, &refusal.field),
            (Code::MalformedQuote, &Some(vec![at_line(3)])),
            "{bad}"
        );
        assert!(refusal.message.contains("Line 3"), "{}", refusal.message);
    }
    assert_eq!(
        refused("\"First\" Name,Last Name,Email\nA,B,a@b.c"),
        (Code::MalformedQuote, at_line(1))
    );
    let file = read(format!("{HEADER}\nBob \"Bo\",Stone,a@b.c"));
    assert_eq!(names(person(&file, 0))[0], "Bob \"Bo\"");
}

#[test]
fn a_hint_of_the_delimiter_is_followed_and_lines_are_still_those_of_the_editor() {
    for (text, delimiter) in [
        (
            "sep=;\r\nFirst Name;Last Name;Email\r\nMina;Harker;m@b.c\r\n;Harker;x@b.c\r\n",
            ';',
        ),
        (
            "\u{feff}SEP=|\nFirst Name|Last Name|Email\nMina|Harker|m@b.c\n|Harker|x@b.c",
            '|',
        ),
        (
            "\"sep=\t\"\rFirst Name\tLast Name\tEmail\rMina\tHarker\tm@b.c\r\tHarker\tx@b.c",
            '\t',
        ),
        (
            "sep=,,,\nVorname,Nachname,E-Mail\nMina,Harker,m@b.c\n,Harker,x@b.c",
            ',',
        ),
    ] {
        let file = read(text);
        assert_eq!(file.form.delimiter, delimiter, "{text:?}");
        assert_eq!(
            file.rows.iter().map(|row| row.line).collect::<Vec<_>>(),
            [3, 4],
            "{text:?}"
        );
        assert_eq!(names(person(&file, 0)), ["Mina", "Harker", "m@b.c"]);
        let problems = file.rows[1].entry.as_ref().unwrap_err();
        assert!(
            problems[0].message.starts_with("Line 4, column "),
            "{}",
            problems[0].message
        );
    }
    assert_eq!(
        refused("sep=;\nFirst Name;Last Name\nA;B"),
        (Code::MissingColumn, "line 2/Email".to_owned())
    );
    assert_eq!(refused("sep=;\n").0, Code::FileEmpty);
}

#[test]
fn blanks_before_an_opening_quote_are_no_part_of_a_name() {
    for text in [
        "\"First Name\", \"Last Name\", \"Email\"\n\"Rita\", \"Moreau\", \"r@b.c\"\n",
        "First Name;\t\"Last Name\" ; Email\n \"Rita\" ;\u{a0}\"Moreau\"; r@b.c",
        "First Name\tLast Name\tEmail\nRita\t \"Moreau\" \t \"r@b.c\"",
    ] {
        assert_eq!(
            names(person(&read(text), 0)),
            ["Rita", "Moreau", "r@b.c"],
            "{text:?}"
        );
    }
    let file = read(format!("{HEADER}\n\"Rita\", \"Moreau, Dr.\", \"r@b.c\""));
    assert_eq!(
        names(person(&file, 0))[1],
        "Moreau, Dr.",
        "and a delimiter within is"
    );
}

#[test]
fn a_header_that_is_no_header_is_refused_with_what_was_found_and_where_it_may_be() {
    let message = |text: &str| {
        let refusal = users(text).unwrap_err();
        assert_eq!(refusal.code, Code::MissingColumn, "{text:?}");
        assert_eq!(
            refusal.field,
            Some(vec![at_line(1), "First Name".to_owned()]),
            "{text:?}"
        );
        refusal.message
    };
    for (text, below) in [
        (
            "Users of March,,\n,,\nFirst Name,Last Name,Email\nEva,Lind,e@b.c\n",
            3,
        ),
        (
            "Exported 27.11.2026\nby Admin\n\nVorname;Nachname;E-Mail\nEva;Lind;e@b.c",
            4,
        ),
        (
            "Name: Team A\n\"First Name\"\t\"Last Name\"\t\"Email\"\nEva\tLind\te@b.c",
            2,
        ),
    ] {
        let message = message(text);
        assert!(
            message.contains(&format!("Line {below} looks like the header")),
            "{message}"
        );
    }
    let foreign = message("Username,Display name,Department\nx,y,z");
    assert!(
        foreign.contains("Found there: \"Username\", \"Display name\", \"Department\"."),
        "{foreign}"
    );
    let none = message("Eva,Lind,e@b.c\nIda,Lind,i@b.c");
    assert!(none.contains("looks like a person"), "{none}");
}

#[test]
fn a_text_that_is_not_to_be_a_number_is_the_text_inside() {
    let file = read(format!(
        "{HEADER},External ID\nKai,Rot,k@b.c,\"=\"\"00417\"\"\"\n=\"Kim\",\"=\"\"Rot\"\"\",=\"kim@b.c\",=\"007\"\nKay,Rot,y@b.c,\"'=\"\"+49\"\"\"\nKit,Rot,t@b.c,=HR(1)\n"
    ));
    let ids: Vec<_> = (0..4)
        .map(|row| person(&file, row).external_id.as_deref().unwrap())
        .collect();
    assert_eq!(ids, ["00417", "007", "+49", "=HR(1)"]);
    assert_eq!(names(person(&file, 1)), ["Kim", "Rot", "kim@b.c"]);
    assert_eq!(
        file.rows[0].cells[3], "=\"00417\"",
        "cells are kept as in the file"
    );
    assert_eq!(
        names(person(
            &read("=\"First Name\",\"=\"\"Last Name\"\"\",Email\nA,B,a@b.c"),
            0
        ))[1],
        "B"
    );
}

#[test]
fn the_files_of_the_cases_are_read() {
    let bytes = b"Vorname;Nachname;E-Mail;First Name;Last Name;Email\r\n;;;J\xFCrgen;Gro\xDF;j@b.c\r\n;;;;;nobody\r\n";
    let file = parse(bytes, Encoding::Windows1252, Kind::Users, &[]).unwrap();
    assert_eq!(names(person(&file, 0)), ["Jürgen", "Groß", "j@b.c"]);
    let problems = file.rows[1].entry.as_ref().unwrap_err();
    assert_eq!(problems.len(), 3);
    for marked in [
        "\u{200f}Noa\u{200f}",
        "\u{ad}Noa\u{ad}",
        "\u{202b}Noa\u{202c}",
        "\u{61c}Noa\u{feff}",
        "\u{2067}Noa\u{2069}",
    ] {
        let file = read(format!(
            "\u{200e}First Name,Last\u{ad} Name,Email\n{marked},Le\u{ad}vi,noa@b.c\u{200f}"
        ));
        assert_eq!(
            names(person(&file, 0)),
            ["Noa", "Le\u{ad}vi", "noa@b.c"],
            "{marked:?}"
        );
    }
}

#[test]
fn everything_that_is_wrong_with_a_row_is_said_with_line_and_header() {
    let long = "x".repeat(61);
    assert_eq!(
        problems(
            "given_name,Surname,E-Mail,External ID",
            &format!("田５,{long},a@b,{}", "i".repeat(256))
        ),
        [
            (Code::NameDoubleByteDigit, "line 2/given_name".to_owned()),
            (Code::TooLong, "line 2/Surname".to_owned()),
            (Code::EmailInvalid, "line 2/E-Mail".to_owned()),
            (Code::TooLong, "line 2/External ID".to_owned()),
        ]
    );
}

#[test]
fn each_row_error_has_its_code() {
    for (row, code, header) in [
        (",B,a@b.c", Code::Required, "First Name"),
        ("A,\u{a0},a@b.c", Code::Required, "Last Name"),
        ("A,B,", Code::Required, "Email"),
        ("A,B,a@b.c@d.e", Code::EmailInvalid, "Email"),
        ("A,B,\"a@b.c\nBcc: x@y.z\"", Code::EmailInvalid, "Email"),
        ("\"A\nB\",B,a@b.c", Code::NameInvalidCharacter, "First Name"),
        ("A,B\u{202e}C,a@b.c", Code::NameInvalidCharacter, "Last Name"),
        ("A,１,a@b.c", Code::NameDoubleByteDigit, "Last Name"),
    ] {
        assert_eq!(
            problems(HEADER, row),
            [(code, format!("line 2/{header}"))],
            "{row:?}"
        );
    }
    let file = read(format!("{HEADER}\nA,B,nobody"));
    let refusal = &file.rows[0].entry.as_ref().unwrap_err()[0];
    assert!(
        refusal.message.starts_with("Line 2, column \"Email\": "),
        "{}",
        refusal.message
    );
}

#[test]
fn more_than_a_hundred_products_in_a_cell_are_refused() {
    let cell = |count: usize| (0..count).map(|n| n.to_string()).collect::<Vec<_>>().join("|");
    let columns = format!("{HEADER},Products");
    assert_eq!(
        person(&read(format!("{columns}\nA,B,a@b.c,{}", cell(100))), 0)
            .products
            .len(),
        100
    );
    assert_eq!(
        problems(&columns, &format!("A,B,a@b.c,{}", cell(101))),
        [(Code::TooManyItems, "line 2/Products".to_owned())]
    );
}

#[test]
fn bad_rows_spoil_no_others() {
    let file = read(format!("{HEADER}\nA,B,bad\nC,D,c@d.e\nE\nF,G,f@g.h\n"));
    let good: Vec<bool> = file.rows.iter().map(|row| row.entry.is_ok()).collect();
    assert_eq!(good, [false, true, false, true]);
}

#[test]
fn repeated_addresses_point_to_the_first_readable_row_whatever_their_case() {
    let file = read(format!(
        "{HEADER}\n,B,ada@bücher.de\nA,B,Ada@Bücher.de\nC,D,c@d.e\nA,B, ADA@XN--BCHER-KVA.DE\nA,B,ada@bücher.de\n"
    ));
    let duplicates: Vec<Option<u32>> = file.rows.iter().map(|row| row.same_as).collect();
    assert_eq!(duplicates, [None, None, None, Some(3), Some(3)]);
}

#[test]
fn an_assignments_file_may_leave_names_blank_and_its_other_columns_are_ignored() {
    let bytes = format!("{HEADER},Role,Products\n,,a@b.c,NONSENSE,x\nA５,B,,,\n");
    let file = parse(bytes.as_bytes(), Encoding::Detect, Kind::Assignments, &[]).unwrap();
    let entry = person(&file, 0);
    assert_eq!(
        (
            entry.given_name.as_ref(),
            entry.role.as_ref(),
            entry.products.len()
        ),
        (None, None, 0)
    );
    let codes: Vec<Code> = file.rows[1]
        .entry
        .as_ref()
        .unwrap_err()
        .iter()
        .map(|refusal| refusal.code)
        .collect();
    assert_eq!(
        codes,
        [Code::NameDoubleByteDigit, Code::Required],
        "a name that is there is checked all the same"
    );
    assert_eq!(file.columns[3].mapped_to, None);
}

#[test]
fn invisible_characters_are_data_inside_and_nothing_at_the_edges() {
    let file = read(format!(
        "{HEADER}\n\u{200b}محمد\u{200b},می\u{200c}خواهم,\u{feff}a@b.c\u{200b}\n"
    ));
    assert_eq!(names(person(&file, 0)), ["محمد", "می\u{200c}خواهم", "a@b.c"]);
}
