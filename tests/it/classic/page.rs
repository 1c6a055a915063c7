//! The operations of `docs/classic.md`, sent as they stand there, with the variables that stand beneath them.

use serde_json::{Value, json};

use super::support::{classic, codes, coordinator, managers};
use crate::support::{Client, Database, PASSWORD, add_product, blocks};

const PAGE: &str = include_str!("../../../docs/classic.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_does_what_it_says() {
    let (house, team) = classic(Database::Sqlite).await;
    add_product(&house, "acme", "DRAW", 5).await;
    let product = team
        .admin
        .ask("{ account { products { nodes { id } } } }", json!({}))
        .await["account"]["products"]["nodes"][0]["id"]
        .clone();
    let (_, cora) = coordinator(&house, &team, "cora@acme.example").await;
    let contract = managers(&team.admin).await["nodes"][0]["id"].clone();
    let mut written = blocks(PAGE, "json").into_iter();
    let mut admin: Client = team.admin.clone();
    let operations = blocks(PAGE, "graphql");
    assert!(operations.len() >= 7, "{}", operations.len());
    for operation in operations {
        let name = operation
            .split([' ', '(', '{'])
            .nth(1)
            .expect("operations of the page have names");
        let variables: Value = match name {
            "AddOne" | "AddMany" => {
                let mut variables: Value = serde_json::from_str(written.next().unwrap()).unwrap();
                if name == "AddOne" {
                    variables["input"]["productIds"] = json!([product]);
                }
                variables
            }
            "HandOver" => json!({"input": {"contractId": contract, "toUserId": cora}}),
            _ => json!({}),
        };
        let answer = admin.ask(operation, variables).await;
        let payload = answer.as_object().unwrap().values().next().unwrap();
        let expected: &[&str] = match name {
            "WrongView" => &["WRONG_USER_MANAGEMENT_VIEW"],
            _ => &[],
        };
        if payload.get("userErrors").is_some() {
            assert_eq!(codes(payload), expected, "{operation}\n{answer:#}");
        }
        if name == "HandOver" {
            // The contract is Cora's now, and so is the rest of the page.
            admin = house.sign_in("cora@acme.example", PASSWORD).await;
        }
    }
    let view = admin.send("{ account { view } }", json!({})).await.1;
    assert_eq!(
        view["errors"][0]["extensions"]["code"], "SESSION_EXPIRED",
        "the switch ended their session, as the page says: {view}"
    );
    house.settle_mails().await;
    house.close().await;
}
