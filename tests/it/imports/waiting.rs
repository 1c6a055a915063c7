//! An import whose store is away says so, does nothing meanwhile, and goes on by itself.

use std::time::Duration;

use entity::account::Plan;
use entity::job;
use rstest::rstest;
use sea_orm::EntityTrait;
use serde_json::{Value, json};

use super::support::{begin, decide, people, settled, standing};
use crate::support::{Client, Database, House, Store, Way, team};

async fn look(client: &Client, id: &str) -> Value {
    let query = "query($id: ID!) { import(id: $id) { status failure { code } progress { sequence processed fileStoreAwaySince } } }";
    client.ask(query, json!({"id": id})).await["import"].clone()
}

/// Waits until the import says, or no longer says, that it waits.
async fn until(client: &Client, id: &str, waits: bool) -> Value {
    for _ in 0..1_000 {
        let import = look(client, id).await;
        if import["progress"]["fileStoreAwaySince"].is_string() == waits {
            return import;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("it does not: {}", look(client, id).await);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_waits_for_a_store_that_is_away_says_so_and_goes_on_when_it_is_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let store = Store::own().await;
    let house = House::open_with(database, |config| store.configure(config)).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let client = &team.admin;
    let id = begin(client, people("acme", 600).as_bytes(), json!({"mode": "DRY_RUN"})).await;
    settled(client, &id).await;
    let before = standing(&house, &team).await;

    store.wire.set(Way::Refuses);
    assert_eq!(
        decide(client, "confirmImport", &id).await["userErrors"],
        json!([])
    );
    let waits = until(client, &id, true).await;
    assert_eq!(
        (&waits["progress"]["processed"], &waits["failure"]),
        (&json!(0), &Value::Null)
    );
    // Over several attempts: it is said once, and no attempt is counted.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let later = look(client, &id).await;
    assert_eq!(later, waits, "nothing changes while it waits");
    assert_eq!(standing(&house, &team).await, before);
    let jobs = job::Entity::find().all(house.app.reader()).await.unwrap();
    let job = jobs.iter().find(|job| job.status == job::Status::Ready).unwrap();
    assert!(job.attempts <= 1, "{job:?}");

    let query = "query($id: ID!, $after: Int) { importEvents(importId: $id, afterSequence: $after) { sequence kind import { progress { fileStoreAwaySince } } } }";
    let sequence = waits["progress"]["sequence"].as_i64().unwrap();
    let events = client.ask(query, json!({"id": id, "after": sequence - 1})).await["importEvents"].clone();
    assert_eq!(events.as_array().unwrap().len(), 1, "{events}");
    let told = &events[0]["import"]["progress"]["fileStoreAwaySince"];
    assert_eq!(told, &waits["progress"]["fileStoreAwaySince"]);

    store.wire.set(Way::Passes);
    until(client, &id, false).await;
    let done = settled(client, &id).await;
    assert_eq!(
        (&done["status"], &done["progress"]["succeeded"]),
        (&json!("SUCCEEDED"), &json!(600))
    );
    assert_eq!(team.counts().await["userCounts"]["total"], 601);
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_waited_a_day_for_its_store_fails_and_says_why() {
    let store = Store::own().await;
    let house = House::open_with(Database::Sqlite, |config| store.configure(config)).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let client = &team.admin;
    let id = begin(client, people("acme", 3).as_bytes(), json!({"mode": "DRY_RUN"})).await;
    settled(client, &id).await;
    store.wire.set(Way::Refuses);
    decide(client, "confirmImport", &id).await;
    until(client, &id, true).await;
    let long_ago = House::literal_time(house.app.clock().now() - chrono::Duration::hours(25));
    let sql = format!("UPDATE imports SET store_away_since = {long_ago}");
    house.force(&sql).await.unwrap();
    let done = settled(client, &id).await;
    assert_eq!(
        (&done["status"], &done["failure"]["code"]),
        (&json!("FAILED"), &json!("IMPORT_FAILED"))
    );
    assert_eq!(
        look(client, &id).await["progress"]["fileStoreAwaySince"],
        Value::Null
    );
    assert_eq!(team.counts().await["userCounts"]["total"], 1, "nobody came of it");
    house.close().await;
}
