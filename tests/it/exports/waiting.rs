//! An export whose store is away says so, waits, and starts over by itself; the stores are the project's own and one that nobody here wrote.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{begin, crowd, fetched, link, look, rows, wait_for};
use crate::support::{Database, House, Store, Way, add_product, team};

#[rstest]
#[case::of_our_own(Database::Sqlite, false)]
#[case::of_another_make(Database::Postgres, true)]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_waits_for_a_store_that_is_away_and_starts_over_when_it_is_back(
    #[case] database: Database,
    #[case] is_elsewhere: bool,
) {
    let store = match is_elsewhere {
        true => Store::moto().await,
        false => Store::own().await,
    };
    let house = House::open_with(database, |config| store.configure(config)).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 100_000).await;
    // Long enough to be stored in pieces.
    crowd(&house, &team, 40_000, &[draw]).await;
    store.wire.set(Way::Refuses);
    let id = begin(&team.admin, json!({"kind": "USERS", "columnSets": ["PRODUCTS"]})).await;
    let waits = wait_for(&team.admin, &id, |export| {
        export["progress"]["fileStoreAwaySince"].is_string()
    })
    .await;
    assert_eq!(
        (&waits["status"], &waits["failure"]),
        (&json!("RUNNING"), &Value::Null)
    );
    assert_eq!(link(&team.admin, &id).await, Value::Null);
    store.wire.set(Way::Passes);
    let text = fetched(&team.admin, &id).await;
    let found = rows(&text);
    assert_eq!(found.len(), 40_001);
    assert!(text.len() > 5 * 1024 * 1024, "{}", text.len());
    assert_eq!(found[39_999]["email"], "crowd40000@acme.example");
    assert_eq!(
        look(&team.admin, &id).await["progress"]["fileStoreAwaySince"],
        Value::Null
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_waited_a_day_for_its_store_fails_and_says_why() {
    let store = Store::own().await;
    let house = House::open_with(Database::Sqlite, |config| store.configure(config)).await;
    let team = team(&house, "acme", Plan::Standard).await;
    store.wire.set(Way::Refuses);
    let id = begin(&team.admin, json!({"kind": "USERS"})).await;
    wait_for(&team.admin, &id, |export| {
        export["progress"]["fileStoreAwaySince"].is_string()
    })
    .await;
    let long_ago = House::literal_time(house.app.clock().now() - chrono::Duration::hours(25));
    house
        .force(&format!("UPDATE exports SET store_away_since = {long_ago}"))
        .await
        .unwrap();
    let export = wait_for(&team.admin, &id, |export| !export["finishedAt"].is_null()).await;
    assert_eq!(
        (&export["status"], &export["failure"]["code"]),
        (&json!("FAILED"), &json!("EXPORT_FAILED"))
    );
    assert!(
        export["failure"]["message"]
            .as_str()
            .unwrap()
            .contains("away for a day")
    );
    let told = "{ viewer { notifications(first: 20) { nodes { kind severity title subject { id } } } } }";
    let told = team.admin.ask(told, json!({})).await["viewer"]["notifications"]["nodes"][0].clone();
    assert_eq!(
        told,
        json!({"kind": "EXPORT_READY", "severity": "WARNING", "title": "Your export of people failed", "subject": {"id": id}})
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_fails_again_and_again_is_given_up_and_leaves_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let store = Store::own().await;
    let house = House::open_with(database, |config| store.configure(config)).await;
    let team = team(&house, "acme", Plan::Standard).await;
    store.wire.set(Way::Refuses);
    let id = begin(&team.admin, json!({"kind": "USERS"})).await;
    wait_for(&team.admin, &id, |export| {
        export["progress"]["fileStoreAwaySince"].is_string()
    })
    .await;
    // What no version of ours can read, and nine times it was tried.
    house.force("UPDATE exports SET request = '[]'").await.unwrap();
    store.wire.set(Way::Passes);
    let begun = std::time::Instant::now();
    let attempts = async || {
        house
            .number("SELECT count(*) FROM jobs WHERE attempts >= 2")
            .await
    };
    while attempts().await == 0 {
        assert!(begun.elapsed().as_secs() < 60, "no attempt is counted");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    house
        .force("UPDATE jobs SET attempts = 10, run_at = created_at WHERE lease_token IS NULL")
        .await
        .unwrap();
    let ended = async || {
        house
            .number("SELECT count(*) FROM exports WHERE status = 'FAILED'")
            .await
    };
    while ended().await == 0 {
        assert!(begun.elapsed().as_secs() < 60, "it is never given up");
        house
            .force("UPDATE jobs SET attempts = 10, run_at = created_at WHERE lease_token IS NULL")
            .await
            .unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let told = "{ viewer { notifications(first: 1) { nodes { kind body } } } }";
    let told = team.admin.ask(told, json!({})).await["viewer"]["notifications"]["nodes"][0].clone();
    assert_eq!(told["kind"], "EXPORT_READY");
    assert!(told["body"].as_str().unwrap().contains("on our side"), "{told}");
    house.close().await;
}
