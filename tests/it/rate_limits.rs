//! How often an account may have something done that costs others: so many times a minute, whichever replica is asked, and nobody else waits for it.

use chrono::Duration;
use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::identity_providers::support::{Scene, start_test, text};
use crate::imports::support::{HEADER, start};
use crate::support::{Client, Database, House, Team, sha256, team};

const CREATE_UPLOAD: &str = "mutation($input: CreateUploadInput!) { createUpload(input: $input) { upload { id } userErrors { code } } }";
const START_IMPORT: &str = "mutation($input: StartImportInput!) { startImport(input: $input) { import { id } userErrors { code } } }";
const VERIFY: &str =
    "mutation($id: ID!) { verifyDomain(input: {domainId: $id}) { domain { status } userErrors { code } } }";
const START_TEST: &str = "mutation($id: ID!) { startSsoTest(input: {identityProviderId: $id}) { test { id } userErrors { code } } }";
const CHANGE_ROLE: &str = "mutation($input: ChangeUserRoleInput!) { changeUserRole(input: $input) { user { id } userErrors { code } } }";

/// Whoever was told to wait, and for how long.
async fn assert_waits(client: &Client, query: &str, variables: Value) {
    let (_, answer) = client.send(query, variables).await;
    let extensions = &answer["errors"][0]["extensions"];
    assert_eq!(extensions["code"], "RATE_LIMITED", "{answer}");
    let wait = extensions["retryAfterSeconds"].as_i64().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
}

/// Somebody at another replica.
async fn elsewhere(house: &House, client: &Client) -> Client {
    Client {
        token: client.token.clone(),
        ..house.replica().await
    }
}

/// Asks for something so many times, by turns at two replicas.
async fn many(times: usize, clients: [&Client; 2], query: &str, variables: &Value) -> Vec<Value> {
    let mut answers = Vec::new();
    for number in 0..times {
        let (_, answer) = clients[number % 2].send(query, variables.clone()).await;
        assert_ne!(
            answer["errors"][0]["extensions"]["code"], "RATE_LIMITED",
            "after {number}"
        );
        answers.push(answer);
    }
    answers
}

async fn count(house: &House, team: &Team, table: &str, which: &str) -> i64 {
    let account = house.literal(team.account_id);
    let sql = format!("SELECT count(*) FROM {table} WHERE account_id = {account} AND {which}");
    house.number(&sql).await
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_refused_sixty_times_a_minute_is_told_to_wait_and_fills_no_audit_log(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let mallory = team.join(&house, "mallory@acme.example", "USER").await;
    let anne = team.join(&house, "anne@acme.example", "USER").await;
    let input = json!({"input": {"userId": team.admin_id, "role": "USER"}});
    let there = elsewhere(&house, &mallory).await;
    for answer in many(60, [&mallory, &there], CHANGE_ROLE, &input).await {
        assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN", "{answer}");
    }
    let denied = async || count(&house, &team, "audit_events", "outcome = 'DENIED'").await;
    assert_eq!(denied().await, 60);
    for client in [&mallory, &there] {
        assert_waits(client, CHANGE_ROLE, input.clone()).await;
    }
    assert_eq!(denied().await, 60, "nothing more is written");

    // Nobody else notices, and what others try is recorded as before.
    assert_eq!(anne.refused(CHANGE_ROLE, input.clone()).await, "FORBIDDEN");
    assert_eq!(denied().await, 61);
    let read = "{ viewer { user { id } } }";
    assert!(mallory.ask(read, json!({})).await["viewer"]["user"]["id"].is_string());
    house.app.clock().advance(Duration::minutes(1));
    assert_eq!(mallory.refused(CHANGE_ROLE, input).await, "FORBIDDEN");
    assert_eq!(denied().await, 62);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_announces_sixty_files_a_minute_however_many_come_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (acme, other) = (
        team(&house, "acme", Plan::Standard).await,
        team(&house, "other", Plan::Standard).await,
    );
    let there = elsewhere(&house, &acme.admin).await;
    let input = json!({"input": {"purpose": "USER_IMPORT", "filename": "people.csv", "byteSize": 5, "contentType": "text/csv", "sha256": sha256(b"a,b,c")}});
    let refused = json!({"input": {"purpose": "USER_IMPORT", "filename": "people.pdf", "byteSize": 5, "contentType": "application/pdf", "sha256": sha256(b"a,b,c")}});
    for answer in many(5, [&acme.admin, &there], CREATE_UPLOAD, &refused).await {
        assert_eq!(answer["data"]["createUpload"]["upload"], Value::Null);
    }
    for answer in many(50, [&acme.admin, &there], CREATE_UPLOAD, &input).await {
        assert!(
            answer["data"]["createUpload"]["upload"]["id"].is_string(),
            "{answer}"
        );
    }
    let at_once = (0..20).map(|number| {
        let client = if number % 2 == 0 { &acme.admin } else { &there };
        client.send(CREATE_UPLOAD, input.clone())
    });
    let answers = futures::future::join_all(at_once).await;
    let made = answers
        .iter()
        .filter(|(_, answer)| answer["data"]["createUpload"]["upload"]["id"].is_string());
    assert_eq!(made.count(), 10);
    assert_eq!(count(&house, &acme, "uploads", "1 = 1").await, 60);
    assert_waits(&acme.admin, CREATE_UPLOAD, input.clone()).await;
    other.admin.ask(CREATE_UPLOAD, input.clone()).await;
    assert_eq!(count(&house, &other, "uploads", "1 = 1").await, 1);

    house.app.clock().advance(Duration::minutes(1));
    acme.admin.ask(CREATE_UPLOAD, input).await;
    assert_eq!(count(&house, &acme, "uploads", "1 = 1").await, 61);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_starts_sixty_imports_a_minute_and_those_without_a_file_count(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let there = elsewhere(&house, &team.admin).await;
    let file = format!("{HEADER}Anne,Acme,anne@acme.example,,,\n");
    let (upload, target) = team.admin.announce("people.csv", file.as_bytes()).await;
    let input = json!({"input": {"uploadId": upload, "mode": "DRY_RUN"}});
    for answer in many(60, [&team.admin, &there], START_IMPORT, &input).await {
        let told = &answer["data"]["startImport"]["userErrors"];
        assert_eq!(*told, json!([{"code": "UPLOAD_INCOMPLETE"}]), "{answer}");
    }
    assert!(team.admin.put(&target, file.as_bytes()).await.is_success());
    assert_waits(&team.admin, START_IMPORT, input).await;
    assert_eq!(count(&house, &team, "imports", "1 = 1").await, 0);
    assert_eq!(count(&house, &team, "jobs", "1 = 1").await, 0);

    house.app.clock().advance(Duration::minutes(1));
    let started = start(&team.admin, &upload, json!({"mode": "DRY_RUN"})).await;
    assert_eq!(started["userErrors"], json!([]));
    let id = started["import"]["id"].as_str().unwrap().to_owned();
    crate::imports::support::settled(&team.admin, &id).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_dns_is_asked_thirty_times_a_minute_for_one_account(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    let there = elsewhere(&house, &team.admin).await;
    let claim =
        "mutation { claimDomain(input: {name: \"acme.example\"}) { domain { id } userErrors { code } } }";
    let claimed = team.admin.ask(claim, json!({})).await;
    let id = json!({"id": claimed["claimDomain"]["domain"]["id"]});
    for answer in many(30, [&team.admin, &team.admin], VERIFY, &id).await {
        assert_eq!(
            answer["data"]["verifyDomain"]["domain"]["status"], "FAILED",
            "{answer}"
        );
    }
    let asked = house.dns.all_questions();
    assert!(asked >= 1);
    for client in [&team.admin, &there] {
        assert_waits(client, VERIFY, id.clone()).await;
    }
    assert_eq!(house.dns.all_questions(), asked, "nobody is asked any more");
    house.app.clock().advance(Duration::minutes(1));
    team.admin.ask(VERIFY, id).await;
    assert!(house.dns.all_questions() > asked);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_starts_thirty_trial_sign_ins_a_minute(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let scene = Scene::open(database).await;
    let id = text(&scene.create().await["id"]);
    let there = elsewhere(&scene.house, &scene.team.admin).await;
    let provider = json!({"id": id});
    for answer in many(30, [&scene.team.admin, &there], START_TEST, &provider).await {
        assert!(
            answer["data"]["startSsoTest"]["test"]["id"].is_string(),
            "{answer}"
        );
    }
    assert_waits(&scene.team.admin, START_TEST, provider).await;
    assert_eq!(count(&scene.house, &scene.team, "sso_tests", "1 = 1").await, 30);
    scene.house.app.clock().advance(Duration::minutes(1));
    assert!(start_test(&scene.team.admin, &id).await["test"]["id"].is_string());
    scene.house.close().await;
}
