//! Files of old imports and of uploads that nobody used leave the object store with their rows, and no others do.

use std::time::{Duration, Instant};

use entity::account::Plan;
use entity::chore;
use entity::ids::Kind;
use muster::background::{chores, objects};
use muster::platform::storage::Key;
use rstest::rstest;
use sea_orm::EntityTrait;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Database, House, Store, Team, Way, team};

const HEADER: &str = "First Name,Last Name,Email,Role\n";

/// Imports a file of which one row fails, or only rehearses it; answers the import and its upload.
async fn import(team: &Team, name: &str, mode: &str) -> (Uuid, Uuid) {
    let csv = format!("{HEADER}Good,One,{name}@acme.example,\nBad,Two,{name}2@acme.example,Boss\n");
    let upload = team.admin.upload("people.csv", csv.as_bytes()).await;
    let query = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { code message } } }";
    let input = json!({"uploadId": upload, "mode": mode, "onError": "SKIP_FAILED"});
    let started = team.admin.ask(query, json!({"input": input})).await["startImport"].clone();
    let id = started["import"]["id"].as_str().unwrap().to_owned();
    let begun = Instant::now();
    while ["QUEUED", "RUNNING"].contains(&look(&team.admin, &id).await["status"].as_str().unwrap()) {
        assert!(begun.elapsed() < Duration::from_mins(1));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    (
        Kind::Import.parse(&id).unwrap(),
        Kind::Upload.parse(&upload).unwrap(),
    )
}

async fn look(client: &Client, id: &str) -> Value {
    let query = "query($id: ID!) { import(id: $id) { status finishedAt rowsKeptUntil errorReport { url } rows(first: 10) { nodes { lineNumber } } } }";
    client.ask(query, json!({"id": id})).await["import"].clone()
}

/// Everything an import has in the store.
fn keys(team: &Team, (import, upload): (Uuid, Uuid)) -> [Key; 3] {
    let account = team.account_id;
    [
        objects::uploaded(account, upload).unwrap(),
        objects::pinned(account, upload).unwrap(),
        objects::report(account, import).unwrap(),
    ]
}

async fn there(house: &House, keys: &[Key]) -> Vec<bool> {
    let mut there = Vec::new();
    for key in keys {
        there.push(house.app.storage().head(key).await.unwrap().is_some());
    }
    there
}

/// Has the chore be due once more.
async fn again(house: &House) {
    let past = House::literal_time(house.app.clock().now() - chrono::Duration::days(1));
    let sql = format!("UPDATE chores SET run_at = {past}");
    house.force(&sql).await.unwrap();
}

#[rstest]
#[case::in_the_process(Database::Sqlite, false)]
#[case::of_another_make(Database::Postgres, true)]
#[tokio::test(flavor = "multi_thread")]
async fn files_of_old_imports_and_unused_uploads_go_and_all_others_stay(
    #[case] database: Database,
    #[case] is_elsewhere: bool,
) {
    let store = match is_elsewhere {
        true => Some(Store::moto().await),
        false => None,
    };
    let house = House::open_with(database, |config| {
        if let Some(store) = &store {
            store.configure(config);
        }
    })
    .await;
    let team = team(&house, "acme", Plan::Standard).await;
    let old = import(&team, "old", "APPLY").await;
    let young = import(&team, "young", "APPLY").await;
    let waiting = import(&team, "waiting", "DRY_RUN").await;
    let unused = Kind::Upload
        .parse(&team.admin.upload("unused.csv", b"a,b\n").await)
        .unwrap();
    let fresh = Kind::Upload
        .parse(&team.admin.upload("fresh.csv", b"a,b\n").await)
        .unwrap();
    let now = house.app.clock().now();
    for (table, column, id, days, hours) in [
        ("imports", "finished_at", old.0, 30, 1),
        ("imports", "finished_at", young.0, 29, 23),
        ("imports", "created_at", waiting.0, 400, 0),
        ("uploads", "expires_at", unused, 1, 2),
        ("uploads", "expires_at", fresh, 1, 0),
        ("uploads", "expires_at", old.1, 30, 0),
        ("uploads", "expires_at", waiting.1, 400, 0),
    ] {
        let then = House::literal_time(now - chrono::Duration::days(days) - chrono::Duration::hours(hours));
        let sql = format!(
            "UPDATE {table} SET {column} = {then} WHERE id = {}",
            house.literal(id)
        );
        assert_eq!(house.force(&sql).await.unwrap(), 1);
    }
    let [unused_key, fresh_key] = [unused, fresh].map(|id| objects::uploaded(team.account_id, id).unwrap());
    assert_eq!(there(&house, &keys(&team, old)).await, [true; 3]);
    assert_eq!(
        there(&house, &[unused_key.clone(), fresh_key.clone()]).await,
        [true; 2]
    );

    // A process that dies when the first file is gone, and before that is noted, leaves the rest to the next one.
    house.app.storage().delete(&keys(&team, old)[0]).await.unwrap();
    assert!(chores::once(&house.app).await.unwrap());

    assert_eq!(there(&house, &keys(&team, old)).await, [false; 3]);
    assert_eq!(there(&house, &keys(&team, young)).await, [true; 3]);
    assert_eq!(there(&house, &keys(&team, waiting)[..2]).await, [true; 2]);
    assert_eq!(there(&house, &[unused_key, fresh_key]).await, [false, true]);
    let uploads = async |id: Uuid| {
        let sql = format!("SELECT count(*) FROM uploads WHERE id = {}", house.literal(id));
        house.number(&sql).await
    };
    assert_eq!((uploads(unused).await, uploads(fresh).await), (0, 1));
    assert_eq!(uploads(old.1).await, 1, "what was imported stays with its import");

    let shown = look(&team.admin, &Kind::Import.text(old.0)).await;
    assert_eq!(
        shown["status"], "SUCCEEDED_WITH_ERRORS",
        "the import itself stays"
    );
    assert_eq!(shown["errorReport"], Value::Null);
    assert_eq!(shown["rows"]["nodes"], json!([]));
    let kept_until = |shown: &Value| {
        let time =
            |name: &str| -> chrono::DateTime<chrono::Utc> { shown[name].as_str().unwrap().parse().unwrap() };
        time("rowsKeptUntil") - time("finishedAt")
    };
    assert_eq!(kept_until(&shown), chrono::Duration::days(30));
    let shown = look(&team.admin, &Kind::Import.text(young.0)).await;
    assert!(shown["errorReport"]["url"].is_string());
    assert_eq!(shown["rows"]["nodes"].as_array().unwrap().len(), 2);
    let shown = look(&team.admin, &Kind::Import.text(waiting.0)).await;
    assert_eq!(
        (&shown["rowsKeptUntil"], &shown["status"]),
        (&Value::Null, &json!("AWAITING_CONFIRMATION"))
    );

    // Nothing is looked for twice.
    let noted = format!(
        "SELECT count(*) FROM imports WHERE objects_deleted_at IS NOT NULL AND id = {}",
        house.literal(old.0)
    );
    assert_eq!(house.number(&noted).await, 1);
    again(&house).await;
    assert!(chores::once(&house.app).await.unwrap());
    assert_eq!(there(&house, &keys(&team, young)).await, [true; 3]);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_keeps_no_row_from_going_and_nothing_is_noted_as_gone_that_is_there() {
    let store = Store::own().await;
    let house = House::open_with(Database::Sqlite, |config| store.configure(config)).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let old = import(&team, "old", "APPLY").await;
    let long_ago = House::literal_time(house.app.clock().now() - chrono::Duration::days(40));
    let sql = format!("UPDATE imports SET finished_at = {long_ago}");
    house.force(&sql).await.unwrap();

    store.wire.set(Way::Refuses);
    chores::once(&house.app).await.expect_err("it is told of");
    assert_eq!(house.number("SELECT count(*) FROM import_rows").await, 0);
    let gone = "SELECT count(*) FROM imports WHERE objects_deleted_at IS NOT NULL";
    assert_eq!(house.number(gone).await, 0);
    let chore = chore::Entity::find_by_id(chores::RETENTION)
        .one(house.app.reader())
        .await
        .unwrap()
        .unwrap();
    assert!(chore.run_at < house.app.clock().now() + chrono::Duration::minutes(20));
    assert!(chore.last_error.is_some() && chore.lease_token.is_none());

    store.wire.set(Way::Passes);
    assert_eq!(there(&house, &keys(&team, old)).await, [true; 3]);
    again(&house).await;
    assert!(chores::once(&house.app).await.unwrap());
    assert_eq!(there(&house, &keys(&team, old)).await, [false; 3]);
    assert_eq!(house.number(gone).await, 1);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_nobody_imported_for_a_day_is_refused_and_one_younger_is_taken() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let csv = format!("{HEADER}Good,One,one@acme.example,\n");
    let upload = team.admin.upload("people.csv", csv.as_bytes()).await;
    let start = async || {
        let query = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { code field } } }";
        let input = json!({"uploadId": upload, "mode": "DRY_RUN"});
        team.admin.ask(query, json!({"input": input})).await["startImport"].clone()
    };
    let expired = async |hours: i64| {
        let then = House::literal_time(house.app.clock().now() - chrono::Duration::hours(hours));
        let sql = format!("UPDATE uploads SET expires_at = {then}");
        house.force(&sql).await.unwrap();
    };
    expired(24).await;
    let refused = start().await;
    assert_eq!(refused["userErrors"][0]["code"], "UPLOAD_EXPIRED");
    assert_eq!(refused["import"], Value::Null);
    assert_eq!(house.number("SELECT count(*) FROM imports").await, 0);
    expired(23).await;
    let taken = start().await;
    assert_eq!(taken["userErrors"], json!([]));
    let id = taken["import"]["id"].as_str().unwrap().to_owned();
    while look(&team.admin, &id).await["status"] != "AWAITING_CONFIRMATION" {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    house.close().await;
}
