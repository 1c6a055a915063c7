//! SQLite's full-text table, held against the users it is made of: at the end of every test.

use super::rows::{force, query};

/// Every user is in it with the text that is searched, and nobody else.
pub async fn assert_search_agrees(url: &str) {
    if !url.starts_with("sqlite") {
        return;
    }
    let connection = sea_orm::Database::connect(url).await.unwrap();
    let (rows, users) = (
        "SELECT account_id, user_id, search_text FROM search_rows",
        "SELECT account_id, id, search_text FROM users",
    );
    let sql =
        format!("SELECT * FROM ({rows} EXCEPT {users}) UNION ALL SELECT * FROM ({users} EXCEPT {rows})");
    assert_eq!(
        query(&connection, &sql).await.len(),
        0,
        "users and what is searched"
    );
    let sql = "SELECT r.user_id FROM search_rows r LEFT JOIN search_accounts a ON a.account_id = r.account_id AND a.number = r.number >> 32
               WHERE a.number IS NULL";
    assert_eq!(
        query(&connection, sql).await.len(),
        0,
        "rows that stand in another account's range"
    );
    // Fails where the index does not say what the rows say.
    let check = "INSERT INTO user_search (user_search, rank) VALUES ('integrity-check', 1)";
    force(&connection, check).await.unwrap();
    connection.close().await.unwrap();
}
