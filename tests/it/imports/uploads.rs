//! From the announced file to the imported one: only the announced bytes are taken, once, and only by the account that announced them.

use chrono::Duration;
use entity::account::Plan;
use entity::ids::Kind;
use entity::{job, upload};
use muster::platform::storage::Key;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::{Value, json};

use super::support::{HEADER, begin, decide, look, rows, settled, standing, start};
use crate::support::{Database, House, PASSWORD, Team, team};

fn file(name: &str) -> String {
    format!("{HEADER}{name},X,{name}@acme.example,,,\n")
}

/// Writes over an upload's object, past every signature.
async fn swap(house: &House, team: &Team, upload: &str, bytes: &str) {
    let id = Kind::Upload.parse(upload).unwrap();
    let found = upload::Entity::find_by_id((team.account_id, id));
    let found = found.one(house.app.reader()).await.unwrap().unwrap();
    let key = Key::parse(&found.object_key).unwrap();
    let bytes = bytes.as_bytes().to_vec().into();
    house.app.storage().put(&key, bytes, "text/csv").await.unwrap();
}

fn code(payload: &Value) -> &str {
    assert_eq!(payload["import"], json!(null));
    assert_eq!(payload["userErrors"][0]["field"], json!(["input", "uploadId"]));
    payload["userErrors"][0]["code"].as_str().unwrap()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_swapped_after_the_check_is_not_what_is_imported(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (good, evil) = (file("good"), file("evil"));
    let (upload, target) = team.admin.announce("people.csv", good.as_bytes()).await;
    assert!(team.admin.put(&target, good.as_bytes()).await.is_success());
    let payload = start(&team.admin, &upload, json!({"mode": "DRY_RUN"})).await;
    let id = payload["import"]["id"].as_str().unwrap();
    assert_eq!(settled(&team.admin, id).await["status"], "AWAITING_CONFIRMATION");

    assert!(
        !team.admin.put(&target, evil.as_bytes()).await.is_success(),
        "the link takes the announced bytes only"
    );
    swap(&house, &team, &upload, &evil).await;
    decide(&team.admin, "confirmImport", id).await;
    assert_eq!(settled(&team.admin, id).await["status"], "SUCCEEDED");
    let done = rows(&team.admin, id, json!(["APPLIED"])).await;
    assert_eq!(done[0]["user"]["email"], "good@acme.example");
    assert_eq!(team.counts().await["users"]["totalCount"], 2);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_absent_other_or_late_is_not_imported(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let mut team = team(&house, "acme", Plan::Standard).await;
    let before = standing(&house, &team).await;
    let bytes = file("good");
    let (upload, target) = team.admin.announce("people.csv", bytes.as_bytes()).await;
    assert_eq!(
        code(&start(&team.admin, &upload, json!({})).await),
        "UPLOAD_INCOMPLETE"
    );

    let other = file("evil");
    assert_eq!(other.len(), bytes.len());
    assert!(!team.admin.put(&target, other.as_bytes()).await.is_success());
    assert_eq!(
        code(&start(&team.admin, &upload, json!({})).await),
        "UPLOAD_INCOMPLETE",
        "nothing was stored"
    );

    swap(&house, &team, &upload, &other).await;
    assert_eq!(
        code(&start(&team.admin, &upload, json!({})).await),
        "UPLOAD_CHECKSUM_MISMATCH"
    );
    swap(&house, &team, &upload, &other[1..]).await;
    assert_eq!(
        code(&start(&team.admin, &upload, json!({})).await),
        "UPLOAD_INCOMPLETE"
    );
    swap(&house, &team, &upload, &format!("{other} ")).await;
    assert_eq!(
        code(&start(&team.admin, &upload, json!({})).await),
        "UPLOAD_INCOMPLETE"
    );

    let (late, _) = team.admin.announce("late.csv", bytes.as_bytes()).await;
    house.app.clock().advance(Duration::minutes(16));
    team.admin = house.sign_in("admin@acme.example", PASSWORD).await;
    assert_eq!(
        code(&start(&team.admin, &late, json!({})).await),
        "UPLOAD_EXPIRED"
    );
    assert_eq!(standing(&house, &team).await, before);
    let imports = "{ account { imports(first: 1) { totalCount } } }";
    assert_eq!(
        team.admin.ask(imports, json!({})).await["account"]["imports"]["totalCount"],
        0
    );

    assert!(team.admin.put(&target, bytes.as_bytes()).await.is_success());
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_upload_is_as_absent_as_one_that_never_was(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (acme, other) = (
        team(&house, "acme", Plan::Standard).await,
        team(&house, "other", Plan::Standard).await,
    );
    let theirs = other.admin.upload("people.csv", file("good").as_bytes()).await;
    let random = Kind::Upload.text(uuid::Uuid::new_v4());
    let foreign = start(&acme.admin, &theirs, json!({})).await;
    assert_eq!(code(&foreign), "NOT_FOUND");
    assert_eq!(foreign, start(&acme.admin, &random, json!({})).await);

    let import = begin(&other.admin, file("good").as_bytes(), json!({"mode": "DRY_RUN"})).await;
    settled(&other.admin, &import).await;
    let random = Kind::Import.text(uuid::Uuid::new_v4());
    for mutation in ["confirmImport", "cancelImport"] {
        let foreign = decide(&acme.admin, mutation, &import).await;
        assert_eq!(foreign["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(foreign, decide(&acme.admin, mutation, &random).await);
    }
    assert_eq!(look(&acme.admin, &import).await, json!(null));
    assert_eq!(
        look(&other.admin, &import).await["status"],
        "AWAITING_CONFIRMATION"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn starting_twice_is_starting_once(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let upload = team.admin.upload("people.csv", file("good").as_bytes()).await;
    let starts = (0..8).map(|_| start(&team.admin, &upload, json!({})));
    let payloads = futures::future::join_all(starts).await;
    let id = payloads[0]["import"]["id"].as_str().unwrap();
    assert!(
        payloads
            .iter()
            .all(|payload| payload["import"]["id"] == id && payload["userErrors"] == json!([]))
    );
    settled(&team.admin, id).await;
    let again = start(&team.admin, &upload, json!({"mode": "DRY_RUN"})).await;
    assert_eq!(again["import"]["id"], id);
    assert_eq!(again["import"]["status"], "SUCCEEDED");
    let subject = Kind::Import.parse(id).unwrap();
    let jobs = job::Entity::find().filter(job::Column::SubjectId.eq(subject));
    assert_eq!(jobs.count(house.app.reader()).await.unwrap(), 1);
    assert_eq!(team.counts().await["users"]["totalCount"], 2);
    house.close().await;
}
