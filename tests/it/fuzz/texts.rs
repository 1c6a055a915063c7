//! Files, lists and ids: read without a server.

use entity::ids;
use muster::imports::parse::{Encoding, Kind, MAX_CELL_BYTES, MAX_ROWS, parse};
use muster::users::recipients::recipients;
use proptest::prelude::*;

use super::{edited, edits, fuzz};

const FILE: &str = "First Name;Last Name;Email;Role;Products;External ID\n\"Grace\";\"Hop\"\"per\";grace@demo.example;;DRAW|RENDER;7\nAlan,Turing,alan@demo.example\n";

fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        &[
            "\"",
            "\"\"",
            ";",
            ",",
            "\t",
            "|",
            "\n",
            "\r",
            "\r\n",
            "\u{feff}",
            "=cmd|' /C calc'!A0",
            "@",
            "Email",
            "a@b.example",
            "\u{0}",
            "\u{a0}",
            "\u{202e}",
            "ＡＢ",
            "\u{1f468}\u{200d}\u{1f469}",
            "<",
            ">",
            "first name",
            "sep=;\n",
        ][..],
    );
    prop::collection::vec(piece, 0..200).prop_map(|pieces| pieces.concat())
}

fn file() -> impl Strategy<Value = Vec<u8>> {
    let text = prop_oneof![
        3 => edits(pieces()).prop_map(|edits| edited(FILE, &edits)),
        2 => pieces(),
        1 => (1_usize..60_000).prop_map(|length| format!("Email\n\"{}", "x".repeat(length))),
        1 => (1_usize..8_000).prop_map(|rows| format!("Email\n{}", "a@b.example\n".repeat(rows))),
        1 => (1_usize..400).prop_map(|columns| format!("{}\n", "Email,".repeat(columns))),
    ];
    let utf_16 = |text: &str| {
        text.encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect::<Vec<u8>>()
    };
    prop_oneof![
        4 => text.clone().prop_map(String::into_bytes),
        1 => text.prop_map(move |text| [&[0xff, 0xfe][..], &utf_16(&text)].concat()),
        1 => prop::collection::vec(any::<u8>(), 0..3_000),
    ]
}

#[test]
fn any_file_is_read_or_refused() {
    let encoding = prop::sample::select(
        &[
            Encoding::Detect,
            Encoding::Utf8,
            Encoding::Utf16Le,
            Encoding::Utf16Be,
            Encoding::Windows1252,
        ][..],
    );
    let kind = prop::sample::select(&[Kind::Users, Kind::Assignments][..]);
    fuzz(&(file(), encoding, kind), |(bytes, encoding, kind)| {
        let Ok(parsed) = parse(&bytes, encoding, kind, &[]) else {
            return Ok(());
        };
        let cells = parsed.rows.iter().flat_map(|row| &row.cells);
        let is_bounded =
            parsed.rows.len() <= MAX_ROWS && cells.clone().all(|cell| cell.len() <= MAX_CELL_BYTES);
        match is_bounded && parsed.rows.windows(2).all(|pair| pair[0].line < pair[1].line) {
            true => Ok(()),
            false => Err("rows out of bounds or out of order".to_owned()),
        }
    });
}

#[test]
fn any_list_of_people_is_read_within_its_length() {
    let list = prop_oneof![
        pieces(),
        ".{0,400}",
        edits(pieces()).prop_map(|edits| edited(
            "\"Hopper, Grace\" <grace@demo.example>; alan@demo.example\n",
            &edits
        ))
    ];
    fuzz(&list, |list| match recipients(&list, 200) {
        Ok(list) if list.entries.len() > 200 => Err("longer than allowed".to_owned()),
        _ => Ok(()),
    });
}

#[test]
fn an_id_that_is_read_is_written_alike() {
    let known = "usr_01J8Z6D5VQ0000000000000000";
    let text = prop_oneof![
        edits("[0-9A-Za-z_]{0,3}").prop_map(move |edits| edited(known, &edits)),
        "[a-z]{3}_[0-9A-Za-z]{26}",
        ".{0,60}"
    ];
    fuzz(&text, |text| match ids::parse(&text) {
        Some((kind, id)) if !kind.text(id).eq_ignore_ascii_case(&text) => {
            Err(format!("read as {}", kind.text(id)))
        }
        _ => Ok(()),
    });
}
