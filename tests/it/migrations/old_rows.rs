//! A database of an earlier version, with rows in it, comes through the later steps: nothing is lost that still counts.

use migration::{Migrator, MigratorTrait};
use muster::access::Actor;
use muster::background::claim::Claim;
use muster::platform::db::Db;
use rstest::rstest;
use sea_orm::DatabaseConnection;
use uuid::Uuid;

use crate::support::rows::{force, query, texts};
use crate::support::{Database, House, discard, empty};

/// An id as SQL writes it.
fn id(database: Database, number: u128) -> String {
    let id = Uuid::from_u128(number);
    match database {
        Database::Sqlite => format!("x'{}'", id.simple()),
        Database::Postgres => format!("'{id}'::uuid"),
    }
}

async fn run(connection: &DatabaseConnection, sql: &str) {
    force(connection, sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

const ACCOUNT: u128 = 1;
const THEN: &str = "'2026-01-02T03:04:05+00:00'";

async fn account(connection: &DatabaseConnection, database: Database) {
    let sql = format!(
        "INSERT INTO accounts (id, version, name, slug, plan, view, invitation_lifetime_days, allowed_invite_domains, default_locale, \
         users_staged, users_pending, users_active, users_disabled, users_admin, created_at) \
         VALUES ({}, 1, 'Acme', 'acme', 'STANDARD', 'CURRENT', 90, '[]', 'en', 0, 0, 0, 0, 0, {THEN})",
        id(database, ACCOUNT)
    );
    run(connection, &sql).await;
}

/// As version 11 wrote it: by id alone, and for the platform without an account.
async fn job(
    connection: &DatabaseConnection,
    database: Database,
    number: u128,
    of: Option<u128>,
    status: &str,
) {
    let of = of.map_or("NULL".to_owned(), |of| id(database, of));
    let sql = format!(
        "INSERT INTO jobs (id, account_id, kind, subject_id, status, run_at, attempts, lease_token, lease_until, last_error, created_at, finished_at) \
         VALUES ({}, {of}, 'import', {}, '{status}', {THEN}, 3, NULL, NULL, 'it was away', {THEN}, NULL)",
        id(database, number),
        id(database, 1_000 + number)
    );
    run(connection, &sql).await;
}

async fn mail(connection: &DatabaseConnection, database: Database, number: u128, status: &str) {
    let sql = format!(
        "INSERT INTO mails (account_id, id, key, kind, to_address, to_name, payload, status, run_at, attempts, lease_token, lease_until, last_error, created_at, sent_at) \
         VALUES ({}, {}, 'tests:{number}', 'invitation', 'person{number}@acme.example', NULL, '{{}}', '{status}', {THEN}, 2, NULL, NULL, NULL, {THEN}, NULL)",
        id(database, ACCOUNT),
        id(database, number)
    );
    run(connection, &sql).await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn jobs_and_mails_of_an_earlier_version_are_kept_and_done_once_they_have_their_keys(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let url = empty(database, folder.path()).await;
    // The file is made by whoever opens it first.
    Db::connect(&url, 2).await.unwrap().close().await;
    let connection = sea_orm::Database::connect(&url).await.unwrap();
    Migrator::up(&connection, Some(11)).await.unwrap();
    account(&connection, database).await;
    job(&connection, database, 10, Some(ACCOUNT), "READY").await;
    job(&connection, database, 11, Some(ACCOUNT), "DONE").await;
    job(&connection, database, 12, Some(ACCOUNT), "DEAD").await;
    job(&connection, database, 13, None, "READY").await;
    for (number, status) in [(20, "READY"), (21, "SENT"), (22, "DEAD")] {
        mail(&connection, database, number, status).await;
    }
    let mails =
        "SELECT to_address || ' ' || status || ' ' || attempts || ' ' || key FROM mails ORDER BY to_address";
    let mails_before = texts(&connection, mails).await;
    connection.close().await.unwrap();

    let db = Db::connect(&url, 2).await.unwrap();
    db.migrate().await.unwrap();
    db.migrate().await.unwrap();
    db.close().await;
    let connection = sea_orm::Database::connect(&url).await.unwrap();
    let jobs =
        "SELECT status || ' ' || attempts || ' ' || kind || ' ' || last_error FROM jobs ORDER BY status";
    assert_eq!(
        texts(&connection, jobs).await,
        [
            "DEAD 3 import it was away",
            "DONE 3 import it was away",
            "READY 3 import it was away"
        ],
        "all of the account's, and what belonged to none is gone"
    );
    assert_eq!(texts(&connection, mails).await, mails_before);
    let of_account = format!("SELECT id FROM jobs WHERE account_id = {}", id(database, ACCOUNT));
    assert_eq!(query(&connection, &of_account).await.len(), 3);
    // One that waits already is not doubled; two accounts may have the same id.
    let doubled = format!(
        "INSERT INTO jobs (account_id, id, kind, subject_id, status, run_at, attempts, created_at) VALUES ({}, {}, 'import', {}, 'READY', {THEN}, 0, {THEN})",
        id(database, ACCOUNT),
        id(database, 99),
        id(database, 1_010)
    );
    assert!(force(&connection, &doubled).await.is_err());
    connection.close().await.unwrap();

    // This version takes it in hand.
    let config = House::config(&folder, &url);
    let app = muster::server::operator_app(&config).await.unwrap();
    let claim = async || {
        let claim = Claim {
            account_id: Uuid::from_u128(ACCOUNT),
            lease_for: chrono::Duration::seconds(30),
        };
        app.run(&Actor::Platform, claim).await.unwrap()
    };
    let lease = claim().await.unwrap();
    assert_eq!(
        (lease.job_id, lease.subject_id, lease.attempts),
        (Uuid::from_u128(10), Uuid::from_u128(1_010), 4)
    );
    assert!(claim().await.is_none());
    let due = muster::background::lease::due_accounts::<entity::mail::Entity>(&app)
        .await
        .unwrap();
    assert_eq!(due, [Uuid::from_u128(ACCOUNT)]);
    discard(database, &url).await;
}
