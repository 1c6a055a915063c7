//! Documents made to keep the server busy, as large as a body may be: each is answered soon, and without a fault of ours.

use entity::account::Plan;
use rstest::rstest;
use serde_json::json;

use super::Visitor;
use crate::support::{Database, House, team};

const SIZE: usize = 120 * 1024;

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

fn many(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

/// As many selections as there may be, every fragment in its place: twelve that each spread the next one twice.
fn doubling(on: &str, fields: &str) -> String {
    let fragment = |level: usize| {
        format!(
            " fragment F{level} on {on} {{ {fields} ...F{0} ...F{0} }}",
            level + 1
        )
    };
    let fragments = many(10, fragment);
    format!("{fragments} fragment F10 on {on} {{ {fields} }}")
}

fn documents() -> Vec<(&'static str, String)> {
    let long = "x".repeat(SIZE);
    vec![
        ("a name", format!("{{ {long} }}")),
        ("a name of a mutation", format!("mutation {{ {long} }}")),
        (
            "names as long as they may be",
            filled("{ account { ", |_| format!("{} ", "x".repeat(199)), "} }"),
        ),
        (
            "unknown fields",
            format!("{{ account {{ {} }} }}", "givenNames ".repeat(2_900)),
        ),
        (
            "unknown types",
            filled(
                "{ account { ",
                |index| format!("... on Nothing{index} {{ id }} "),
                "} }",
            ),
        ),
        ("a text", format!("{{ node(id: \"{long}\") {{ id }} }}")),
        ("one key", format!("{{ account {{ {} }} }}", "id ".repeat(2_900))),
        (
            "one key with a selection",
            format!("{{ account {{ {} }} }}", "users { nodes { id } } ".repeat(350)),
        ),
        (
            "fragments that double",
            format!(
                "{{ account {{ ...F0 }} }} {}",
                doubling("Account", "id users { nodes { id email } }")
            ),
        ),
        (
            "fragments that double on interfaces",
            format!(
                "{{ node(id: \"x\") {{ ...F0 }} }} {}",
                doubling("Node", "id ... on User { account { id } } ... on Import { id }")
            ),
        ),
        (
            "a subject of a subject",
            format!(
                "{{ viewer {{ notifications {{ nodes {{ {}id{} }} }} }} }}",
                "subject { ... on Notification { title ".repeat(7),
                " } }".repeat(7)
            ),
        ),
        (
            "fragments that nobody uses",
            format!(
                "{{ account {{ id }} }}{}",
                many(400, |index| format!(" fragment F{index} on User {{ id }}"))
            ),
        ),
        (
            "variables",
            format!(
                "query({}) {{ account {{ id }} }}",
                many(700, |index| format!("$v{index}: Int "))
            ),
        ),
        (
            "a list",
            format!("{{ nodes(ids: [{}]) {{ id }} }}", "\"x\" ".repeat(2_900)),
        ),
    ]
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_document_keeps_the_server_busy(#[values(Database::Sqlite)] database: Database) {
    let house = House::open(database).await;
    let team = team(&house, "one", Plan::Premium).await;
    let mut visitor = Visitor {
        client: team.admin.clone(),
        email: "admin@one.example".to_owned(),
        faults: Vec::new(),
    };
    for (what, document) in documents() {
        assert!(document.len() < 128 * 1024, "{what}");
        visitor.send(&house, what, &document, json!({})).await;
    }
    assert!(visitor.faults.is_empty(), "{:#?}", visitor.faults);
    house.close().await;
}
