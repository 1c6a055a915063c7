//! The operations of `docs/groups.md`, sent as they stand there.

use std::collections::BTreeMap;

use entity::account::Plan;
use serde_json::{Value, json};

use super::support::{group, people, product_of};
use crate::support::{Database, House, add_product, blocks, refusals, team, variables};

const PAGE: &str = include_str!("../../../docs/groups.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_does_what_it_says() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let ink = add_product(&house, "acme", "INK", 10).await;
    let users = people(&team, "p", 8).await;
    let support = group(&team, "Support", &users[..2], &[&ink]).await;
    let mut known = BTreeMap::from([
        ("groupId", json!(support)),
        ("otherGroupId", json!(group(&team, "Another", &[], &[]).await)),
        ("productId", json!(product_of(&team, &draw).await)),
        ("subscriptionIds", json!([draw, ink])),
        ("userIds", json!(users[..6])),
        ("userId", json!(users[0])),
        ("search", json!("p7")),
        ("name", json!("Design")),
        ("key", json!("a key of one's own")),
        ("after", Value::Null),
        ("email", json!("new@acme.example")),
        ("leaving", json!(users[..1])),
    ]);
    let operations = blocks(PAGE, "graphql");
    assert!(operations.len() >= 9, "{}", operations.len());
    for operation in operations {
        let query = "query($id: ID!) { group(id: $id) { version } }";
        let seen = team.admin.ask(query, json!({"id": support})).await;
        known.insert("version", seen["group"]["version"].clone());
        let given = variables(operation, &known);
        let answer = team.admin.ask(operation, given).await;
        assert_eq!(refusals(&answer), Vec::<Value>::new(), "{operation}\n{answer:#}");
    }
    house.settle_mails().await;
    house.close().await;
}
