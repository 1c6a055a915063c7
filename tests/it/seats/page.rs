//! The operations of `docs/seats.md`, sent as they stand there.

use std::collections::BTreeMap;

use entity::account::Plan;
use entity::bulk_job::Task;
use muster::bulk_jobs::StartBulkJob;
use serde_json::{Value, json};

use super::support::{assign, part, people, product_of};
use crate::support::{Database, House, Socket, add_product, blocks, refusals, team, variables};

const PAGE: &str = include_str!("../../../docs/seats.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_does_what_it_says() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let ink = add_product(&house, "acme", "INK", 10).await;
    let users = people(&team, "p", 8).await;
    let seat = assign(&team, &ink, &users[6..7]).await["results"][0]["assignment"]["id"].clone();
    let core = part(&team, &ink, "CORE").await;
    let idle = assign(&team, &ink, &users[5..6]).await["results"][0]["assignment"]["id"].clone();
    let id = house.literal(entity::ids::Kind::User.parse(&users[5]).unwrap());
    let late = House::literal_time(house.app.clock().now() - chrono::Duration::days(1));
    house
        .force(&format!(
            "UPDATE invitations SET expires_at = {late} WHERE user_id = {id}"
        ))
        .await
        .unwrap();
    let user = |id: &String| entity::ids::Kind::User.parse(id).unwrap();
    let start = StartBulkJob {
        task: Task::UnassignSeats {
            product_id: uuid::Uuid::nil(),
        },
        on_error: entity::import::OnError::SkipFailed,
        users: users.iter().map(user).collect(),
    };
    let job = house.app.run(&team.actor(&house).await, start).await.unwrap();
    let job = entity::ids::Kind::BulkJob.text(job);
    let today = house.app.clock().now().date_naive();
    let day = |days| (today + chrono::Duration::days(days)).to_string();
    let mut known = BTreeMap::from([
        ("productId", json!(product_of(&team, &draw).await)),
        ("otherProductId", json!(product_of(&team, &ink).await)),
        ("subscriptionId", json!(draw)),
        ("userIds", json!(users[..6])),
        ("holders", json!(users[..2])),
        ("search", json!("p7")),
        ("assignmentId", seat.clone()),
        ("assignmentIds", json!([seat])),
        ("componentIds", json!([core])),
        ("after", Value::Null),
        ("key", json!("a key of one's own")),
        ("percent", json!(80)),
        ("idleDays", json!(180)),
        ("day", json!(day(30))),
        ("laterDay", json!(day(60))),
        ("version", json!(1)),
        ("idle", json!([idle])),
        ("jobId", json!(job)),
    ]);
    let operations = blocks(PAGE, "graphql");
    assert!(operations.len() >= 10, "{}", operations.len());
    for operation in operations {
        let waiting = "{ account { waitlist(first: 2) { nodes { id } } } }";
        let waiting = team.admin.ask(waiting, json!({})).await["account"]["waitlist"]["nodes"].clone();
        let entries: Vec<Value> = waiting
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["id"].clone())
            .collect();
        known.insert("entryId", entries.last().cloned().unwrap_or_default());
        known.insert("entryIds", json!(entries));
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
    house.settle_mails().await;
    house.close().await;
}
