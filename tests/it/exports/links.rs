//! Links to files: for whom, for how long, and how long there is a file.

use entity::account::Plan;
use muster::background::chores;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{begin, fetched, file, link, look, rows, settled, stored};
use crate::support::{Database, House, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_link_is_for_whoever_asked_made_anew_each_time_and_noted(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let id = begin(&team.admin, json!({"kind": "USERS"})).await;
    settled(&team.admin, &id).await;
    let first = link(&team.admin, &id).await;
    let until = chrono::DateTime::parse_from_rfc3339(first["expiresAt"].as_str().unwrap()).unwrap();
    let left = (until.to_utc() - house.app.clock().now()).num_seconds();
    assert!((290..=301).contains(&left), "{left}");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    let again = link(&team.admin, &id).await;
    assert_ne!(first["url"], again["url"], "made anew");
    let answer = team
        .admin
        .http
        .get(again["url"].as_str().unwrap())
        .send()
        .await
        .unwrap();
    let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
    let name = format!("acme-users-{}.csv", house.app.clock().now().date_naive());
    assert_eq!(
        header("content-disposition"),
        format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")
    );
    assert_eq!(
        (header("content-type"), header("cache-control")),
        (
            "text/csv; charset=utf-8".to_owned(),
            "private, no-store".to_owned()
        )
    );

    // Others who may make exports see that there is one, and are given no link to it.
    assert_eq!(look(&second, &id).await["status"], "SUCCEEDED");
    assert_eq!(link(&second, &id).await, Value::Null);
    let stretched = again["url"]
        .as_str()
        .unwrap()
        .replace("X-Amz-Expires=300", "X-Amz-Expires=9000");
    assert_eq!(team.admin.get(&stretched).await.0, 403);

    let list = "{ account { exports(first: 5) { nodes { id download { filename } } } } }";
    let listed = team.admin.ask(list, json!({})).await["account"]["exports"]["nodes"].clone();
    assert_eq!(listed, json!([{"id": id, "download": {"filename": name}}]));
    let log = rows(&file(&team.admin, json!({"kind": "AUDIT_EVENTS"})).await);
    let of = |action: &str| {
        let found = log
            .iter()
            .filter(|event| event["action"] == action && event["targets"] == id);
        found.map(|event| event["actor"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(of("exports.start"), ["admin@acme.example"]);
    assert_eq!(
        of("exports.download"),
        ["admin@acme.example"; 3],
        "once for each link"
    );
    let told = "{ viewer { notifications(first: 20) { nodes { kind title body subject { id } } } } }";
    let told = team.admin.ask(told, json!({})).await["viewer"]["notifications"]["nodes"].clone();
    let told = told
        .as_array()
        .unwrap()
        .iter()
        .find(|told| told["subject"]["id"] == id)
        .unwrap();
    assert_eq!(
        (&told["kind"], &told["title"], &told["body"]),
        (
            &json!("EXPORT_READY"),
            &json!("Your export of people is ready"),
            &json!("The file has 2 lines and is kept for seven days.")
        )
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_gone_after_seven_days_and_its_row_after_ninety(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let old = begin(&team.admin, json!({"kind": "USERS"})).await;
    fetched(&team.admin, &old).await;
    let new = begin(&team.admin, json!({"kind": "USERS"})).await;
    fetched(&team.admin, &new).await;
    let export = look(&team.admin, &old).await;
    let time = |name: &str| chrono::DateTime::parse_from_rfc3339(export[name].as_str().unwrap()).unwrap();
    assert_eq!((time("filesExpireAt") - time("finishedAt")).num_days(), 7);
    assert_eq!(stored(&house), (2, 0));
    let id = house.literal(entity::ids::Kind::Export.parse(&old).unwrap());
    let ended = async |days: i64| {
        let at = House::literal_time(house.app.clock().now() - chrono::Duration::days(days));
        house
            .force(&format!("UPDATE exports SET finished_at = {at} WHERE id = {id}"))
            .await
            .unwrap();
        let past = House::literal_time(house.app.clock().now() - chrono::Duration::days(1));
        house
            .force(&format!("UPDATE chores SET run_at = {past}"))
            .await
            .unwrap();
    };
    ended(7).await;
    assert_eq!(
        link(&team.admin, &old).await,
        Value::Null,
        "not offered any more, though it still lies there"
    );
    chores::once(&house.app).await.unwrap();
    assert_eq!(stored(&house), (1, 0));
    let export = look(&team.admin, &old).await;
    assert_eq!(
        (&export["status"], &export["filesExpireAt"]),
        (&json!("SUCCEEDED"), &Value::Null)
    );
    assert_ne!(link(&team.admin, &new).await, Value::Null);
    ended(91).await;
    chores::once(&house.app).await.unwrap();
    assert_eq!(look(&team.admin, &old).await, Value::Null);
    assert_ne!(look(&team.admin, &new).await, Value::Null);
    house.close().await;
}
