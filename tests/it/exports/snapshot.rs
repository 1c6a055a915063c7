//! A file is of one moment: what is changed while it is written is in it as a whole or not at all.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::json;

use super::support::{crowd, file, one_of_the_crowd, rows};
use crate::support::rows::force;
use crate::support::{Database, House, add_product, team};

const PEOPLE: u32 = 12_000;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_changed_meanwhile_is_not_half_seen(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = Arc::new(House::open(database).await);
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 100_000).await;
    crowd(&house, &team, PEOPLE, std::slice::from_ref(&draw)).await;
    let connection = house.connection().await;
    // The first and the last of the crowd bear one name, and another one again and again, in one transaction; the seats of somebody in the middle come and go with it.
    let ids = [1, PEOPLE].map(|number| house.literal(one_of_the_crowd(number)));
    let middle = house.literal(one_of_the_crowd(PEOPLE / 2));
    let (is_over, changes) = (
        Arc::new(AtomicBool::new(false)),
        Arc::new(std::sync::atomic::AtomicU32::new(0)),
    );
    let changing = tokio::spawn({
        let (is_over, changes) = (is_over.clone(), changes.clone());
        async move {
            let mut number = 0;
            while !is_over.load(Ordering::Relaxed) {
                number += 1;
                let sql = format!(
                    "UPDATE users SET family_name = 'Name {number}' WHERE id IN ({}, {}, {middle})",
                    ids[0], ids[1]
                );
                force(&connection, &sql).await.unwrap();
                changes.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(std::time::Duration::from_millis(2)).await;
            }
            connection.close().await.unwrap();
        }
    });
    let mut seen = Vec::new();
    for columns in [
        json!([]),
        json!(["PRODUCTS"]),
        json!(["SUBSCRIPTION_ROWS"]),
        json!([]),
    ] {
        let before = changes.load(Ordering::Relaxed);
        let found = rows(&file(&team.admin, json!({"kind": "USERS", "columnSets": columns})).await);
        assert!(
            changes.load(Ordering::Relaxed) > before + 3,
            "it was changed meanwhile"
        );
        assert_eq!(found.len(), usize::try_from(PEOPLE).unwrap() + 1);
        let name = |number| {
            let id = Kind::User.text(one_of_the_crowd(number));
            let row = found.iter().find(|row| row["user_id"] == id).unwrap();
            row["last_name"].clone()
        };
        assert_eq!(name(1), name(PEOPLE), "of two moments");
        assert_eq!(name(1), name(PEOPLE / 2), "of two moments");
        seen.push(name(1));
    }
    is_over.store(true, Ordering::Relaxed);
    changing.await.unwrap();
    seen.dedup();
    assert!(seen.len() > 1, "each file is of its own moment: {seen:?}");
    let found = rows(&file(&team.admin, json!({"kind": "ASSIGNMENTS"})).await);
    assert_eq!(found.len(), usize::try_from(PEOPLE).unwrap() / 2);
    Arc::into_inner(house).unwrap().close().await;
}
