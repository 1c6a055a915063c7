//! What holds for every file there can be: an end in time, no panic, no growth, nothing lost.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;

#[test]
fn hostile_files_of_full_size_are_done_with_in_time() {
    // The security page (H1) says 2 s; an unoptimised build on a busy machine may take longer, but not minutes.
    let limit = Duration::from_secs(if cfg!(debug_assertions) { 20 } else { 2 });
    let header = "First Name,Last Name,Email,Products\n";
    for unit in [
        "\"", "\"\"", ",", ";", "\t\n", "\r", "a,b,c\n", "\"a\n", "|", "'", "é",
    ] {
        let bytes = header.to_owned() + &unit.repeat((MAX_FILE_BYTES - header.len()) / unit.len());
        let begin = Instant::now();
        let _ = parse(bytes.as_bytes(), Encoding::Detect, Kind::Users, &[]);
        assert!(begin.elapsed() < limit, "{unit:?} took {:?}", begin.elapsed());
    }
}

/// Bytes of the result that came from the file.
fn size(file: &ParsedFile) -> usize {
    let entry_size = |entry: &Entry| {
        let texts = [
            &entry.given_name,
            &entry.family_name,
            &entry.role,
            &entry.external_id,
        ];
        entry.email.as_typed().len()
            + entry.email.key().len()
            + texts.into_iter().flatten().map(String::len).sum::<usize>()
            + entry.products.iter().map(String::len).sum::<usize>()
    };
    let rows = file.rows.iter().map(|row| {
        row.cells.iter().map(String::len).sum::<usize>() + row.entry.as_ref().map_or(0, entry_size)
    });
    file.columns
        .iter()
        .map(|column| column.header.len())
        .sum::<usize>()
        + rows.sum::<usize>()
}

fn encodings() -> impl Strategy<Value = Encoding> {
    prop::sample::select(vec![
        Encoding::Detect,
        Encoding::Utf8,
        Encoding::Utf16Le,
        Encoding::Utf16Be,
        Encoding::Windows1252,
    ])
}

/// Pieces of which files go wrong, after a good header more often than not.
fn troublesome_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop::sample::select(vec![
        &b"\""[..],
        b"\"\"",
        b",",
        b";",
        b"\t",
        b"\r\n",
        b"\n",
        b"\r",
        b"\xEF\xBB\xBF",
        b"\xFF\xFE",
        b"\xFE\xFF",
        b"\0",
        b"'",
        b"=",
        b"|",
        b"@",
        b"a@b.c",
        b"A",
        b" ",
        b"\xC2\xA0",
        b"\xE9",
        b"\xEF\xBC\x95",
        b"Email",
        b"PK\x03\x04",
        b"<html>",
        b"A,B,a@b.c\n",
    ]);
    let start = prop::sample::select(vec![
        "",
        "First Name,Last Name,Email,Products\n",
        "email;first_name;surname\r\n",
    ]);
    (start, prop::collection::vec(piece, 0..60))
        .prop_map(|(start, pieces)| [start.as_bytes(), &pieces.concat()].concat())
}

fn check_bounds(bytes: &[u8], encoding: Encoding) -> Result<(), TestCaseError> {
    for kind in [Kind::Users, Kind::Assignments] {
        if let Ok(file) = parse(bytes, encoding, kind, &[]) {
            prop_assert!(size(&file) <= 8 * bytes.len() + 64);
            prop_assert!(
                file.rows
                    .iter()
                    .all(|row| !row.entry.as_ref().is_err_and(Vec::is_empty))
            );
            prop_assert!(file.rows.windows(2).all(|pair| pair[0].line < pair[1].line));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic_or_grow(bytes in prop::collection::vec(any::<u8>(), 0..400), encoding in encodings()) {
        check_bounds(&bytes, encoding)?;
    }

    #[test]
    fn no_troublesome_bytes_make_it_panic_or_grow(bytes in troublesome_bytes(), encoding in encodings()) {
        check_bounds(&bytes, encoding)?;
    }

    #[test]
    fn cells_that_were_written_are_read_again(
        cells in prop::collection::vec("[a-z\",;|\\r\\n\\t'= é山😀\u{a0}]{0,12}", 1..30),
        delimiter in prop::sample::select(vec![b',', b';', b'\t']),
        crlf in any::<bool>(),
    ) {
        let terminator = if crlf { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
        let mut writer = csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
        writer.write_record(["Email", "First Name", "Last Name", "Notes"]).unwrap();
        for cell in &cells {
            writer.write_record(["a@b.c", "A", "B", cell]).unwrap();
        }
        let file = parse(&writer.into_inner().unwrap(), Encoding::Detect, Kind::Users, &[]).unwrap();
        let read_again: Vec<&String> = file.rows.iter().map(|row| &row.cells[3]).collect();
        prop_assert_eq!(read_again, cells.iter().collect::<Vec<_>>());
        prop_assert_eq!(file.form.delimiter, char::from(delimiter));
    }
}
