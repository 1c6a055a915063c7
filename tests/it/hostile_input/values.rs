//! What somebody may send who means no good, or whose program is broken.

use serde_json::{Value, json};

use crate::support::shape::Shape;

/// Variables may have 64 KiB; this leaves room for the rest.
const TEXT: usize = 60 * 1024;
const ITEMS: usize = 10_000;

/// What to try where a value of a type is wanted, with a name for each.
pub fn hostile(shape: &Shape, of: &Value) -> Vec<(&'static str, Value)> {
    match of["kind"].as_str().unwrap() {
        "NON_NULL" => {
            let mut tried = hostile(shape, &of["ofType"]);
            tried.push(("null", Value::Null));
            tried
        }
        "LIST" => list(shape, &of["ofType"]),
        "INPUT_OBJECT" => vec![
            ("nested deeply", nested(120, &|inner| json!({ "and": inner }))),
            ("many members", many_members()),
            ("a list", json!([[], []])),
        ],
        "ENUM" => vec![("a long text", json!("X".repeat(TEXT))), ("a number", json!(1))],
        _ => scalar(of["name"].as_str().unwrap()),
    }
}

fn list(shape: &Shape, of: &Value) -> Vec<(&'static str, Value)> {
    let item = match of["kind"].as_str().unwrap() {
        "NON_NULL" => &of["ofType"],
        _ => of,
    };
    let name = item["name"].as_str().unwrap();
    let short = match (item["kind"].as_str().unwrap(), name) {
        ("ENUM", _) => json!(shape.names(name)[0]),
        ("INPUT_OBJECT", _) => json!({}),
        (_, "Int") => json!(1),
        (_, "ID") => json!("usr_1"),
        _ => json!("a"),
    };
    // As many as the variables have room for.
    let fitting = ITEMS.min(TEXT / (short.to_string().len() + 1));
    let mut tried = vec![
        ("many items", Value::Array(vec![short.clone(); fitting])),
        (
            "many different items",
            (0..TEXT / 10).map(|number| json!(format!("a{number}"))).collect(),
        ),
        ("none", json!([])),
        ("nested deeply", nested(120, &|inner| json!([inner]))),
        ("with null in it", json!([short, null])),
    ];
    tried.extend(
        hostile(shape, of)
            .into_iter()
            .map(|(what, value)| (what, json!([value]))),
    );
    tried
}

fn scalar(name: &str) -> Vec<(&'static str, Value)> {
    match name {
        "Int" => vec![
            ("the largest", json!(i32::MAX)),
            ("the least", json!(i32::MIN)),
            ("one below zero", json!(-1)),
            ("more than fits", json!(i64::MAX)),
            ("unsigned", json!(u64::MAX)),
            ("far too much", json!(1e300)),
            ("a part", json!(1.5)),
            ("a text", json!("1")),
        ],
        "Boolean" => vec![("a number", json!(1)), ("a text", json!("true"))],
        "DateTime" => vec![
            ("the last there is", json!("+262142-12-31T23:59:59.999999999Z")),
            ("the first there is", json!("-262143-01-01T00:00:00Z")),
            ("before any calendar", json!("-9999-01-01T00:00:00Z")),
            ("the year nought", json!("0000-01-01T00:00:00Z")),
            ("the year ten thousand", json!("9999-12-31T23:59:59-23:59")),
            ("a leap second", json!("2016-12-31T23:59:60.999999999Z")),
            ("a long text", json!("9".repeat(TEXT))),
        ],
        "Date" => vec![
            ("the last there is", json!("+262142-12-31")),
            ("the first there is", json!("-262143-01-01")),
            ("before any calendar", json!("-9999-01-01")),
            ("the year nought", json!("0000-01-01")),
            ("no day", json!("2026-02-30")),
            ("a long text", json!("9".repeat(TEXT))),
        ],
        "ID" => vec![
            ("nothing", json!("")),
            ("a long text", json!("x".repeat(TEXT))),
            ("a long id", json!(format!("usr_{}", "0".repeat(TEXT)))),
            ("the highest id", json!("usr_7ZZZZZZZZZZZZZZZZZZZZZZZZZ")),
            ("more than an id holds", json!("usr_ZZZZZZZZZZZZZZZZZZZZZZZZZZ")),
            ("a number", json!(u64::MAX)),
        ],
        _ => vec![
            ("nothing", json!("")),
            ("a long text", json!("x".repeat(TEXT))),
            ("many words", json!(words(TEXT))),
            ("many entries", json!("a@b.example;".repeat(TEXT / 12))),
            ("only separators", json!("; ,\t ".repeat(TEXT / 6))),
            (
                "what grows when it is normalised",
                json!("\u{fdfa}".repeat(TEXT / 3)),
            ),
            (
                "marks on one letter",
                json!(format!("a{}", "\u{301}".repeat(TEXT / 2))),
            ),
            ("wildcards", json!("%_\\".repeat(TEXT / 6))),
            (
                "one wildcard word after the other",
                json!("%a_ ".repeat(TEXT / 4)),
            ),
            ("open quotes", json!("\"<".repeat(TEXT / 4))),
            (
                "right to left",
                json!("\u{202e}\u{2066}\u{feff}".repeat(TEXT / 9)),
            ),
            (
                "outside the first plane",
                json!("\u{1f468}\u{200d}\u{1f469}".repeat(TEXT / 11)),
            ),
            ("a line feed", json!("a\r\nBcc: b@c.example")),
        ],
    }
}

/// Different words, as many as there is room for.
fn words(room: usize) -> String {
    let mut text = String::with_capacity(room);
    for number in 0.. {
        let word = format!("{number:x} ");
        if text.len() + word.len() > room {
            break;
        }
        text.push_str(&word);
    }
    text
}

fn nested(levels: usize, wrap: &dyn Fn(Value) -> Value) -> Value {
    (0..levels).fold(json!("x"), |inner, _| wrap(inner))
}

fn many_members() -> Value {
    let members = (0..TEXT / 12).map(|number| (format!("m{number}"), json!(1)));
    Value::Object(members.collect())
}
