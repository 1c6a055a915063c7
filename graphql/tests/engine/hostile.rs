//! Documents made to keep validation busy: whatever is said of them is said soon.

use std::fmt::Write;
use std::time::{Duration, Instant};

use async_graphql::Request;
use async_graphql::parser::parse_query;
use graphql::Context;
use rstest::rstest;

use crate::roots::Session;
use crate::schema;

const SIZE: usize = 64 * 1024;
/// In a debug build, on a machine that has other things to do.
const LONGEST: Duration = Duration::from_secs(1);

/// As often as it fits.
fn filled(before: &str, part: impl Fn(usize) -> String, after: &str) -> String {
    let mut document = before.to_owned();
    for index in 0.. {
        let part = part(index);
        if document.len() + part.len() + after.len() > SIZE {
            break;
        }
        document.push_str(&part);
    }
    document + after
}

/// At each level two ways for every key, each of them over one type, to what is below: so many paths that the rule would have to follow one by one.
fn doubling(levels: usize, keys: &[&str]) -> String {
    let mut document = "{ thing { ...F0 } }".to_owned();
    for level in 0..levels {
        let ways = |field: &str| -> String {
            let below = format!("{{ thing {{ ...F{} }} }} ", level + 1);
            keys.iter()
                .flat_map(|key| [key, ": ", field, &below].map(str::to_owned))
                .collect()
        };
        let _ = write!(
            document,
            " fragment F{level} on Thing {{ ... on Item {{ {} }} ... on Note {{ {} }} }}",
            ways("nextSure"),
            ways("item")
        );
    }
    format!("{document} fragment F{levels} on Thing {{ n }}")
}

/// Each fragment spreads the next.
fn chain(length: usize) -> String {
    let mut document = "{ item { ...F0 } }".to_owned();
    for index in 0..length {
        let _ = write!(document, " fragment F{index} on Item {{ n ...F{} }}", index + 1);
    }
    format!("{document} fragment F{length} on Item {{ n }}")
}

/// The same key over and over, at every level and on every type.
fn bushy(levels: usize) -> String {
    match levels {
        0 => "n n ... on Item { n } ... on Note { n }".to_owned(),
        _ => {
            let below = format!("{{ thing {{ {} }} }}", bushy(levels - 1));
            format!(
                "... on Item {{ k: nextSure {below} k: nextSure {below} }} ... on Note {{ k: item {below} }}"
            )
        }
    }
}

#[rstest]
#[case::one_key(filled("{ item { ", |_| "n ".to_owned(), "} }"))]
#[case::one_key_with_arguments(filled("{ ", |_| "echo(text: \"x\", number: 1, list: [1, 2]) ".to_owned(), "}"))]
#[case::one_key_with_a_selection(filled("{ ", |_| "item { next { n } } ".to_owned(), "}"))]
#[case::many_keys(filled("{ ", |index| format!("k{index}: item {{ n }} "), "}"))]
#[case::keys_that_conflict(filled("{ item { ", |index| format!("k: {} ", ["n", "note"][index % 2]), "} }"))]
#[case::fragments_of_one_key(filled("{ item { n ", |_| "... on Item { next { n } } ... on Thing { n } ".to_owned(), "} }"))]
#[case::fragments_that_are_spread_over_and_over(
    filled("fragment F on Item { next { n } notes { n } } { item { ", |_| "...F ".to_owned(), "} }")
)]
#[case::fragments_that_nobody_uses(filled("{ item { n } }", |index| format!(" fragment F{index} on Item {{ n }}"), ""))]
#[case::a_chain_of_fragments(chain(40))]
#[case::ways_that_multiply(doubling(7, &["k", "l"]))]
#[case::bushes(format!("{{ thing {{ {} }} }}", bushy(5)))]
#[case::unknown_fields(filled("{ item { ", |index| format!("nothing{index} "), "} }"))]
#[case::unknown_arguments(filled("{ item(", |index| format!("nothing{index}: 1 "), ") { n } }"))]
#[case::variables(filled("query(", |index| format!("$v{index}: Int "), ") { item { n } }"))]
#[case::variables_that_nobody_defined(filled("{ echo(list: [", |index| format!("$v{index} "), "]) }"))]
#[case::a_long_list(filled("{ things(ns: [", |index| format!("{index} "), "]) { n } }"))]
#[case::long_lists_to_compare(
    filled("fragment F on Query { echo(list: [", |index| format!("{index} "), &format!("]) }} {{ {} }}", "...F ... on Query { echo(list: [1]) } ".repeat(50)))
)]
#[case::operations(filled("fragment F on Query { item { n } } ", |index| format!("query Q{index} {{ ...F }} "), ""))]
#[tokio::test]
async fn a_document_of_64_kib_is_judged_within_a_second(#[case] document: String) {
    assert!(
        (1_000..=SIZE).contains(&document.len()),
        "{} bytes",
        document.len()
    );
    let schema = schema();
    let mut request = Request::new("").data(Context::new(Session::default()));
    request.operation_name = document.contains("query Q1").then(|| "Q0".to_owned());
    request.set_parsed_query(parse_query(document).unwrap());
    let begun = Instant::now();
    let answered = schema.execute(request).await;
    let took = begun.elapsed();
    let told = answered
        .errors
        .first()
        .map(|error| error.message.chars().take(80).collect::<String>());
    assert!(took < LONGEST, "{took:?}: {told:?}");
}

#[tokio::test]
async fn fields_that_overlap_in_too_many_ways_are_not_compared_to_the_end() {
    let request = Request::new(doubling(7, &["k", "l"])).data(Context::new(Session::default()));
    let answered = schema().execute(request).await;
    let told: Vec<_> = answered
        .errors
        .iter()
        .map(|error| error.message.as_str())
        .collect();
    assert_eq!(
        told,
        ["The fields of the document overlap in too many ways to compare them."]
    );
}
