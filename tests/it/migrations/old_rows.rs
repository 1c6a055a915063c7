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

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn names_of_an_earlier_version_wait_for_their_keys_and_invitations_tell_what_was_sent(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let folder = tempfile::tempdir().unwrap();
    let url = empty(database, folder.path()).await;
    Db::connect(&url, 2).await.unwrap().close().await;
    let connection = sea_orm::Database::connect(&url).await.unwrap();
    Migrator::up(&connection, Some(16)).await.unwrap();
    account(&connection, database).await;
    // Each with an invitation that was mailed so often, of which the last mail became this.
    for (number, sent, mail) in [
        (10, 1, Some(("SENT", "NULL"))),
        (11, 1, Some(("READY", "NULL"))),
        (12, 3, Some(("READY", "'451 later'"))),
        (13, 2, Some(("DEAD", "'550 nobody'"))),
        // Its mail was cleared away long ago.
        (14, 2, None),
    ] {
        let (account, user) = (id(database, ACCOUNT), id(database, number));
        let invitation = Uuid::from_u128(100 + number);
        let sql = format!(
            "INSERT INTO users (account_id, id, version, email, email_key, email_verified, given_name, sort_name, search_text, role, status, origin, created_at) \
             VALUES ({account}, {user}, 1, 'e{number}@x.example', 'e{number}@x.example', FALSE, 'Zoë', 'zoë', 'zoë e{number}@x.example', 'USER', 'PENDING', 'API', {THEN})"
        );
        run(&connection, &sql).await;
        let sql = format!(
            "INSERT INTO invitations (account_id, id, user_id, role, status, generation, token_hash, created_at, expires_at, last_sent_at, send_count) \
             VALUES ({account}, {}, {user}, 'USER', 'PENDING', {sent}, {}, {THEN}, {THEN}, {THEN}, {sent})",
            id(database, 100 + number),
            match database {
                Database::Sqlite => "x''",
                Database::Postgres => "''",
            }
        );
        run(&connection, &sql).await;
        if let Some((status, error)) = mail {
            let sql = format!(
                "INSERT INTO mails (account_id, id, key, kind, to_address, to_name, payload, status, run_at, attempts, lease_token, lease_until, last_error, created_at, sent_at) \
                 VALUES ({account}, {}, 'invitation:{invitation}:{sent}', 'invitation', 'x', NULL, '{{}}', '{status}', {THEN}, 2, NULL, NULL, {error}, {THEN}, NULL)",
                id(database, 200 + number)
            );
            run(&connection, &sql).await;
        }
    }
    Migrator::up(&connection, None).await.unwrap();
    let told = "SELECT delivery_status || ' ' || send_count || ' ' || CASE WHEN last_sent_at IS NULL THEN 'never' ELSE 'once' END \
                FROM invitations ORDER BY id";
    assert_eq!(
        texts(&connection, told).await,
        [
            "SENT 1 once",
            "QUEUED 0 never",
            "DELAYED 2 once",
            "BOUNCED 1 once",
            "SENT 2 once"
        ]
    );
    let kept =
        "SELECT search_text FROM users WHERE length(given_key) = 0 AND length(family_key) = 0 ORDER BY id";
    assert_eq!(texts(&connection, kept).await.len(), 5);
    let waiting = "SELECT slug FROM accounts WHERE names_version = 0";
    assert_eq!(texts(&connection, waiting).await, ["acme"]);
    connection.close().await.unwrap();
    discard(database, &url).await;
}
