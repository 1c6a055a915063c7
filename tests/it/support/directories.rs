//! The directories, held against the tables whose rows they list: at the end of every test.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sea_orm::DatabaseConnection;

use super::rows::{query, texts};

/// A table, what of it is listed, and what the directory says.
const LISTED: [(&str, &str, &str); 4] = [
    (
        "accounts",
        "SELECT slug, id AS account_id FROM accounts",
        "SELECT slug, account_id FROM account_slugs",
    ),
    (
        "domains",
        "SELECT name, account_id FROM domains WHERE status = 'VERIFIED'",
        "SELECT name, account_id FROM domain_owners",
    ),
    (
        "identity_providers",
        "SELECT id AS identity_provider_id, account_id FROM identity_providers",
        "SELECT identity_provider_id, account_id FROM provider_accounts",
    ),
    (
        "users",
        "SELECT account_id, id AS user_id, identity_id, email_key FROM users
         WHERE status <> 'REMOVED' AND (identity_id IS NOT NULL OR email_verified)",
        "SELECT account_id, user_id, identity_id, email_key FROM user_directory",
    ),
];

/// Tables that this test wrote around the commands: of them it cannot be said what a directory should hold.
static FORCED: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());

fn forced() -> MutexGuard<'static, BTreeSet<String>> {
    FORCED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Notes the table that a statement of a test's own writes.
pub fn note_forced(sql: &str) {
    let mut words = sql.split_whitespace();
    let table = match words.next().map(str::to_uppercase).as_deref() {
        Some("UPDATE") => words.next(),
        Some("INSERT" | "DELETE") => words.nth(1),
        _ => None,
    };
    forced().extend(table.map(str::to_owned));
}

/// Every directory lists what its table has and nothing else.
pub async fn assert_directories_agree(url: &str) {
    let connection = sea_orm::Database::connect(url).await.unwrap();
    for (table, rows, listed) in LISTED {
        if !forced().contains(table) {
            assert_eq!(
                differences(&connection, rows, listed).await,
                0,
                "a directory and {table}"
            );
        }
    }
    connection.close().await.unwrap();
}

async fn differences(connection: &DatabaseConnection, one: &str, other: &str) -> i64 {
    // One statement sees one moment, though the house is still at work.
    let sql = format!(
        "SELECT count(*) FROM (SELECT * FROM ({one} EXCEPT {other}) a UNION ALL SELECT * FROM ({other} EXCEPT {one}) b) c"
    );
    let row = query(connection, &sql).await.pop().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// The slugs, domains and e-mails the directories list, in order.
pub async fn listed(connection: &DatabaseConnection) -> [Vec<String>; 3] {
    [
        texts(connection, "SELECT slug FROM account_slugs ORDER BY slug").await,
        texts(connection, "SELECT name FROM domain_owners ORDER BY name").await,
        texts(
            connection,
            "SELECT email_key FROM user_directory ORDER BY email_key",
        )
        .await,
    ]
}
