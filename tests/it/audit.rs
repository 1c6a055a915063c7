//! The audit log: read by whoever may, as it was written, and proven to be whole.

mod chain;
mod page;
mod parallel;
mod reading;
mod removed;
mod term;

use serde_json::{Value, json};

use crate::support::{Client, House, Team};

pub const EVENTS: &str = "query($filter: AuditEventFilter, $first: Int, $after: String) {
    account { auditEvents(first: $first, after: $after, filter: $filter) { totalCount pageInfo { hasNextPage endCursor } nodes {
        id occurredAt action actorKind actor { id email } actorLabel ipAddress userAgent requestId outcome
        targetIds targets { id label subject { id __typename } } changes { field before after }
} } } }";

/// The page of events that a filter finds.
pub async fn events(reader: &Client, filter: Value) -> Value {
    let answer = reader.ask(EVENTS, json!({"filter": filter, "first": 60})).await;
    answer["account"]["auditEvents"].clone()
}

/// Actions of what a filter finds, newest first.
pub async fn actions(reader: &Client, filter: Value) -> Vec<String> {
    let found = events(reader, filter).await;
    let nodes = found["nodes"].as_array().unwrap();
    assert_eq!(found["totalCount"], nodes.len());
    nodes
        .iter()
        .map(|node| node["action"].as_str().unwrap().to_owned())
        .collect()
}

/// Sends a mutation that must find nothing wrong; answers its payload.
pub async fn done(client: &Client, mutation: &str, input: Value) -> Value {
    let answer = client.ask(mutation, json!({"input": input})).await;
    let payload = answer.as_object().unwrap().values().next().unwrap().clone();
    assert_eq!(payload["userErrors"], json!([]), "{mutation}: {payload}");
    payload
}

pub const REMOVE: &str = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { results { status } userErrors { code } } }";
pub const RENAME: &str =
    "mutation($input: UpdateUserInput!) { updateUser(input: $input) { user { id } userErrors { code } } }";
pub const SETTINGS: &str = "mutation($input: UpdateAccountInput!) { updateAccount(input: $input) {
    account { version settings { auditKeptDays seatNoticePercent } } userErrors { code field } } }";

/// Somebody with a name who was invited and given another one.
pub async fn renamed(team: &Team, email: &str) -> String {
    let id = team.invite(email).await;
    done(
        &team.admin,
        RENAME,
        json!({"userId": id, "givenName": "Grace", "familyName": "Hopper"}),
    )
    .await;
    id
}

/// Bytes as SQL writes them.
pub fn literal_bytes(house: &House, bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut text = String::new();
    for byte in bytes {
        write!(text, "{byte:02x}").unwrap();
    }
    match house.database {
        crate::support::Database::Postgres => format!("'\\x{text}'::bytea"),
        crate::support::Database::Sqlite => format!("x'{text}'"),
    }
}

/// Does something past the triggers, as whoever owns the database can.
pub async fn tamper(house: &House, sql: &str) -> u64 {
    use crate::support::Database;
    use crate::support::rows::force;
    let connection = house.connection().await;
    let (off, on): (&[&str], &[&str]) = match house.database {
        Database::Postgres => (
            &["ALTER TABLE audit_events DISABLE TRIGGER ALL"],
            &["ALTER TABLE audit_events ENABLE TRIGGER ALL"],
        ),
        Database::Sqlite => (
            &[
                "DROP TRIGGER audit_events_are_not_updated",
                "DROP TRIGGER audit_events_are_not_deleted",
            ],
            &[],
        ),
    };
    for sql in off {
        // On SQLite they may be gone since the last time.
        let _ = force(&connection, sql).await;
    }
    let done = force(&connection, sql).await.unwrap();
    for sql in on {
        force(&connection, sql).await.unwrap();
    }
    connection.close().await.unwrap();
    done
}
