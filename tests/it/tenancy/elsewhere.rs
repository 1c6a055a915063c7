//! One's other accounts: what of them can be seen from a session for one.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::lived_in;
use crate::support::shape::Shape;
use crate::support::{Database, House};

/// What anybody who can switch to an account may know of it.
const OPEN_TO_ALL: [&str; 10] = [
    "id",
    "version",
    "name",
    "slug",
    "plan",
    "view",
    "roles",
    "createdAt",
    "primaryAdmin",
    "settings",
];

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_an_account_holds_is_refused_to_a_session_for_another_however_it_is_asked(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = lived_in(&house, "acme", Plan::Premium).await;
    let other = lived_in(&house, "other", Plan::Premium).await;
    let here = acme.admin.clone();
    other.join(&house, "admin@acme.example", "USER").await;
    let shape = Shape::read(&here).await;
    let query = format!("{{ viewer {{ accounts {} }} }}", shape.selection("Account", 2));
    let (_, answer) = here.send(&query, json!({})).await;
    let accounts = answer["data"]["viewer"]["accounts"].as_array().unwrap();
    let place = |slug: &str| {
        accounts
            .iter()
            .position(|account| account["slug"] == slug)
            .unwrap()
    };
    let (own, foreign) = (place("acme"), place("other"));
    let errors = answer["errors"].as_array().unwrap();
    for field in shape.fields("Account") {
        // What has to be given something is asked by itself.
        if !query.contains(field.name) {
            assert_eq!(field.name, "usageReport");
            continue;
        }
        let refusals = |account: usize| {
            let path = json!(["viewer", "accounts", account, field.name]);
            let of_field = errors.iter().filter(move |error| error["path"] == path);
            of_field
                .map(|error| error["extensions"]["code"].clone())
                .collect::<Vec<_>>()
        };
        let told = format!("{}: {}", field.name, accounts[foreign][field.name]);
        assert_eq!(refusals(own), Vec::<Value>::new(), "{told}");
        if OPEN_TO_ALL.contains(&field.name) {
            assert_eq!(refusals(foreign), Vec::<Value>::new(), "{told}");
        } else {
            assert_eq!(accounts[foreign][field.name], Value::Null, "{told}");
            assert_eq!(refusals(foreign), ["FORBIDDEN"], "{told}");
            assert_ne!(accounts[own][field.name], Value::Null, "{told}");
        }
    }
    let report = "{ viewer { accounts { usageReport(input: {period: {from: \"2026-01-01\", to: \"2026-01-31\"}}) { summary { activeUsers } } } } }";
    let (_, reports) = here.send(report, json!({})).await;
    let refused = json!(["viewer", "accounts", foreign, "usageReport"]);
    assert_eq!(reports["errors"][0]["path"], refused);
    assert_eq!(reports["errors"][0]["extensions"]["code"], "FORBIDDEN");
    assert_eq!(reports["errors"].as_array().unwrap().len(), 1);
    assert!(reports["data"]["viewer"]["accounts"][own]["usageReport"].is_object());
    let seen = &accounts[foreign];
    assert_eq!(seen["primaryAdmin"], Value::Null);
    assert_eq!(
        seen["roles"].as_array().unwrap().len(),
        accounts[own]["roles"].as_array().unwrap().len()
    );
    for role in seen["roles"].as_array().unwrap() {
        assert_eq!(role["holderCount"], Value::Null, "{role}");
    }
    let own_people = accounts[own]["users"]["nodes"].as_array().unwrap();
    assert!(
        own_people
            .iter()
            .any(|user| user["email"] == "admin@acme.example")
    );
    assert!(!seen.to_string().contains('@'), "{seen}");
    house.settle_mails().await;
    house.close().await;
}
