//! The operations of `docs/self-service.md`, sent as they stand there.

use std::collections::BTreeMap;

use entity::account::Plan;
use serde_json::{Value, json};

use super::support::{ask, product_of};
use crate::support::{Database, House, add_product, blocks, refusals, team, variables};

const PAGE: &str = include_str!("../../../docs/self-service.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_does_what_it_says() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = product_of(&team, &add_product(&house, "acme", "DRAW", 3).await).await;
    let ink = product_of(&team, &add_product(&house, "acme", "INK", 3).await).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let (first, second) = (ask(&user, &draw).await, ask(&user, &ink).await);
    let mut known = BTreeMap::from([
        ("productId", json!(draw)),
        ("requestIds", json!([first])),
        ("otherRequestIds", json!([second])),
        ("email", json!("moved@acme.example")),
        ("token", Value::Null),
    ]);
    let operations = blocks(PAGE, "graphql");
    assert!(operations.len() >= 10, "{}", operations.len());
    for operation in operations {
        if operation.contains("confirmEmailChange") {
            let token = house.invitation_token("moved@acme.example").await;
            known.insert("token", json!(token));
        }
        let answer = team.admin.ask(operation, variables(operation, &known)).await;
        assert_eq!(refusals(&answer), Vec::<Value>::new(), "{operation}\n{answer:#}");
    }
    house.settle_mails().await;
    house.close().await;
}
