use std::io::Write;

use super::*;

fn file(text: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text).unwrap();
    file
}

fn chunks(text: &str) -> Vec<Vec<Row>> {
    let file = file(text.as_bytes());
    let mut usage = UsageFile::open(file.path()).unwrap();
    let mut chunks = Vec::new();
    loop {
        match usage.chunk().unwrap() {
            rows if rows.is_empty() => return chunks,
            rows => chunks.push(rows),
        }
    }
}

fn record(row: &Row) -> Record {
    row.read.clone().unwrap()
}

#[test]
fn columns_are_told_by_their_names_and_rows_without_a_key_by_what_they_say() {
    let text = "\u{feff}E-Mail; PRODUCT_CODE;date;Sessions;Credits;Team\n\
         a@x.example;DRAW;2026-11-01;2;1.50;one\na@x.example;draw;2026-11-01;2;1.5;two\nb@x.example;DRAW;2026-11-01;;;\n";
    let rows = chunks(text).remove(0);
    let first = record(&rows[0]);
    assert_eq!(
        (
            first.email.as_str(),
            first.product_code.as_str(),
            first.minutes,
            first.launches
        ),
        ("a@x.example", "DRAW", 0, 2)
    );
    assert_eq!(first.credits.as_deref(), Some("1.5"));
    let keys: Vec<String> = rows.iter().map(|row| record(row).key).collect();
    assert_eq!(
        keys[0].strip_suffix("-1"),
        keys[1].strip_suffix("-2"),
        "the same said twice"
    );
    assert!(keys[2].ends_with("-1") && keys[2] != keys[0]);
    let again: Vec<String> = chunks(text).remove(0).iter().map(|row| record(row).key).collect();
    assert_eq!(again, keys);
}

#[test]
fn rows_that_cannot_be_sent_say_why_and_spoil_no_others() {
    let rows = chunks(
        "Email,Product,Day,Minutes,Credits,Key\na@x.example,DRAW,2026-11-31,1,,\na@x.example,DRAW,2026-11-30,1.5,,\n\
         a@x.example,DRAW,2026-11-30,1,1e3,\na@x.example,DRAW,2026-11-30,1,,k\na@x.example,DRAW\n",
    )
    .remove(0);
    let told: Vec<String> = rows
        .iter()
        .map(|row| row.read.clone().err().unwrap_or_default())
        .collect();
    assert_eq!(told[0], "Day: \"2026-11-31\" is no day like 2026-01-31.");
    assert_eq!(told[1], "Minutes: \"1.5\" is no whole number.");
    assert!(told[2].starts_with("Credits: \"1e3\""), "{}", told[2]);
    assert_eq!(record(&rows[3]).key, "k");
    assert!(told[4].starts_with("Day: \"\""));
}

#[test]
fn a_long_file_comes_in_chunks_of_a_thousand_and_of_what_a_call_can_carry() {
    let file = |header: &str, count: i32, row: &dyn Fn(i32) -> String| {
        let rows = (0..count).map(row).collect::<String>();
        format!("{header}\n{rows}")
    };
    let text = file("Email,Product,Day,Minutes", 2_500, &|number| {
        format!("p{number}@x.example,DRAW,2026-11-01,1\n")
    });
    let lengths = |chunks: Vec<Vec<Row>>| chunks.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!(lengths(chunks(&text)), [1_000, 1_000, 500]);
    let long = file("Email,Product,Day,Minutes,Key", 500, &|number| {
        format!("p@x.example,DRAW,2026-11-01,1,{number}{}\n", "k".repeat(900))
    });
    let chunks = chunks(&long);
    assert!(chunks.len() > 2 && chunks.iter().map(Vec::len).sum::<usize>() == 500);
}

#[test]
fn what_is_no_file_of_usage_is_refused_with_its_reason() {
    for (text, told) in [
        ("", "no column Email"),
        ("Email,Product\n", "no column Day"),
        ("Email,Product,Day,Date\n", "\"Date\" means the same"),
    ] {
        let file = file(text.as_bytes());
        let error = UsageFile::open(file.path()).err().unwrap().to_string();
        assert!(error.contains(told), "{error}");
    }
    assert!(UsageFile::open(file(b"\xff\xfe\x00").path()).is_err());
    assert!(matches!(
        UsageFile::open(Path::new("nowhere.csv")),
        Err(ClientError::File { .. })
    ));
}
