//! The bounds of everything that comes in: every argument has one, and `docs/limits.md` says which. That they are held to is shown by `hostile_input`.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;

use async_graphql::Positioned;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{BaseType, InputValueDefinition, TypeKind, TypeSystemDefinition};
use graphql::wire::bounds::{AT_ONCE, BOUNDS};
use muster::limits::ALL;
use muster::rate_limit::rates;

const HEAD: &str = "# Limits

How much of anything may come in, and how often. Made from `src/limits.rs`, `src/rate_limit/rates.rs` and the transports' own bounds; `UPDATE_DOCS=1 cargo nextest run limits` writes it anew. What is longer,
more or later is refused with `BAD_USER_INPUT`, or with a code in `userErrors` where somebody can mend it, before anything is done with it.

## Requests

A document or a message beyond these is refused whole: `COST_LIMIT_EXCEEDED`, a status of HTTP (413) or a close of the socket.

| what | at most |
| --- | --- |
";

const TOGETHER: &str = "
## How much at once

The values of an answer lie in memory until it is written, its text until it has been taken. So a process admits operations by what they cost (`@cost` in the schema; an introspection
counts 1 for every 25 values, a written answer 1 for every KiB until it has been taken), small and large ones apart, accounts by turns. Whoever finds no room waits, and is then answered
`BUSY` with `retryAfterSeconds`; nothing was done.

| what | at most |
| --- | --- |
";

const OFTEN: &str = "
## How often

Counted in the database, so that all replicas count together (`src/rate_limit`). What is more is refused with `RATE_LIMITED`; `retryAfterSeconds`, and `retry-after`
over plain HTTP, say when to try again. A network is an IPv4 address or an IPv6 /64.

| what | at most |
| --- | --- |
";

fn page() -> String {
    let mut page = HEAD.to_owned();
    for bound in BOUNDS {
        writeln!(
            page,
            "| {} | {} {} |",
            bound.meaning,
            grouped(bound.value),
            bound.unit
        )
        .unwrap();
    }
    page.push_str(TOGETHER);
    for bound in AT_ONCE {
        writeln!(
            page,
            "| {} | {} {} |",
            bound.meaning,
            grouped(bound.value),
            bound.unit
        )
        .unwrap();
    }
    page.push_str("\n## What stands in them\n\n| what | at most | holds for |\n| --- | --- | --- |\n");
    for limit in ALL {
        let places: Vec<String> = limit.holds_for.iter().map(|place| format!("`{place}`")).collect();
        writeln!(
            page,
            "| {} | {} {} | {} |",
            limit.meaning,
            grouped(limit.value),
            limit.unit,
            places.join(", ")
        )
        .unwrap();
    }
    page.push_str(OFTEN);
    for rate in rates::ALL {
        writeln!(
            page,
            "| {} | {} in {} |",
            rate.meaning,
            grouped(rate.most),
            in_words(rate.within)
        )
        .unwrap();
    }
    page
}

fn in_words(time: chrono::Duration) -> String {
    match time.num_minutes() {
        1 => "a minute".to_owned(),
        minutes => format!("{minutes} minutes"),
    }
}

/// 5242880 as people read it.
fn grouped(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn the_page_of_limits_is_the_one_the_code_keeps() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/limits.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&file, page()).unwrap();
    }
    let written = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        written == page(),
        "docs/limits.md is out of date; `UPDATE_DOCS=1 cargo nextest run limits` writes it"
    );
}

#[test]
fn every_argument_that_could_be_long_or_many_or_much_has_a_limit() {
    let needed = needed();
    let named: BTreeSet<&str> = ALL.iter().flat_map(|limit| limit.holds_for).copied().collect();
    let has_limit = |place: &String| {
        let everywhere = place.rfind('(').map(|at| format!("*{}", &place[at..]));
        named.contains(place.as_str()) || everywhere.is_some_and(|place| named.contains(place.as_str()))
    };
    let without: Vec<_> = needed.iter().filter(|place| !has_limit(place)).collect();
    assert!(
        without.is_empty(),
        "without a limit in src/limits.rs: {without:#?}"
    );
    let gone: Vec<_> = named
        .iter()
        .filter(|place| !place.starts_with('*') && !needed.contains(**place))
        .collect();
    assert!(gone.is_empty(), "src/limits.rs names what is no more: {gone:#?}");
}

/// Arguments and members of inputs whose values are texts, numbers, times or lists.
fn needed() -> BTreeSet<String> {
    let mut needed = BTreeSet::new();
    for definition in parse_schema(muster::api::sdl()).unwrap().definitions {
        let TypeSystemDefinition::Type(definition) = definition else {
            continue;
        };
        let name = definition.node.name.node.as_str();
        match &definition.node.kind {
            TypeKind::InputObject(input) => {
                let members = input.fields.iter().filter(|member| is_unbounded(&member.node));
                needed.extend(members.map(|member| format!("{name}.{}", member.node.name.node)));
            }
            TypeKind::Object(object) => {
                for field in &object.fields {
                    let arguments = field
                        .node
                        .arguments
                        .iter()
                        .filter(|argument| is_unbounded(&argument.node));
                    let place = |argument: &Positioned<InputValueDefinition>| {
                        format!("{name}.{}({})", field.node.name.node, argument.node.name.node)
                    };
                    needed.extend(arguments.map(place));
                }
            }
            _ => {}
        }
    }
    needed
}

fn is_unbounded(value: &InputValueDefinition) -> bool {
    match &value.ty.node.base {
        BaseType::List(_) => true,
        BaseType::Named(name) => ["String", "Int", "DateTime", "Date", "Decimal"].contains(&name.as_str()),
    }
}
