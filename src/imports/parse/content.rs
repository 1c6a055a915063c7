//! Is this a CSV file at all? Judged by content, never by the name: a spreadsheet renamed to `.csv` is the usual slip, and
//! an archive or a web page the usual attack.

use super::encoding::line_ends;
use super::refused_at;
use crate::error::{Code, Refusal};

/// First bytes of what people upload instead of a CSV file.
const OTHER_FORMATS: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "an Excel workbook or a ZIP archive"),
    (b"PK\x05\x06", "a ZIP archive"),
    (b"\xD0\xCF\x11\xE0", "an Excel 97-2003 workbook"),
    (b"\x1F\x8B", "a GZIP archive"),
    (b"%PDF-", "a PDF document"),
    (b"{\\rtf", "a Rich Text document"),
];

pub(super) fn refuse_other_formats(bytes: &[u8]) -> Result<(), Refusal> {
    match OTHER_FORMATS.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        Some((_, format)) => Err(not_csv(1, &format!("The file is {format}"))),
        None => Ok(()),
    }
}

pub(super) fn refuse_other_text(text: &str) -> Result<(), Refusal> {
    if let Some(at) = text.find('\0') {
        return Err(not_csv(
            1 + line_ends(&text[..at]),
            "The file holds NUL bytes, as binary files and unmarked UTF-16 do",
        ));
    }
    // HTML and XML: no column is headed by a tag.
    let markup = text.trim_start().strip_prefix('<');
    if markup
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic() || matches!(c, '!' | '?')))
    {
        return Err(not_csv(1, "The file is a web page or an XML document"));
    }
    Ok(())
}

fn not_csv(line: u32, what: &str) -> Refusal {
    let message = format!("{what}, not a CSV file. Save the list as \"CSV UTF-8\" and upload that.");
    refused_at(line, Code::FileNotCsv, message)
}
