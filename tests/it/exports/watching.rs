//! Watching an export over a socket, and reading it again and again, on whichever replica.

use entity::account::Plan;
use entity::ids::Kind;
use entity::user::{Role, Status};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{begin, crowd, fetched, link, look, rows, settled};
use crate::imports::support::alter;
use crate::support::{Client, Database, House, PASSWORD, Socket, team};

const WATCH: &str = "subscription($id: ID!) { exportProgress(exportId: $id) { sequence kind isFinal export { status rowCount progress { phase processed total percent sequence } } } }";

async fn watch(client: &Client, id: &str) -> Socket {
    let mut socket = Socket::admitted(client).await;
    let payload = json!({"query": WATCH, "variables": {"id": id}});
    socket
        .say(&json!({"id": "1", "type": "subscribe", "payload": payload}))
        .await;
    socket
}

/// Every event until the server says that there are no more.
async fn events(socket: &mut Socket) -> Vec<Value> {
    let mut events = Vec::new();
    loop {
        let said = socket.hear().await.unwrap();
        match said["type"].as_str().unwrap() {
            "next" => events.push(said["payload"]["data"]["exportProgress"].clone()),
            "complete" => return events,
            "ping" => {}
            _ => panic!("{said} after {events:#?}"),
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_sees_where_it_stands_and_how_it_ends(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    crowd(&house, &team, 30_000, &[]).await;
    let id = begin(&team.admin, json!({"kind": "USERS"})).await;
    let seen = events(&mut watch(&team.admin, &id).await).await;
    assert_eq!(
        (&seen[0]["kind"], &seen[0]["isFinal"]),
        (&json!("SNAPSHOT"), &json!(false)),
        "{seen:#?}"
    );
    let (last, others) = seen.split_last().unwrap();
    assert!(
        others
            .iter()
            .all(|event| event["isFinal"] == false && event["export"]["rowCount"].is_null())
    );
    assert_eq!(
        (
            &last["isFinal"],
            &last["export"]["status"],
            &last["export"]["rowCount"]
        ),
        (&json!(true), &json!("SUCCEEDED"), &json!(30_001))
    );
    let numbers = |name: &str| {
        seen.iter()
            .map(|event| event["export"]["progress"][name].as_i64().unwrap())
            .collect::<Vec<_>>()
    };
    assert!(
        numbers("percent").is_sorted() && numbers("processed").is_sorted(),
        "{seen:#?}"
    );
    let sequences: Vec<i64> = seen
        .iter()
        .filter(|event| event["kind"] != "HEARTBEAT")
        .map(|event| event["sequence"].as_i64().unwrap())
        .collect();
    assert!(
        sequences.windows(2).all(|pair| pair[0] < pair[1]),
        "{sequences:?}"
    );
    assert_eq!(numbers("percent").last(), Some(&100));
    // Whoever comes late is told the end at once.
    let late = events(&mut watch(&team.admin, &id).await).await;
    assert_eq!(
        (late.len(), &late[0]["kind"], &late[0]["isFinal"]),
        (1, &json!("SNAPSHOT"), &json!(true))
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_export_is_as_absent_as_one_that_never_was(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let other = team(&house, "other", Plan::Standard).await;
    let theirs = begin(&other.admin, json!({"kind": "USERS"})).await;
    settled(&other.admin, &theirs).await;
    let random = Kind::Export.text(uuid::Uuid::new_v4());
    let cancel = "mutation($id: ID!) { cancelExport(input: {exportId: $id}) { export { id } userErrors { code message } } }";
    let mut answers = Vec::new();
    for id in [&theirs, &random] {
        let mut socket = watch(&acme.admin, id).await;
        let heard = socket.hear().await.unwrap();
        let seen = look(&acme.admin, id).await;
        let node = acme
            .admin
            .ask("query($id: ID!) { node(id: $id) { id } }", json!({"id": id}))
            .await;
        let cancelled = acme.admin.ask(cancel, json!({"id": id})).await;
        answers.push((
            heard["type"].clone(),
            heard["payload"][0]["message"].clone(),
            seen,
            node,
            cancelled,
        ));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!((&answers[0].0, &answers[0].2), (&json!("error"), &Value::Null));
    let list = "{ account { exports { nodes { id } totalCount } } }";
    assert_eq!(
        acme.admin.ask(list, json!({})).await["account"]["exports"],
        json!({"nodes": [], "totalCount": 0})
    );
    let seen = other.admin.ask(list, json!({})).await;
    assert_eq!(
        seen["account"]["exports"],
        json!({"nodes": [{"id": theirs}], "totalCount": 1})
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_whose_right_is_taken_is_shown_nothing_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    crowd(&house, &team, 40_000, &[]).await;
    begin(&team.admin, json!({"kind": "USERS"})).await;
    let id = begin(&team.admin, json!({"kind": "USERS"})).await;
    let mut socket = watch(&second, &id).await;
    assert_eq!(
        socket.hear().await.unwrap()["payload"]["data"]["exportProgress"]["kind"],
        "SNAPSHOT"
    );
    alter(&house, &team, "second@acme.example", Role::User, Status::Active).await;
    let taken = std::time::Instant::now();
    // Its session may end first.
    loop {
        match socket.hear().await {
            Ok(said) if said["type"] == "next" && said["payload"]["errors"].is_null() => {
                assert!(taken.elapsed().as_millis() < 500, "{said}");
            }
            _ => break,
        }
    }
    assert!(taken.elapsed().as_secs() < 3, "{:?}", taken.elapsed());
    settled(&team.admin, &id).await;
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_begun_at_one_replica_is_watched_and_fetched_at_another() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let elsewhere = house
        .replica()
        .await
        .sign_in("admin@acme.example", PASSWORD)
        .await;
    crowd(&house, &team, 10_000, &[]).await;
    let mut ids = Vec::new();
    for number in 0..6 {
        let client = if number % 2 == 0 { &team.admin } else { &elsewhere };
        ids.push(begin(client, json!({"kind": "USERS"})).await);
    }
    for (number, id) in ids.iter().enumerate() {
        let client = if number % 2 == 0 { &elsewhere } else { &team.admin };
        let seen = events(&mut watch(client, id).await).await;
        assert_eq!(seen.last().unwrap()["export"]["status"], "SUCCEEDED");
        assert_eq!(rows(&fetched(client, id).await).len(), 10_001);
    }
    // One after the other, whoever did them.
    let spans = house
        .number(
            "SELECT count(*) FROM exports a JOIN exports b ON a.id < b.id
             AND b.started_at < a.finished_at AND a.started_at < b.finished_at",
        )
        .await;
    assert_eq!(spans, 0);
    assert_ne!(link(&elsewhere, &ids[0]).await, Value::Null);
    house.close().await;
}
