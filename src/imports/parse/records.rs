//! Cutting text into records and cells (RFC 4180), in one pass and without copying more than escaped quotes force to.
//!
//! Not the `csv` crate's reader: that one takes an unterminated quote for a cell as long as the rest of the file, and does
//! not count lines as editors do (lone CR, CR LF, blank lines before a record). How cells are cut is the same; a test holds
//! the two against each other.

use std::borrow::Cow;

use super::encoding::line_ends;
use super::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_RECORD_BYTES, refused_at};
use crate::error::{Code, Refusal};
use crate::imports::formula::unguarded;
use crate::person::trim;

/// One record and the line of the file on which it starts.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub line: u32,
    /// As in the file, less the quotes.
    pub cells: Vec<Cow<'a, str>>,
}

/// The records of a text that are not blank. After a refusal, what follows means nothing.
pub(super) struct Records<'a> {
    rest: &'a str,
    line: u32,
    delimiter: char,
}

impl<'a> Records<'a> {
    pub fn new(text: &'a str, delimiter: char) -> Self {
        Self {
            rest: text,
            line: 1,
            delimiter,
        }
    }

    fn record(&mut self) -> Result<Record<'a>, Refusal> {
        let (line, length_before) = (self.line, self.rest.len());
        let mut cells = Vec::new();
        loop {
            let cell = self.cell()?;
            // Without the guard: a report of failed rows may have added one to a cell of full length.
            if unguarded(&cell).len() > MAX_CELL_BYTES {
                return Err(too_long(line, "A cell", MAX_CELL_BYTES));
            }
            cells.push(cell);
            // One more than a header may have, for the problem column of a report of failed rows.
            if cells.len() > MAX_COLUMNS + 1 {
                let message =
                    format!("Line {line} has more than {MAX_COLUMNS} cells, the most a file may have.");
                return Err(refused_at(line, Code::TooManyItems, message));
            }
            if !self.take_delimiter() {
                break;
            }
        }
        if length_before - self.rest.len() > MAX_RECORD_BYTES {
            return Err(too_long(line, "The record", MAX_RECORD_BYTES));
        }
        self.take_line_end();
        Ok(Record { line, cells })
    }

    /// Reads up to, not over, the delimiter or line end.
    fn cell(&mut self) -> Result<Cow<'a, str>, Refusal> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            return Ok(Cow::Borrowed(self.bare()));
        };
        self.rest = quoted;
        let opened = self.line;
        let mut cell = Cow::Borrowed(self.up_to_quote(opened)?);
        while let Some(after_escape) = self.rest.strip_prefix('"') {
            self.rest = after_escape;
            cell.to_mut().push('"');
            *cell.to_mut() += self.up_to_quote(opened)?;
        }
        let tail = self.bare();
        if !tail.is_empty() {
            *cell.to_mut() += tail;
        }
        Ok(cell)
    }

    /// Text outside quotes; a quote within it is an ordinary character.
    fn bare(&mut self) -> &'a str {
        let end = self
            .rest
            .find([self.delimiter, '\n', '\r'])
            .unwrap_or(self.rest.len());
        let (cell, rest) = self.rest.split_at(end);
        self.rest = rest;
        cell
    }

    fn up_to_quote(&mut self, opened: u32) -> Result<&'a str, Refusal> {
        let Some((inside, rest)) = self.rest.split_once('"') else {
            let message =
                format!("The quotation mark opened on line {opened} is never closed. Close or remove it.");
            return Err(refused_at(opened, Code::UnterminatedQuote, message));
        };
        self.line += line_ends(inside);
        self.rest = rest;
        Ok(inside)
    }

    fn take_delimiter(&mut self) -> bool {
        let rest = self.rest.strip_prefix(self.delimiter);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    fn take_line_end(&mut self) -> bool {
        let rest = ["\r\n", "\n", "\r"]
            .iter()
            .find_map(|line_end| self.rest.strip_prefix(line_end));
        if let Some(rest) = rest {
            self.rest = rest;
            self.line += 1;
        }
        rest.is_some()
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Result<Record<'a>, Refusal>;

    /// A record of blank cells only is a blank line: spreadsheets write the empty rows below a list as delimiters.
    fn next(&mut self) -> Option<Self::Item> {
        while !self.rest.is_empty() {
            if self.take_line_end() {
                continue;
            }
            match self.record() {
                Ok(record) if record.cells.iter().all(|cell| trim(cell).is_empty()) => {}
                result => return Some(result),
            }
        }
        None
    }
}

fn too_long(line: u32, what: &str, limit: usize) -> Refusal {
    let kibibytes = limit / 1024;
    let message = format!(
        "{what} on line {line} is longer than {kibibytes} KiB. Look for a quotation mark that closes too late, or shorten it."
    );
    refused_at(line, Code::TooLong, message)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Vec<(u32, Vec<String>)> {
        Records::new(text, ',')
            .map(|record| record.unwrap())
            .map(|record| {
                (
                    record.line,
                    record.cells.into_iter().map(Cow::into_owned).collect(),
                )
            })
            .collect()
    }

    fn refused(text: &str) -> (Code, Vec<String>) {
        let refusal = Records::new(text, ',').find_map(Result::err).unwrap();
        (refusal.code, refusal.field.unwrap_or_default())
    }

    fn at_line(line: u32) -> Vec<String> {
        vec![format!("line {line}")]
    }

    #[test]
    fn lines_are_counted_as_editors_do() {
        let text = "\r\n \r\na,b\r\n\"x\r\ny\rz\",1\r\r\"\"\"q\n\"\"\",2\n,,\n\nlast,";
        let lines: Vec<u32> = read(text).iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 4, 8, 12]);
        assert_eq!(read(text)[1].1, ["x\r\ny\rz", "1"]);
        assert_eq!(read(text)[2].1, ["\"q\n\"", "2"]);
        assert_eq!(read(text)[3].1, ["last", ""]);
    }

    #[test]
    fn a_quote_that_is_never_closed_is_refused_with_the_line_where_it_opened() {
        assert_eq!(
            refused("a,b\r\n\r\nc,\"d\r\ne"),
            (Code::UnterminatedQuote, at_line(3))
        );
        assert_eq!(refused("a\n\""), (Code::UnterminatedQuote, at_line(2)));
        assert_eq!(refused("a\n\"x\n\"\"y"), (Code::UnterminatedQuote, at_line(2)));
        let five_mebibytes = format!("a\n\"{}", "x\n".repeat(5 << 19));
        assert_eq!(refused(&five_mebibytes), (Code::UnterminatedQuote, at_line(2)));
        assert_eq!(read("a \"quote\" inside").len(), 1);
    }

    #[test]
    fn limits_are_refused_with_the_line_and_the_limits_themselves_pass() {
        let cell = "x".repeat(MAX_CELL_BYTES);
        assert_eq!(read(&format!("a\n{cell}\n\"{cell}\"\n'={}", &cell[1..])).len(), 4);
        assert_eq!(refused(&format!("a\n{cell}x")), (Code::TooLong, at_line(2)));
        assert_eq!(refused(&format!("a\n\"{cell}x\"")), (Code::TooLong, at_line(2)));

        let record = vec!["y".repeat(2047); 32].join(",");
        assert_eq!(read(&format!("{record}y")).len(), 1);
        assert_eq!(
            refused(&format!("a\n\n{record}yy\n")),
            (Code::TooLong, at_line(3))
        );

        let cells = vec!["z"; MAX_COLUMNS + 1].join(",");
        assert_eq!(read(&cells).len(), 1);
        assert_eq!(refused(&format!("{cells},z")), (Code::TooManyItems, at_line(1)));
    }

    proptest! {
        #[test]
        fn cells_are_cut_as_by_the_csv_crate(text in "[a\",;\\n\\r é]{0,60}", delimiter in prop::sample::select(vec![',', ';'])) {
            let ours: Result<Vec<_>, _> = Records::new(&text, delimiter).map(|record| record.map(|record| record.cells)).collect();
            // It takes an open quote to the end of the text, which we refuse.
            if let Ok(ours) = ours {
                let mut reader = csv::ReaderBuilder::new()
                    .has_headers(false)
                    .flexible(true)
                    .delimiter(delimiter as u8)
                    .from_reader(text.as_bytes());
                let theirs: Vec<Vec<String>> = reader
                    .records()
                    .map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
                    .filter(|cells| !cells.iter().all(|cell| trim(cell).is_empty()))
                    .collect();
                prop_assert_eq!(ours, theirs);
            }
        }
    }
}
