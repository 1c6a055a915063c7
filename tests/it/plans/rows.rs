//! One account of 20,000 users among 300 others, and what has come together in them over the months.

use entity::ids::Kind;
use uuid::Uuid;

use crate::support::{House, Team};

/// An import of the account, finished.
const IMPORT: Uuid = Uuid::from_u128(0x0192_0000_0000_7000_8000_0001_0000_0000);

pub fn import_id() -> String {
    Kind::Import.text(IMPORT)
}

/// Tables with rows of every account and of months; the test fails if one of them was not asked.
pub const GROWING: [&str; 31] = [
    "accounts",
    "api_tokens",
    "assignments",
    "audit_events",
    "credit_books",
    "credit_entries",
    "credit_lots",
    "disabled_seats",
    "domain_owners",
    "domains",
    "external_identities",
    "idempotency_keys",
    "identities",
    "import_events",
    "import_rows",
    "imports",
    "invitations",
    "jobs",
    "logout_tokens",
    "mails",
    "notifications",
    "sessions",
    "sign_in_attempts",
    "sso_attempts",
    "subscriptions",
    "uploads",
    "usage_days",
    "usage_months",
    "usage_totals",
    "user_directory",
    "users",
];

/// Writes the rows past all rules and all keys, and has them counted.
pub async fn fill(house: &House, team: &Team) {
    let connection = sqlx::PgPool::connect(&house.database_url).await.unwrap();
    let mut one = connection.acquire().await.unwrap();
    let script = include_str!("rows.sql")
        .replace("{account}", &format!("'{}'::uuid", team.account_id))
        .replace(
            "{admin}",
            &format!("'{}'::uuid", Kind::User.parse(&team.admin_id).unwrap()),
        )
        .replace("{import}", &format!("'{IMPORT}'::uuid"));
    for statement in script.split("\n;;").map(str::trim).filter(|sql| !sql.is_empty()) {
        sqlx::query(sqlx::AssertSqlSafe(statement))
            .execute(&mut *one)
            .await
            .unwrap_or_else(|error| panic!("{error}\n{statement}"));
    }
    drop(one);
    connection.close().await;
    for table in ["accounts", "users", "identity_providers", "domains"] {
        crate::support::directories::note_forced(&format!("INSERT INTO {table}"));
    }
}

/// What is old went, however much it was, and what is young stayed: of the import that ended an hour ago, and of the one that this test made.
pub async fn assert_cleared(house: &House) {
    for (table, days) in [("import_events", 7), ("import_rows", 30)] {
        let sql = |condition: &str| {
            format!(
                "SELECT count(*) FROM {table} r JOIN imports i ON i.account_id = r.account_id AND i.id = r.import_id
                 WHERE i.finished_at {condition} now() - interval '{days} days'"
            )
        };
        assert_eq!(house.number(&sql("<")).await, 0, "{table}");
        assert!(house.number(&sql(">=")).await > 20, "{table}");
    }
    for (table, ends) in [("sso_attempts", "expires_at"), ("logout_tokens", "expires_at")] {
        let sql = |condition: &str| {
            format!("SELECT count(*) FROM {table} WHERE {ends} {condition} now() - interval '1 day'")
        };
        assert_eq!(house.number(&sql("<")).await, 0, "{table}");
        assert!(house.number(&sql(">=")).await > 1_000, "{table}");
    }
}
