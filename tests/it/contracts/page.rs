//! The operations of `docs/contracts.md`, sent as they stand there.

use std::collections::BTreeMap;

use entity::account::Plan;
use serde_json::{Value, json};

use super::support::day;
use crate::seats::support::product_of;
use crate::support::{Database, House, add_product, blocks, refusals, team, variables};

const PAGE: &str = include_str!("../../../docs/contracts.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_does_what_it_says() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let mut known = BTreeMap::from([
        ("productId", json!(product_of(&team, &draw).await)),
        ("firstDay", json!(day(&house, 0))),
        ("lastDay", json!(day(&house, 364))),
        ("trialEnds", json!(day(&house, 30))),
        ("earlier", json!(day(&house, 100))),
        ("number", json!("2026-0815")),
        ("after", Value::Null),
        ("key", json!("a key of one's own")),
        ("contractId", Value::Null),
        ("subscriptionId", Value::Null),
        ("contractVersion", Value::Null),
        ("subscriptionVersion", Value::Null),
    ]);
    let operations = blocks(PAGE, "graphql");
    assert!(operations.len() >= 9, "{}", operations.len());
    for operation in operations {
        let answer = team.admin.ask(operation, variables(operation, &known)).await;
        assert_eq!(refusals(&answer), Vec::<Value>::new(), "{operation}\n{answer:#}");
        for payload in answer.as_object().unwrap().values() {
            for (kind, id, version) in [
                ("contract", "contractId", "contractVersion"),
                ("subscription", "subscriptionId", "subscriptionVersion"),
            ] {
                if payload[kind]["id"].is_string() {
                    known.insert(id, payload[kind]["id"].clone());
                    known.insert(version, payload[kind]["version"].clone());
                }
            }
        }
    }
    house.settle_jobs().await;
    house.close().await;
}
