use proptest::prelude::*;

use super::*;

fn read(text: &str) -> Vec<(u32, Vec<String>)> {
    Records::new(text, 1, ',')
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
    let refusal = Records::new(text, 1, ',').find_map(Result::err).unwrap();
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

fn garbled(text: &str) -> Vec<(u32, bool)> {
    let records = Records::new(text, 1, ',').map(Result::unwrap);
    records.map(|record| (record.line, record.is_garbled)).collect()
}

#[test]
fn blanks_around_a_quoted_cell_are_not_part_of_it() {
    for text in [
        "a, \"Sam\" ,\"Space\"",
        "a,\u{a0}\"Sam\",\t\"Space\"  ",
        "a,\u{200f}\"Sam\"\u{feff}, \"Space\"\r\n",
    ] {
        assert_eq!(read(text)[0].1, ["a", "Sam", "Space"], "{text:?}");
        assert_eq!(garbled(text), [(1, false)]);
    }
    assert_eq!(
        read("a, Sam ,\" b \"")[0].1,
        ["a", " Sam ", " b "],
        "what is inside stays"
    );
    let tabs: Vec<_> = Records::new("a\t \"b\"\t\t\"c\"", 1, '\t')
        .map(Result::unwrap)
        .collect();
    assert_eq!(tabs[0].cells, ["a", "b", "", "c"], "a delimiter is no blank");
}

#[test]
fn marks_that_make_no_sense_garble_their_record_and_no_other() {
    let sound = "x,y,z\n";
    for bad in [
        "\"Beth \\\"Bee\\\"\",Stone,b@x",
        "\"Screen 5\\\"\",Stone,b@x",
        "\"Says \\\"hi, you\\\"\",Stone,b@x",
        "\"Beth\" Bee,Stone,b@x",
        "\"Beth\"\"Bee\" x,Stone,b@x",
        "Beth \\\"Bee\\\",Stone,b@x",
        "Be\"th,Stone,b@x",
        "Beth \"Bee, the Bold\",Stone,b@x",
        "Beth \"\"Bee\"\",Stone,b@x",
    ] {
        let text = format!("{sound}{bad}\n\"q\",\"r\",s\n{sound}");
        assert_eq!(
            garbled(&text),
            [(1, false), (2, true), (3, false), (4, false)],
            "{bad:?}"
        );
    }
    // A mark that opened by mistake and met its partner lines below takes its own line along, and at most that one.
    assert_eq!(
        garbled("\"Beth,Stone,b@x\nc,d,e\nf,g,\"h\"\ni,j,k\n"),
        [(1, true), (2, false), (3, false), (4, false)]
    );
}

#[test]
fn marks_in_a_bare_cell_that_make_sense_are_characters() {
    for cell in [
        "Bob \"Bo\" Stone",
        "(\"Bo\")",
        "Monitor 27\"",
        "=\"00123\"",
        "'=\"00123\"",
        "\"quoted\"",
    ] {
        assert_eq!(garbled(&format!("a,{cell},b")), [(1, false)], "{cell}");
    }
    assert_eq!(read("Bob \"Bo\" Stone,x")[0].1[0], "Bob \"Bo\" Stone");
}

proptest! {
    #[test]
    fn sound_cells_are_cut_as_by_the_csv_crate(text in "[a\",;\\n\\ré]{0,60}", delimiter in prop::sample::select(vec![',', ';'])) {
        let ours: Result<Vec<_>, _> = Records::new(&text, 1, delimiter).collect();
        // It takes an open quote to the end of the text, which we refuse, and marks that make no sense as they come.
        if let Ok(ours) = ours
            && ours.iter().all(|record| !record.is_garbled)
        {
            let ours: Vec<_> = ours.into_iter().map(|record| record.cells).collect();
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
