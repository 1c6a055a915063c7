//! A CSV file as metering systems write it, a chunk of records at a time: however long it is, no more than a chunk is in memory.

use std::collections::HashMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use csv::{ByteRecord, Reader, ReaderBuilder, StringRecord};
use serde::Serialize;

use crate::client::error::ClientError;
use crate::credits::Credits;
use crate::limits;

/// Bytes of a chunk's records as JSON, so that a call is no longer than a server takes.
const CHUNK_BYTES: usize = 200 * 1024;
/// A cell of a record: an address, a name, a key.
const CELL_BYTES: usize = 1_024;

/// What is read of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Column {
    Email,
    Product,
    Day,
    Minutes,
    Launches,
    Credits,
    Key,
}

impl Column {
    const ALL: [(Self, &'static [&'static str]); 7] = [
        (Self::Email, &["email", "emailaddress", "user"]),
        (Self::Product, &["product", "productcode"]),
        (Self::Day, &["day", "date"]),
        (Self::Minutes, &["minutes"]),
        (Self::Launches, &["launches", "sessions"]),
        (Self::Credits, &["credits"]),
        (Self::Key, &["key"]),
    ];
    const REQUIRED: [Self; 3] = [Self::Email, Self::Product, Self::Day];

    /// Case, blanks, `_` and `-` make no difference.
    fn of(header: &str) -> Option<Self> {
        let word: String = header
            .chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect();
        let named = |(_, words): &&(Self, &[&str])| words.contains(&word.as_str());
        Self::ALL.iter().find(named).map(|(column, _)| *column)
    }
}

/// A record as the API takes it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    email: String,
    product_code: String,
    day: String,
    minutes: i32,
    launches: i32,
    credits: Option<String>,
    key: String,
}

impl Record {
    fn bytes(&self) -> usize {
        // Names, marks and numbers of a record are no longer than this.
        160 + self.email.len() + self.product_code.len() + self.key.len()
    }
}

/// A row of the file: what it says, or why that cannot be sent.
pub struct Row {
    pub cells: StringRecord,
    pub read: Result<Record, String>,
}

/// A file that is being read.
pub struct UsageFile {
    reader: Reader<File>,
    pub header: StringRecord,
    columns: Vec<Option<Column>>,
    /// How often each row without a key of its own has come, by a hash of what it says.
    seen: HashMap<[u8; 8], u32>,
    size: u64,
    /// A row that was read and did not fit into the last chunk.
    next: Option<Row>,
}

impl UsageFile {
    pub fn open(path: &Path) -> Result<Self, ClientError> {
        let unreadable = |source| ClientError::File {
            path: path.to_owned(),
            source,
        };
        let size = std::fs::metadata(path).map_err(unreadable)?.len();
        let mut reader = ReaderBuilder::new()
            .delimiter(delimiter(path).map_err(unreadable)?)
            .flexible(true)
            .from_reader(File::open(path).map_err(unreadable)?);
        let header = reader.headers().map_err(|error| unusable(&error))?.clone();
        Ok(Self {
            columns: columns(&header)?,
            header,
            reader,
            seen: HashMap::new(),
            size: size.max(1),
            next: None,
        })
    }

    /// How far it has been read, in percent.
    pub fn percent(&self) -> u64 {
        self.reader.position().byte().saturating_mul(100) / self.size
    }

    /// The next rows, as many as go into one call; none at the end.
    pub fn chunk(&mut self) -> Result<Vec<Row>, ClientError> {
        let (mut rows, mut records, mut bytes) = (Vec::new(), 0, 0);
        while records < limits::RECORDS_AT_ONCE && rows.len() < 2 * limits::RECORDS_AT_ONCE {
            let row = match self.next.take() {
                Some(row) => row,
                None => match self.row()? {
                    Some(row) => row,
                    None => break,
                },
            };
            if let Ok(record) = &row.read {
                if bytes + record.bytes() > CHUNK_BYTES && records > 0 {
                    self.next = Some(row);
                    break;
                }
                (records, bytes) = (records + 1, bytes + record.bytes());
            }
            rows.push(row);
        }
        Ok(rows)
    }

    fn row(&mut self) -> Result<Option<Row>, ClientError> {
        let mut cells = ByteRecord::new();
        if !self
            .reader
            .read_byte_record(&mut cells)
            .map_err(|error| unusable(&error))?
        {
            return Ok(None);
        }
        Ok(Some(match StringRecord::from_byte_record(cells) {
            Ok(cells) => Row {
                read: self.read(&cells),
                cells,
            },
            Err(error) => Row {
                cells: StringRecord::from_byte_record_lossy(error.into_byte_record()),
                read: Err("The row is not valid UTF-8.".into()),
            },
        }))
    }

    fn read(&mut self, cells: &StringRecord) -> Result<Record, String> {
        if cells.iter().any(|cell| cell.len() > CELL_BYTES) {
            return Err(format!("A cell has more than {CELL_BYTES} bytes."));
        }
        if cells.iter().any(|cell| cell.contains('\0')) {
            return Err("A cell has a character that is none of a text (U+0000).".into());
        }
        let cell = |column| {
            let place = self.columns.iter().position(|of| *of == Some(column));
            place
                .and_then(|place| cells.get(place))
                .unwrap_or_default()
                .trim()
        };
        let number = |column: Column| match cell(column) {
            "" => Ok(0),
            text => text
                .parse()
                .map_err(|_| format!("{column:?}: \"{text}\" is no whole number.")),
        };
        let day = cell(Column::Day);
        let day: chrono::NaiveDate = day
            .parse()
            .map_err(|_| format!("Day: \"{day}\" is no day like 2026-01-31."))?;
        let credits = match cell(Column::Credits) {
            "" => None,
            text => match text.parse::<Credits>() {
                Ok(credits) => Some(credits.to_string()),
                Err(_) => {
                    return Err(format!(
                        "Credits: \"{text}\" is no number with at most four decimals."
                    ));
                }
            },
        };
        let mut record = Record {
            email: cell(Column::Email).to_owned(),
            product_code: cell(Column::Product).to_owned(),
            day: day.to_string(),
            minutes: number(Column::Minutes)?,
            launches: number(Column::Launches)?,
            credits,
            key: cell(Column::Key).to_owned(),
        };
        if record.key.is_empty() {
            record.key = self.key_of(&record);
        }
        Ok(record)
    }

    /// A row without a key is told by what it says, and the second of the same by its number: so it is the same record whenever the file is sent.
    fn key_of(&mut self, record: &Record) -> String {
        let Record {
            minutes,
            launches,
            credits,
            ..
        } = record;
        let (email, product) = (record.email.to_lowercase(), record.product_code.to_lowercase());
        let said = format!(
            "{email}\n{product}\n{}\n{minutes}\n{launches}\n{credits:?}",
            record.day
        );
        let hash = digest(&SHA256, said.as_bytes());
        let mut known = [0; 8];
        known.copy_from_slice(&hash.as_ref()[..8]);
        let count = self.seen.entry(known).or_default();
        *count += 1;
        format!("row-{:016x}-{count}", u64::from_be_bytes(known))
    }
}

fn unusable(error: &csv::Error) -> ClientError {
    ClientError::UsageFile(error.to_string())
}

fn columns(header: &StringRecord) -> Result<Vec<Option<Column>>, ClientError> {
    let columns: Vec<Option<Column>> = header.iter().map(Column::of).collect();
    for column in Column::REQUIRED {
        if !columns.contains(&Some(column)) {
            let text = format!(
                "it has no column {column:?}. Its first line is Email,Product,Day,Minutes,Launches,Credits,Key, of which the first three are needed"
            );
            return Err(ClientError::UsageFile(text));
        }
    }
    for (place, column) in columns.iter().enumerate() {
        if column.is_some() && columns[..place].contains(column) {
            let text = format!("\"{}\" means the same as a column before it", &header[place]);
            return Err(ClientError::UsageFile(text));
        }
    }
    Ok(columns)
}

/// What stands most often in the first line.
fn delimiter(path: &Path) -> std::io::Result<u8> {
    let mut line = String::new();
    // A first line that is no text is refused when it is read.
    let _ = BufReader::new(File::open(path)?.take(64 * 1024)).read_line(&mut line);
    let count = |delimiter: &u8| line.bytes().filter(|byte| byte == delimiter).count();
    Ok([b';', b'\t', b','].into_iter().max_by_key(count).unwrap_or(b','))
}

#[cfg(test)]
mod tests;
