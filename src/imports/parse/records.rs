//! Cutting text into records and cells (RFC 4180), in one pass and without copying more than escaped quotes force to.
//!
//! Not the `csv` crate's reader: that one takes an unterminated quote for a cell as long as the rest of the file, text behind a closing quote for part of the
//! cell, and does not count lines as editors do (lone CR, CR LF, blank lines before a record). How sound cells are cut is the same; a test holds the two
//! against each other.

use std::borrow::Cow;

use super::encoding::line_ends;
use super::quotes::{Escape, stray};
use super::{MAX_CELL_BYTES, MAX_COLUMNS, MAX_RECORD_BYTES, refused_at};
use crate::error::{Code, Refusal};
use crate::imports::formula::unguarded;
use crate::person::{is_mark, trim};

/// One record and the line of the file on which it starts.
#[derive(Debug)]
pub(super) struct Record<'a> {
    pub line: u32,
    /// As in the file, less the quotes and the blanks around them.
    pub cells: Vec<Cow<'a, str>>,
    /// Its quotation marks make no sense, so where its cells begin and end is a guess.
    pub is_garbled: bool,
}

/// The records of a text that are not blank. After a refusal, what follows means nothing.
pub(super) struct Records<'a> {
    rest: &'a str,
    line: u32,
    delimiter: char,
    /// How far from the end of the text its last quotation mark stands: a mark that is opened behind it is closed nowhere.
    last_quote: usize,
}

impl<'a> Records<'a> {
    /// `line` is the one on which the text begins.
    pub fn new(text: &'a str, line: u32, delimiter: char) -> Self {
        Self {
            rest: text,
            line,
            delimiter,
            last_quote: text.rfind('"').map_or(0, |at| text.len() - at),
        }
    }

    /// A record whose marks make no sense is cut once more as by programs that write `\"` for a quotation mark. Where that makes none either, and a quoted
    /// cell ran on over its line, the line alone is the record: its neighbours are not to be swallowed by it.
    fn record(&mut self) -> Result<Record<'a>, Refusal> {
        let (rest, line) = (self.rest, self.line);
        let cut = self.cut(Escape::Doubled);
        if let Ok(Cut {
            record,
            fault: Fault::None,
        }) = cut
        {
            return Ok(record);
        }
        let after = (self.rest, self.line);
        (self.rest, self.line) = (rest, line);
        if let Ok(Cut {
            record,
            fault: Fault::None,
        }) = self.cut(Escape::Backslash)
        {
            return Ok(Record {
                is_garbled: true,
                ..record
            });
        }
        match cut? {
            Cut {
                record,
                fault: Fault::InItsLine | Fault::None,
            } => {
                (self.rest, self.line) = after;
                Ok(record)
            }
            Cut {
                fault: Fault::OverLines,
                ..
            } => {
                (self.rest, self.line) = (rest, line);
                self.whole_line()
            }
        }
    }

    fn cut(&mut self, escape: Escape) -> Result<Cut<'a>, Refusal> {
        let (line, length_before) = (self.line, self.rest.len());
        let (mut cells, mut fault) = (Vec::new(), Fault::None);
        loop {
            let opened = self.line;
            let (cell, is_sound) = self.cell(escape)?;
            if !is_sound {
                let is_in_its_line = self.line == opened;
                fault = fault.max(if is_in_its_line {
                    Fault::InItsLine
                } else {
                    Fault::OverLines
                });
            }
            push(&mut cells, cell, line)?;
            if !self.take_delimiter() {
                break;
            }
        }
        if length_before - self.rest.len() > MAX_RECORD_BYTES {
            return Err(too_long(line, "The record", MAX_RECORD_BYTES));
        }
        self.take_line_end();
        let is_garbled = fault != Fault::None;
        let record = Record {
            line,
            cells,
            is_garbled,
        };
        Ok(Cut { record, fault })
    }

    /// The line at hand, cut at every delimiter.
    fn whole_line(&mut self) -> Result<Record<'a>, Refusal> {
        let (line, mut cells) = (self.line, Vec::new());
        loop {
            let cell = self.bare();
            push(&mut cells, Cow::Borrowed(cell), line)?;
            if !self.take_delimiter() {
                break;
            }
        }
        self.take_line_end();
        Ok(Record {
            line,
            cells,
            is_garbled: true,
        })
    }

    /// Reads up to, not over, the delimiter or line end. False: its quotation marks make no sense.
    fn cell(&mut self, escape: Escape) -> Result<(Cow<'a, str>, bool), Refusal> {
        let delimiter = self.delimiter;
        let is_blank =
            |c: char| c != delimiter && !matches!(c, '\n' | '\r') && (c.is_whitespace() || is_mark(c));
        let Some(quoted) = self.rest.trim_start_matches(is_blank).strip_prefix('"') else {
            let bare = self.bare();
            return Ok((Cow::Borrowed(bare), !stray(bare)));
        };
        self.rest = quoted;
        let (opened, length) = (self.line, self.rest.len());
        let mut cell = Cow::Borrowed(self.up_to_quote(opened)?);
        loop {
            if length - self.rest.len() > MAX_RECORD_BYTES {
                return Err(too_long(opened, "A cell", MAX_CELL_BYTES));
            }
            if escape == Escape::Backslash && cell.ends_with('\\') {
                cell.to_mut().pop();
            } else if let Some(after_escape) = self.rest.strip_prefix('"') {
                self.rest = after_escape;
            } else {
                break;
            }
            cell.to_mut().push('"');
            *cell.to_mut() += self.up_to_quote(opened)?;
        }
        let tail = self.bare();
        let is_sound = trim(tail).is_empty();
        if !is_sound {
            *cell.to_mut() += tail;
        }
        Ok((cell, is_sound))
    }

    /// Text outside quotes.
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
        let is_there = self.rest.len() >= self.last_quote && self.last_quote > 0;
        let Some((inside, rest)) = is_there.then(|| self.rest.split_once('"')).flatten() else {
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

/// Adds a cell to those of the record on a line, within the bounds of both.
fn push<'a>(cells: &mut Vec<Cow<'a, str>>, cell: Cow<'a, str>, line: u32) -> Result<(), Refusal> {
    // Without the guard: a report of failed rows may have added one to a cell of full length.
    if unguarded(&cell).len() > MAX_CELL_BYTES {
        return Err(too_long(line, "A cell", MAX_CELL_BYTES));
    }
    cells.push(cell);
    // One more than a header may have, for the problem column of a report of failed rows.
    if cells.len() > MAX_COLUMNS + 1 {
        let message = format!("Line {line} has more than {MAX_COLUMNS} cells, the most a file may have.");
        return Err(refused_at(line, Code::TooManyItems, message));
    }
    Ok(())
}

/// A record as it was cut, and the worst that is wrong with its quotation marks.
struct Cut<'a> {
    record: Record<'a>,
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fault {
    None,
    /// Where the record ends is sure all the same.
    InItsLine,
    OverLines,
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
mod tests;
