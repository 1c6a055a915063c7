//! The access matrix: every field of every type and every mutation, for everybody there is. What the schema's text declares is what happens.
//!
//! The list of fields is read from the schema, so a new one is tried without anybody thinking of it; `docs/access.md` shows what was declared, and changes
//! with it. A field nobody can get to, or a rule nothing could be seen of, fails.

mod contract;
mod fields;
mod mutations;
mod outsiders;
mod page;
mod paths;
mod people;
mod subscriptions;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::Client;
use contract::Contract;

/// Mutations any member may call, because they concern nobody but them.
const OWN_MUTATIONS: [&str; 1] = ["updateViewerProfile"];

fn code(answer: &Value) -> &str {
    answer["errors"][0]["extensions"]["code"]
        .as_str()
        .unwrap_or("none")
}

async fn send(client: &Client, query: &str) -> Value {
    client.send(query, json!({})).await.1
}

#[test]
fn every_mutation_says_who_may_call_it_and_answers_a_payload() {
    for field in &Contract::read().objects["Mutation"] {
        let is_ruled = !field.rule.is_open() || OWN_MUTATIONS.contains(&field.name.as_str());
        assert!(is_ruled, "{} has no @access", field.name);
        assert!(
            field.kind.ends_with("Payload"),
            "{} answers {}",
            field.name,
            field.kind
        );
    }
}

#[test]
fn every_type_can_be_reached() {
    let contract = Contract::read();
    let roots = ["Query", "Mutation", "Subscription"];
    let reached: BTreeSet<String> = roots.iter().flat_map(|root| contract.reachable(root)).collect();
    let lost: Vec<&String> = contract
        .objects
        .keys()
        .filter(|name| !reached.contains(*name))
        .collect();
    assert!(lost.is_empty(), "nothing leads to {lost:?}");
}
