//! Seats in the files: a column for all products, a column for each, a row for each, and a list of their own.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::files::invite;
use super::support::{Row, file, rows};
use crate::support::{Database, House, add_product, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_are_told_of_in_each_of_the_ways(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let ink = add_product(&house, "acme", "INK", 10).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    add_product(&house, "acme", "EMAIL", 10).await;
    invite(&team.admin, json!({"email": "none@acme.example"})).await;
    let both = invite(
        &team.admin,
        json!({"email": "both@acme.example", "subscriptionIds": [ink, draw]}),
    )
    .await;
    invite(
        &team.admin,
        json!({"email": "one@acme.example", "subscriptionIds": [draw]}),
    )
    .await;
    let today = house.app.clock().now().date_naive().to_string();
    let users = async |columns: Value| {
        rows(&file(&team.admin, json!({"kind": "USERS", "columnSets": columns})).await)
    };
    let column = |rows: &[Row], name: &str| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();

    let found = users(json!(["PRODUCTS"])).await;
    assert_eq!(column(&found, "products"), ["", "", "DRAW|INK", "DRAW"]);

    let found = users(json!(["SUBSCRIPTIONS", "PRODUCTS", "SUBSCRIPTIONS"])).await;
    assert_eq!(column(&found, "products"), ["", "", "DRAW|INK", "DRAW"]);
    assert_eq!(column(&found, "seat_DRAW"), ["", "", &today, &today]);
    assert_eq!(column(&found, "seat_INK"), ["", "", &today, ""]);
    assert_eq!(
        column(&found, "seat_EMAIL"),
        ["", "", "", ""],
        "bought, and nobody has it"
    );

    let found = users(json!(["SUBSCRIPTION_ROWS"])).await;
    assert_eq!(
        column(&found, "email"),
        ["admin", "none", "both", "both", "one"].map(|name| format!("{name}@acme.example"))
    );
    assert_eq!(column(&found, "product"), ["", "", "DRAW", "INK", "DRAW"]);
    assert_eq!(column(&found, "product_name")[3], "Product INK");
    assert_eq!(column(&found, "contract"), ["", "", "C-DRAW", "C-INK", "C-DRAW"]);
    assert_eq!(column(&found, "components")[2], "CORE|EXTRA");
    assert!(found[2]["assigned_at"].starts_with(&today) && found[0]["assigned_at"].is_empty());

    let text = file(
        &team.admin,
        json!({"kind": "USERS", "columnSets": ["PRODUCTS"], "format": "NDJSON"}),
    )
    .await;
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        (&lines[2]["products"], &lines[0]["products"]),
        (&json!(["DRAW", "INK"]), &json!([]))
    );

    let found = rows(&file(&team.admin, json!({"kind": "ASSIGNMENTS"})).await);
    assert_eq!(found.len(), 3);
    assert_eq!(
        column(&found, "email"),
        ["both", "both", "one"].map(|name| format!("{name}@acme.example"))
    );
    assert_eq!(column(&found, "user_id")[0], both);
    assert_eq!(column(&found, "status"), ["PENDING"; 3]);
    assert_eq!(column(&found, "source"), ["MANUAL"; 3]);
    assert!(found.iter().all(|row| row["assignment_id"].starts_with("asg_")));
    let of = |row: &Row| (row["product"].clone(), row["subscription_id"].clone());
    assert!(
        found
            .iter()
            .map(of)
            .any(|seat| seat == ("INK".to_owned(), ink.clone()))
    );
    house.settle_mails().await;
    house.close().await;
}
