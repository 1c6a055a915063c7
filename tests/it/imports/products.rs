//! Which product a word in a file means, and products that were defined by another process a moment ago.

use entity::account::Plan;
use muster::server;
use rstest::rstest;
use serde_json::{Value, json};
use uuid::Uuid;

use super::support::{HEADER, assert_sums, outcomes, rows, run};
use crate::support::{Database, House, Team, add_product, sell, team};

/// The products of the catalogue as the account is shown them, page by page, one to a page.
async fn listed(team: &Team) -> Vec<String> {
    let query = "query($after: String) { account { products(first: 1, after: $after) { nodes { code } pageInfo { hasNextPage endCursor } } } }";
    let (mut codes, mut after) = (Vec::new(), Value::Null);
    loop {
        let page = team.admin.ask(query, json!({"after": after})).await["account"]["products"].clone();
        let nodes = page["nodes"].as_array().unwrap();
        codes.extend(nodes.iter().map(|node| node["code"].as_str().unwrap().to_owned()));
        if page["pageInfo"]["hasNextPage"] == false {
            return codes;
        }
        after = page["pageInfo"]["endCursor"].clone();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_word_takes_the_seat_of_the_product_with_that_code_and_of_none_where_names_do_not_tell(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let render = sell(&house.app, "acme", ("RENDER", "Alpha"), 5).await;
    let other = sell(&house.app, "acme", ("RND", "Render"), 5).await;
    let twins = [
        sell(&house.app, "acme", ("T1", "Twin"), 5).await,
        sell(&house.app, "acme", ("T2", "twin"), 5).await,
    ];
    let file = format!(
        "{HEADER}A,X,a@acme.example,,Render,\nB,X,b@acme.example,,alpha,\nC,X,c@acme.example,,Twin,\nD,X,d@acme.example,,t2,\n"
    );
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(import["status"], "SUCCEEDED_WITH_ERRORS");
    assert_sums(&team.admin, &import).await;
    let failed = rows(&team.admin, import["id"].as_str().unwrap(), json!(["FAILED"])).await;
    assert_eq!((failed.len(), &failed[0]["lineNumber"]), (1, &json!(4)));
    let error = &failed[0]["userErrors"][0];
    assert_eq!(
        (&error["code"], &error["field"]),
        (&json!("PRODUCT_UNKNOWN"), &json!(["line 4", "Products"]))
    );
    let message = error["message"].as_str().unwrap();
    assert!(message.contains("T1, T2"), "{message}");

    assert_eq!(team.seats(&render).await, (5, 2, 2));
    assert_eq!(
        team.seats(&other).await,
        (5, 0, 0),
        "its name is the other's code"
    );
    assert_eq!(team.seats(&twins[0]).await, (5, 0, 0));
    assert_eq!(team.seats(&twins[1]).await, (5, 1, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn products_of_one_name_are_all_listed_page_by_page(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    // Stored in another order than that of their ids.
    for (number, code, name) in [
        (3, "A", "Same"),
        (1, "B", "Same"),
        (2, "C", "same"),
        (4, "D", "Élan"),
    ] {
        let id = house.literal(Uuid::from_u128(number));
        let now = House::literal_time(house.app.clock().now());
        let sql = format!(
            "INSERT INTO products (id, code, name, kind, created_at) VALUES ({id}, '{code}', '{name}', 'APPLICATION', {now})"
        );
        assert_eq!(house.force(&sql).await.unwrap(), 1);
    }
    assert_eq!(listed(&team).await, ["B", "A", "C", "D"]);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_another_process_defines_is_known_at_the_first_question(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    add_product(&house, "acme", "DRAW", 5).await;
    assert_eq!(listed(&team).await, ["DRAW"], "the catalogue is in memory");

    let config = House::config(&house.folder, &house.database_url);
    let operator = server::operator_app(&config).await.unwrap();
    let subscription = sell(&operator, "acme", ("INK", "Ink"), 5).await;
    let query = "query($id: ID!) { subscription(id: $id) { product { id code components { code } } } }";
    let shown = team.admin.ask(query, json!({"id": subscription})).await;
    let product = &shown["subscription"]["product"];
    assert_eq!(product["code"], "INK");
    assert_eq!(product["components"].as_array().unwrap().len(), 3);
    assert_eq!(
        listed(&team).await,
        ["INK", "DRAW"],
        "and from then on to everybody"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_may_name_what_another_process_has_just_defined(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    assert_eq!(listed(&team).await, ["DRAW"], "the catalogue is in memory");

    let config = House::config(&house.folder, &house.database_url);
    let operator = server::operator_app(&config).await.unwrap();
    let ink = sell(&operator, "acme", ("INK", "Ink"), 5).await;
    let file = format!("{HEADER}A,X,a@acme.example,,ink,\nB,X,b@acme.example,,DRAW|Ink,\n");
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(import["status"], "SUCCEEDED");
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        [("INVITED_AND_ASSIGNED".to_owned(), 2)].into()
    );
    assert_eq!(team.seats(&ink).await, (5, 2, 2));
    assert_eq!(team.seats(&draw).await, (5, 1, 1));
    house.close().await;
}
