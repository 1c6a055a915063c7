//! The operations of `docs/credits.md`, sent as they stand there.

use serde_json::{Value, json};

use super::support::{assert_books_agree, grant, spend};
use crate::support::{Database, blocks};
use crate::usage::support::{ago, opening, today};

const PAGE: &str = include_str!("../../../docs/credits.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_does_what_it_says() {
    let (house, team, _) = opening(Database::Sqlite, 1).await;
    grant(&house, "10", Some(today(&house))).await;
    let day = ago(&house, 0);
    let filter: Value = serde_json::from_str(blocks(PAGE, "json")[0]).unwrap();
    let records = [spend(0, "DRAW", &day, "4", "a"), spend(0, "DRAW", &day, "7", "b")];
    let given = json!({"records": records, "filter": filter, "from": day, "to": day});
    let operations = blocks(PAGE, "graphql");
    assert_eq!(operations.len(), 5);
    for operation in operations {
        let mut variables = given.clone();
        let members = variables.as_object_mut().unwrap();
        members.retain(|name, _| operation.contains(&format!("${name}")));
        let answer = team.admin.ask(operation, variables).await;
        if operation.contains("mutation Consume") {
            let results = &answer["recordUsage"]["results"];
            assert_eq!(results[0]["status"], "APPLIED");
            let problem = &results[1]["userErrors"][0];
            let figures = (&problem["requestedCredits"], &problem["availableCredits"]);
            assert_eq!(figures, (&json!("7"), &json!("6")));
        } else if operation.contains("Ledger") {
            let ledger = &answer["account"]["cloudCredits"]["ledger"];
            assert_eq!(
                (&ledger["totalCount"], &ledger["nodes"][0]["amount"]),
                (&json!(1), &json!("-4"))
            );
        } else if operation.contains("Tell") {
            let told = &answer["updateCreditSettings"]["cloudCredits"]["noticePercents"];
            assert_eq!(*told, json!([50, 90, 100]));
        }
    }
    assert_books_agree(&house, &team).await;
    house.settle_mails().await;
    house.close().await;
}

#[test]
fn the_bounds_the_page_names_are_those_that_hold() {
    use muster::limits;
    assert_eq!(limits::CREDITS_AT_ONCE, 1_000_000_000);
    assert!(PAGE.contains("At most 1,000,000,000 credits"));
    assert_eq!(limits::OPEN_CREDIT_LOTS, 1_000);
    assert!(PAGE.contains("at most 1,000 grants"));
    assert_eq!(limits::CREDIT_NOTICES, 5);
    assert!(PAGE.contains("at most five of 1 to 100"));
}
