//! GraphQL documents: real ones with slips in them, heaps of tokens, and much within much.

use std::path::Path;

use proptest::prelude::*;

use super::{edited, edits};

const TOKENS: [&str; 56] = [
    "{",
    "}",
    "(",
    ")",
    "[",
    "]",
    ":",
    "!",
    "=",
    "|",
    "&",
    "$",
    "@",
    "...",
    ",",
    " ",
    "\n",
    "#",
    "\"",
    "\"\"\"",
    "\\",
    "query",
    "mutation",
    "subscription",
    "fragment",
    "on",
    "true",
    "false",
    "null",
    "@skip(if: true)",
    "@include(if: $v)",
    "account",
    "users",
    "first",
    "nodes",
    "id",
    "node",
    "__typename",
    "__schema",
    "__type",
    "types",
    "fields",
    "ofType",
    "viewer",
    "User",
    "$v",
    "Int",
    "[ID!]!",
    "0",
    "-1",
    "1e400",
    "99999999999999999999",
    "1.5",
    "\"a\\u0000b\"",
    "\u{feff}",
    "ü",
];

/// What can stand within itself.
const NESTS: [(&str, &str); 12] = [
    ("{a", "}"),
    ("{", "}"),
    ("[", "]"),
    ("(a:[", "])"),
    ("{a:", "}"),
    ("...{", "}"),
    ("...on User{", "}"),
    ("query($v:[", "]"),
    ("{a(a:{a:", "})}"),
    ("{a@skip(if:[", "])}"),
    ("fragment F on User{...", "}"),
    ("\"\"\"", "\"\"\""),
];

/// The operations of an app, as they are in the repository.
pub fn operations() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm/operations");
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().path());
    let mut files: Vec<_> = files.filter(|path| path.is_file()).collect();
    files.sort();
    let read = files.iter().map(|path| std::fs::read_to_string(path).unwrap());
    let mut found: Vec<String> = read.collect();
    found.push("{ account { name users(first: 2) { nodes { id displayName } } } }".to_owned());
    found.push("query($v: UserFilter) { account { users(first: 1, filter: $v) { totalCount } } }".to_owned());
    found
}

pub fn document() -> impl Strategy<Value = String> {
    let token = || prop::sample::select(&TOKENS[..]).prop_map(str::to_owned);
    let heap = prop::collection::vec(token(), 0..300).prop_map(|tokens| tokens.join(" "));
    let nest = (
        prop::sample::select(&NESTS[..]),
        1_usize..4_000,
        any::<bool>(),
        token(),
    )
        .prop_map(|((open, close), levels, is_closed, inner)| {
            let levels_back = if is_closed { levels } else { 0 };
            let start = if open.starts_with(['[', '(']) {
                "{ a(b:"
            } else {
                ""
            };
            format!(
                "{start}{}{inner}{}",
                open.repeat(levels),
                close.repeat(levels_back)
            )
        });
    let real =
        (prop::sample::select(operations()), edits(token())).prop_map(|(text, edits)| edited(&text, &edits));
    prop_oneof![2 => heap, 1 => nest, 3 => real, 1 => ".{0,200}"]
}
