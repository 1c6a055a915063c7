//! The operations of `docs/usage.md`, sent as they stand there.

use serde_json::{Value, json};

use super::support::{ago, opening, product};
use crate::support::{Database, blocks};

const PAGE: &str = include_str!("../../../docs/usage.md");

#[tokio::test(flavor = "multi_thread")]
async fn every_operation_of_the_page_does_what_it_says() {
    let (house, team, _) = opening(Database::Sqlite, 0).await;
    team.invite("ada@acme.example").await;
    let records = blocks(PAGE, "json")[0].replace("YESTERDAY", &ago(&house, 1));
    let records: Value = serde_json::from_str(&records).unwrap();
    let draw = product(&team, "DRAW").await;
    let period = json!({"from": ago(&house, 20), "to": ago(&house, 0)});
    let operations = blocks(PAGE, "graphql");
    assert_eq!(operations.len(), 5);
    for operation in operations {
        let mut given = match operation.starts_with("mutation") {
            true => json!({"records": records, "key": "night of the 27th"}),
            false => period.clone(),
        };
        if operation.contains("$productIds") {
            given["productIds"] = json!([draw]);
        }
        let answer = team.admin.ask(operation, given).await;
        let told = answer.to_string();
        if operation.starts_with("mutation") {
            let done = &answer["recordUsage"];
            assert_eq!(
                done["summary"],
                json!({"applied": 2, "unchanged": 0, "failed": 1})
            );
            let failed = &done["results"][2]["userErrors"][0];
            assert_eq!(
                (&failed["code"], &failed["field"]),
                (&json!("NOT_FOUND"), &json!(["input", "records", "2", "email"]))
            );
        } else if operation.contains("query Report") {
            let summary = json!({"activeUsers": 1, "inactiveAssignedUsers": 0, "sessions": 3, "hours": 1, "creditsConsumed": "1.25"});
            assert_eq!(answer["account"]["usageReport"]["summary"], summary);
        } else if operation.contains("query Rows") {
            assert!(told.contains("\"minutes\":115"), "{told}");
        }
    }
    house.settle_mails().await;
    house.close().await;
}

#[test]
fn the_bounds_the_page_names_are_those_that_hold() {
    use muster::limits;
    for figure in [
        limits::RECORDS_AT_ONCE,
        limits::RECORD_MINUTES,
        limits::RECORD_LAUNCHES,
        limits::RECORD_CREDITS,
        limits::REPORT_POINTS,
    ] {
        let mut text = figure.to_string();
        let mut place = text.len();
        while place > 3 {
            place -= 3;
            text.insert(place, ',');
        }
        assert!(PAGE.contains(&text), "{text}");
    }
    assert!(PAGE.contains(&format!("at most {} days", limits::REPORT_DAYS)));
    assert!(PAGE.contains(&format!("at most {} records", limits::RECORDS_OF_A_DAY)));
}
