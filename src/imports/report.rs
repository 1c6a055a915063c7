//! The file of the rows that failed: what was uploaded, with a last column that says what is wrong. Corrected, it can be
//! uploaded as it is; the parser ignores that column.

use std::borrow::Cow;

use encoding_rs::WINDOWS_1252;

use crate::error::Refusal;
use crate::imports::formula::guarded;
use crate::imports::parse::{Form, PROBLEM_HEADER};

/// Longest text in the problem column, in characters; stays below the parser's limit for a cell in any script.
const MAX_PROBLEM_CHARACTERS: usize = 1_000;

/// A row that was not done.
#[derive(Clone, Debug)]
pub struct FailedRow {
    /// As in the uploaded file.
    pub cells: Vec<String>,
    /// Why; see [`problem`].
    pub problem: String,
}

/// Everything that is wrong with a row, in one cell: `CODE: message; CODE: message`.
pub fn problem(refusals: &[Refusal]) -> String {
    let problems: Vec<String> = refusals
        .iter()
        .map(|refusal| format!("{}: {}", refusal.code.name(), refusal.message))
        .collect();
    problems.join("; ")
}

/// Writes the report as the file was written, so that what opened the one opens the other: its encoding with or without mark, its delimiter with or without the
/// line that names it, its columns in their order. Lines end in CR LF, every cell is quoted, formulas are made harmless.
///
/// All lines have the same number of cells. A row longer than the header makes all others longer too, under blank headers,
/// which the parser ignores; so the row can be mended by moving its cells. The problem column of an earlier report is
/// replaced.
pub fn error_report(form: &Form, headers: &[String], rows: &[FailedRow]) -> csv::Result<Vec<u8>> {
    let earlier = headers.iter().position(|header| header == PROBLEM_HEADER);
    let width = rows
        .iter()
        .map(|row| row.cells.len())
        .fold(headers.len(), usize::max);
    let mut text = Vec::new();
    if !form.hint.is_empty() {
        text.extend_from_slice(form.hint.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    let mut report = csv::WriterBuilder::new()
        .delimiter(u8::try_from(form.delimiter).unwrap_or(b','))
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .flexible(true)
        .from_writer(text);
    let mut write_line = |cells: &[String], problem: &str| {
        let kept = (0..width).filter(|position| Some(*position) != earlier);
        let cells = kept.map(|position| cells.get(position).map_or("", String::as_str));
        let line: Vec<Cow<'_, str>> = cells.chain(std::iter::once(problem)).map(guarded).collect();
        report.write_record(line.iter().map(|cell| cell.as_bytes()))
    };
    write_line(headers, PROBLEM_HEADER)?;
    for row in rows {
        let problem: String = row.problem.chars().take(MAX_PROBLEM_CHARACTERS).collect();
        write_line(&row.cells, &problem)?;
    }
    let text = report.into_inner().map_err(csv::IntoInnerError::into_error)?;
    Ok(encoded(&String::from_utf8_lossy(&text), form))
}

/// A text in the file's encoding. What Windows-1252 has no letter for can stand in our own words only, and becomes a question mark.
fn encoded(text: &str, form: &Form) -> Vec<u8> {
    let marked = if form.has_mark {
        format!("\u{feff}{text}")
    } else {
        text.to_owned()
    };
    match form.encoding {
        "UTF-16LE" => marked.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "UTF-16BE" => marked.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        "windows-1252" => {
            let is_known = |c: char| c.is_ascii() || !WINDOWS_1252.encode(c.encode_utf8(&mut [0; 4])).2;
            let text: String = text.chars().map(|c| if is_known(c) { c } else { '?' }).collect();
            WINDOWS_1252.encode(&text).0.into_owned()
        }
        _ => marked.into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;
    use crate::imports::parse::{Encoding, Kind, ParsedFile, parse};

    fn strings(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    /// The report of the rows of a file that failed.
    fn report_of(file: &ParsedFile) -> String {
        let headers: Vec<String> = file.columns.iter().map(|column| column.header.clone()).collect();
        let failed: Vec<FailedRow> = file
            .rows
            .iter()
            .filter_map(|row| {
                let refusals = row.entry.as_ref().err()?;
                Some(FailedRow {
                    cells: row.cells.clone(),
                    problem: problem(refusals),
                })
            })
            .collect();
        String::from_utf8(error_report(&file.form, &headers, &failed).unwrap()).unwrap()
    }

    fn form() -> Form {
        Form {
            encoding: "UTF-8",
            has_mark: true,
            delimiter: ',',
            hint: String::new(),
        }
    }

    fn users(text: &str) -> ParsedFile {
        parse(text.as_bytes(), Encoding::Detect, Kind::Users, &[])
            .unwrap_or_else(|refusal| panic!("{}", refusal.message))
    }

    #[test]
    fn the_report_says_what_is_wrong_in_its_last_column() {
        let refusals = [
            Refusal::new(Code::Required, "No name."),
            Refusal::new(Code::EmailInvalid, "No @."),
        ];
        let rows = [FailedRow {
            cells: strings(&["A \"B\"", "=1+1", "＝1", "x\ny"]),
            problem: problem(&refusals),
        }];
        let report = error_report(&form(), &strings(&["a", "@b", "c", "d"]), &rows).unwrap();
        assert_eq!(
            String::from_utf8(report).unwrap(),
            "\u{feff}\"a\",\"'@b\",\"c\",\"d\",\"Problem\"\r\n\
             \"A \"\"B\"\"\",\"'=1+1\",\"'＝1\",\"x\ny\",\"REQUIRED: No name.; EMAIL_INVALID: No @.\"\r\n"
        );
    }

    #[test]
    fn a_corrected_report_can_be_uploaded_again() {
        let first = users(
            "First Name;Last Name;Email;Notes\r\n=Ada;Lovelace;ada;a;b\r\nGrace;;grace@b.c;\"1\n2\"\r\nFine;Row;f@b.c;\r\nX;Y;+x;",
        );
        let report = report_of(&first);
        assert_eq!(report.matches("\"Fine\"").count(), 0, "good rows are not in it");

        let second = users(&report);
        assert_eq!(second.rows.len(), 3);
        assert_eq!(
            second.rows[0].cells[..5],
            strings(&["'=Ada", "Lovelace", "ada", "a", "b"])
        );
        assert_eq!(second.columns.last().unwrap().header, PROBLEM_HEADER);
        assert_eq!(second.columns.last().unwrap().mapped_to, None);

        let report = report_of(&second);
        assert_eq!(report.matches(PROBLEM_HEADER).count(), 1, "{report}");
        let corrected = report
            .replace("\"ada\"", "\"ada@b.c\"")
            .replace("\"'+x\"", "\"x@b.c\"")
            .replace("\"Grace\";\"\"", "\"Grace\";\"H\"");
        let third = users(&corrected);
        assert!(third.rows.iter().all(|row| row.entry.is_ok()), "{:?}", third.rows);
        assert_eq!(
            third.rows[0].entry.as_ref().unwrap().given_name.as_deref(),
            Some("=Ada")
        );
    }

    #[test]
    fn the_report_is_written_as_the_file_was() {
        let failing = |bytes: &[u8], encoding| {
            let file = parse(bytes, encoding, Kind::Users, &[]).unwrap();
            let headers: Vec<String> = file.columns.iter().map(|column| column.header.clone()).collect();
            let failed = file.rows.iter().map(|row| FailedRow {
                cells: row.cells.clone(),
                problem: "Nach „5“ \u{2192} 6".to_owned(),
            });
            let report = error_report(&file.form, &headers, &failed.collect::<Vec<_>>()).unwrap();
            let again = parse(&report, encoding, Kind::Users, &[]).unwrap();
            assert_eq!(again.form, file.form);
            assert_eq!(again.rows[0].cells[..3], file.rows[0].cells[..]);
            report
        };
        let list = "Last Name;Email;First Name\r\nM\u{fc}ller;m@b.c;Jo\r\n";
        let latin = list.replace('ü', "\u{1}").into_bytes();
        let latin: Vec<u8> = latin
            .into_iter()
            .map(|byte| if byte == 1 { 0xFC } else { byte })
            .collect();
        let report = failing(&latin, Encoding::Windows1252);
        assert!(report.starts_with(b"\"Last Name\";\"Email\";\"First Name\";\"Problem\"\r\n\"M\xFCller\";"));
        assert!(
            report.ends_with(b"\"Nach \x845\x93 ? 6\"\r\n"),
            "{}",
            report.escape_ascii()
        );
        assert!(
            failing(list.as_bytes(), Encoding::Detect).starts_with(b"\"Last"),
            "no mark where there was none"
        );
        let hinted = failing(format!("\u{feff}sep=;\r\n{list}").as_bytes(), Encoding::Detect);
        assert!(hinted.starts_with(b"\xEF\xBB\xBFsep=;\r\n\"Last Name\";"));
        let tabs = format!("\u{feff}{}", list.replace(';', "\t"));
        let wide: Vec<u8> = tabs.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(failing(&wide, Encoding::Detect).starts_with(b"\xFF\xFE\"\0L\0"));
    }

    #[test]
    fn the_longest_row_with_the_longest_problem_can_be_uploaded_again() {
        let mut cells = strings(&["", "B", "a@b.c"]);
        cells.resize(64, "x".to_owned());
        cells[63] = format!("={}", "y".repeat(4095));
        let mut headers = strings(&["First Name", "Last Name", "Email"]);
        headers.resize(64, "Notes".to_owned());
        let report = error_report(
            &form(),
            &headers,
            &[FailedRow {
                cells,
                problem: "😀".repeat(5_000),
            }],
        )
        .unwrap();
        let file = parse(&report, Encoding::Detect, Kind::Users, &[]).unwrap();
        assert_eq!(file.rows[0].cells.len(), 65);
    }
}
