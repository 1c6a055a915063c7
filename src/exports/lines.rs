//! Lines of a file, as CSV (RFC 4180) or as one JSON object a line (NDJSON).
//!
//! What a spreadsheet would run is written with a leading apostrophe, which an import takes off again ([`formula`](crate::imports::formula)); JSON is run by nobody and stays as it
//! is. A cell that holds nothing is blank there and null here.

use std::mem;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use entity::export::{Delimiter, Format};
use entity::ids::Kind;
use serde_json::Value;
use uuid::Uuid;

use crate::error::{Error, Result};
use crate::imports::formula::guarded;
use crate::platform::storage::PIECE;

/// What separates several values in a cell, as in a file to be imported.
const SEPARATOR: &str = "|";
const MARK: &str = "\u{feff}";

/// What stands in a column of a line.
#[derive(Clone, Copy, Debug)]
pub enum Cell<'a> {
    Blank,
    Text(&'a str),
    /// A global id.
    Id(Kind, Uuid),
    Moment(DateTime<Utc>),
    Day(NaiveDate),
    List(&'a [&'a str]),
    Json(&'a Value),
}

impl<'a> Cell<'a> {
    /// A text that may not be there.
    pub fn text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Blank, Self::Text)
    }

    pub fn moment(moment: Option<DateTime<Utc>>) -> Self {
        moment.map_or(Self::Blank, Self::Moment)
    }
}

/// Lines that were written and not stored yet.
pub struct Lines {
    columns: Vec<String>,
    form: Form,
    /// Cells of the line at hand.
    place: usize,
    rows: u64,
}

enum Form {
    Csv(Box<csv::Writer<Vec<u8>>>, u8),
    Ndjson(Vec<u8>),
}

impl Lines {
    /// With a header, where the format has one.
    pub fn new(format: Format, delimiter: Delimiter, has_mark: bool, columns: Vec<String>) -> Result<Self> {
        let delimiter = match delimiter {
            Delimiter::Comma => b',',
            Delimiter::Semicolon => b';',
            Delimiter::Tab => b'\t',
        };
        let form = match format {
            Format::Csv => {
                let mut bytes = room();
                if has_mark {
                    bytes.extend_from_slice(MARK.as_bytes());
                }
                let mut header = writer(bytes, delimiter);
                header.write_record(&columns).map_err(Error::internal)?;
                Form::Csv(Box::new(header), delimiter)
            }
            Format::Ndjson => Form::Ndjson(room()),
        };
        Ok(Self {
            columns,
            form,
            place: 0,
            rows: 0,
        })
    }

    /// Lines written so far, the header aside.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the next cell of the line at hand.
    pub fn cell(&mut self, cell: Cell<'_>) -> Result<()> {
        match &mut self.form {
            Form::Csv(line, _) => in_csv(line, cell)?,
            Form::Ndjson(bytes) => {
                let Some(column) = self.columns.get(self.place) else {
                    return Err(Error::internal("a line has more cells than there are columns"));
                };
                bytes.push(if self.place == 0 { b'{' } else { b',' });
                serde_json::to_writer(&mut *bytes, column).map_err(Error::internal)?;
                bytes.push(b':');
                in_json(bytes, cell)?;
            }
        }
        self.place += 1;
        Ok(())
    }

    /// Ends the line at hand.
    pub fn end(&mut self) -> Result<()> {
        if self.place != self.columns.len() {
            return Err(Error::internal(
                "a line has not as many cells as there are columns",
            ));
        }
        match &mut self.form {
            Form::Csv(line, _) => line.write_record(None::<&[u8]>).map_err(Error::internal)?,
            Form::Ndjson(bytes) => bytes.extend_from_slice(b"}\n"),
        }
        self.place = 0;
        self.rows += 1;
        Ok(())
    }

    /// A whole piece of the file, once so much was written since the last one.
    pub fn piece(&mut self) -> Result<Option<Vec<u8>>> {
        if self.written() < PIECE {
            return Ok(None);
        }
        let mut bytes = self.take()?;
        let mut rest = room();
        rest.extend_from_slice(&bytes[PIECE..]);
        bytes.truncate(PIECE);
        self.form = match &self.form {
            Form::Csv(_, delimiter) => Form::Csv(Box::new(writer(rest, *delimiter)), *delimiter),
            Form::Ndjson(_) => Form::Ndjson(rest),
        };
        Ok(Some(bytes))
    }

    /// What is left at the end.
    pub fn rest(mut self) -> Result<Vec<u8>> {
        self.take()
    }

    fn written(&self) -> usize {
        match &self.form {
            Form::Csv(line, _) => line.get_ref().len(),
            Form::Ndjson(bytes) => bytes.len(),
        }
    }

    /// Everything that was written; nothing can be written after it.
    fn take(&mut self) -> Result<Vec<u8>> {
        match &mut self.form {
            Form::Csv(line, delimiter) => {
                let taken = mem::replace(line, Box::new(writer(Vec::new(), *delimiter)));
                taken
                    .into_inner()
                    .map_err(|error| Error::internal(error.into_error()))
            }
            Form::Ndjson(bytes) => Ok(mem::take(bytes)),
        }
    }
}

/// Room for a piece and what is written before somebody looks: a list that grows by doubling would take twice of that.
fn room() -> Vec<u8> {
    Vec::with_capacity(PIECE + PIECE / 4)
}

fn writer(bytes: Vec<u8>, delimiter: u8) -> csv::Writer<Vec<u8>> {
    csv::WriterBuilder::new()
        .delimiter(delimiter)
        .quote_style(csv::QuoteStyle::Always)
        .terminator(csv::Terminator::CRLF)
        .from_writer(bytes)
}

fn in_csv(line: &mut csv::Writer<Vec<u8>>, cell: Cell<'_>) -> Result<()> {
    let written = match cell {
        Cell::Blank => line.write_field(""),
        Cell::Text(text) => line.write_field(guarded(text).as_bytes()),
        Cell::Id(kind, id) => line.write_field(kind.text(id)),
        Cell::Moment(moment) => line.write_field(spelt(moment)),
        Cell::Day(day) => line.write_field(day.to_string()),
        Cell::List(texts) => line.write_field(guarded(&texts.join(SEPARATOR)).as_bytes()),
        Cell::Json(value) => line.write_field(guarded(&value.to_string()).as_bytes()),
    };
    written.map_err(Error::internal)
}

fn in_json(bytes: &mut Vec<u8>, cell: Cell<'_>) -> Result<()> {
    let written = match cell {
        Cell::Blank => serde_json::to_writer(bytes, &()),
        Cell::Text(text) => serde_json::to_writer(bytes, text),
        Cell::Id(kind, id) => serde_json::to_writer(bytes, &kind.text(id)),
        Cell::Moment(moment) => serde_json::to_writer(bytes, &spelt(moment)),
        Cell::Day(day) => serde_json::to_writer(bytes, &day.to_string()),
        Cell::List(texts) => serde_json::to_writer(bytes, texts),
        Cell::Json(value) => serde_json::to_writer(bytes, value),
    };
    written.map_err(Error::internal)
}

/// RFC 3339 in UTC, to the millisecond.
fn spelt(moment: DateTime<Utc>) -> String {
    moment.to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn columns(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn text(lines: Lines) -> String {
        String::from_utf8(lines.rest().unwrap()).unwrap()
    }

    #[test]
    fn a_line_says_the_same_in_both_formats() {
        let at = DateTime::UNIX_EPOCH + chrono::Duration::milliseconds(1_700_000_000_123);
        let write = |format| {
            let names = columns(&["id", "name", "none", "at", "on", "all", "raw"]);
            let mut lines = Lines::new(format, Delimiter::Comma, true, names).unwrap();
            let raw = json!({"a": [1, "b"]});
            for cell in [
                Cell::Id(Kind::User, Uuid::nil()),
                Cell::Text("Ada \"A\", née\nB"),
                Cell::Blank,
                Cell::Moment(at),
                Cell::Day(at.date_naive()),
                Cell::List(&["DRAW", "RENDER"]),
                Cell::Json(&raw),
            ] {
                lines.cell(cell).unwrap();
            }
            lines.end().unwrap();
            assert_eq!(lines.rows(), 1);
            text(lines)
        };
        assert_eq!(
            write(Format::Csv),
            "\u{feff}\"id\",\"name\",\"none\",\"at\",\"on\",\"all\",\"raw\"\r\n\
             \"usr_00000000000000000000000000\",\"Ada \"\"A\"\", née\nB\",\"\",\"2023-11-14T22:13:20.123Z\",\"2023-11-14\",\"DRAW|RENDER\",\"{\"\"a\"\":[1,\"\"b\"\"]}\"\r\n"
        );
        let line = write(Format::Ndjson);
        assert!(line.ends_with("}\n") && line.lines().count() == 1, "{line}");
        assert_eq!(
            serde_json::from_str::<Value>(&line).unwrap(),
            json!({
                "id": "usr_00000000000000000000000000", "name": "Ada \"A\", née\nB", "none": null, "at": "2023-11-14T22:13:20.123Z",
                "on": "2023-11-14", "all": ["DRAW", "RENDER"], "raw": {"a": [1, "b"]},
            })
        );
    }

    #[test]
    fn no_spreadsheet_runs_what_somebody_typed_and_json_is_left_alone() {
        for bad in [
            "=1+1", "+49", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1", "＋1", "－1", "＠x",
        ] {
            for delimiter in [Delimiter::Comma, Delimiter::Semicolon, Delimiter::Tab] {
                let mut lines = Lines::new(Format::Csv, delimiter, false, columns(&["a", "b"])).unwrap();
                lines.cell(Cell::Text(bad)).unwrap();
                lines.cell(Cell::List(&[bad])).unwrap();
                lines.end().unwrap();
                let mark = match delimiter {
                    Delimiter::Comma => ',',
                    Delimiter::Semicolon => ';',
                    Delimiter::Tab => '\t',
                };
                let written = format!("\"a\"{mark}\"b\"\r\n\"'{bad}\"{mark}\"'{bad}\"\r\n");
                assert_eq!(text(lines), written);
            }
            let mut lines = Lines::new(Format::Ndjson, Delimiter::Comma, false, columns(&["a"])).unwrap();
            lines.cell(Cell::Text(bad)).unwrap();
            lines.end().unwrap();
            let line: Value = serde_json::from_str(&text(lines)).unwrap();
            assert_eq!(line, json!({"a": bad}));
        }
    }

    #[test]
    fn pieces_are_all_of_one_length_and_together_the_whole_file() {
        for format in [Format::Csv, Format::Ndjson] {
            let mut lines = Lines::new(format, Delimiter::Comma, true, columns(&["number", "text"])).unwrap();
            let (mut pieces, filler) = (Vec::new(), "ä".repeat(500));
            for number in 0..12_000 {
                lines.cell(Cell::Text(&number.to_string())).unwrap();
                lines.cell(Cell::Text(&filler)).unwrap();
                lines.end().unwrap();
                pieces.extend(lines.piece().unwrap());
            }
            assert_eq!(lines.rows(), 12_000);
            assert!(pieces.len() == 2 && pieces.iter().all(|piece| piece.len() == PIECE));
            pieces.push(lines.rest().unwrap());
            let whole = String::from_utf8(pieces.concat()).unwrap();
            let header = usize::from(format == Format::Csv);
            assert_eq!(whole.lines().count(), 12_000 + header);
            assert_eq!(whole.matches(&filler).count(), 12_000);
        }
    }

    #[test]
    fn a_line_with_too_few_or_too_many_cells_is_a_defect() {
        for format in [Format::Csv, Format::Ndjson] {
            let mut lines = Lines::new(format, Delimiter::Comma, false, columns(&["a", "b"])).unwrap();
            lines.cell(Cell::Blank).unwrap();
            assert!(lines.end().is_err());
        }
    }
}
