//! The operations of `docs/notifications.md`, sent as they stand there.

use std::collections::BTreeMap;

use entity::account::Plan;
use entity::notification::Kind;
use serde_json::{Value, json};

use super::support::tell;
use crate::support::{Database, House, Socket, blocks, refusals, team, variables};

const PAGE: &str = include_str!("../../../docs/notifications.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_does_what_it_says() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    tell(&house, &team, "admin@acme.example", &[(Kind::JobFinished, "one")]).await;
    let seen = team
        .admin
        .ask("{ viewer { notifications { nodes { id } } } }", json!({}))
        .await;
    let id = &seen["viewer"]["notifications"]["nodes"][0]["id"];
    let known = BTreeMap::from([
        ("after", Value::Null),
        ("notificationIds", json!([id])),
        ("before", json!(house.app.clock().now().to_rfc3339())),
    ]);
    let operations = blocks(PAGE, "graphql");
    assert!(operations.len() >= 5, "{}", operations.len());
    for operation in operations {
        let given = variables(operation, &known);
        if operation.starts_with("subscription") {
            let mut socket = Socket::admitted(&team.admin).await;
            let subscribe =
                json!({"id": "1", "type": "subscribe", "payload": {"query": operation, "variables": given}});
            socket.say(&subscribe).await;
            assert_eq!(socket.hear().await.unwrap()["type"], "next", "{operation}");
            continue;
        }
        let answer = team.admin.ask(operation, given).await;
        assert_eq!(refusals(&answer), Vec::<Value>::new(), "{operation}\n{answer:#}");
    }
    house.close().await;
}
