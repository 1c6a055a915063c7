//! Writing to support: what the mail says, to whom, and how often.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{product_of, send};
use crate::support::{Database, House, add_product, team};

const CONTACT: &str = "mutation($input: ContactSupportInput!) { contactSupport(input: $input) { reference userErrors { code field ... on QuotaError { limit retryAfterSeconds } } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn support_reads_who_needs_what_where_and_gets_at_most_five_mails_a_day_of_one_person(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open_with(database, |config| {
        config.mail.support_address = Some("Help <help@vendor.example>".into());
    })
    .await;
    let team = team(&house, "acme", Plan::Premium).await;
    let draw = product_of(&team, &add_product(&house, "acme", "DRAW", 2).await).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    house.settle_mails().await;
    let before = house.mails().len();
    let fine = json!({"subject": "It does not start", "body": "Since today.\nSee https://acme.example/log.", "productId": draw});
    for (member, value, code) in [
        ("subject", json!("  "), "REQUIRED"),
        ("subject", json!("a\nb"), "INVALID"),
        ("subject", json!("x".repeat(151)), "TOO_LONG"),
        ("body", json!("\n"), "REQUIRED"),
        ("body", json!("x".repeat(5_001)), "TOO_LONG"),
        ("productId", json!("prd_none"), "NOT_FOUND"),
        (
            "productId",
            json!(entity::ids::Kind::Product.text(uuid::Uuid::new_v4())),
            "NOT_FOUND",
        ),
    ] {
        let mut input = fine.clone();
        input[member] = value;
        let refused = send(&user, CONTACT, input).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": code, "field": ["input", member]}])
        );
        assert_eq!(refused["reference"], Value::Null);
    }
    let asked = send(&user, CONTACT, fine.clone()).await;
    assert_eq!(asked["userErrors"], json!([]));
    let reference = asked["reference"].as_str().unwrap().to_owned();
    house.settle_mails().await;
    let mails = house.mails();
    assert_eq!(mails.len(), before + 1);
    let mail = mails
        .iter()
        .find(|mail| mail.contains("help@vendor.example"))
        .unwrap();
    let own = user
        .ask("{ viewer { user { id } account { id } } }", json!({}))
        .await;
    for said in [
        reference.as_str(),
        "It does not start",
        "https://acme.example/log",
        "user@acme.example",
        "premium plan",
        "Product DRAW",
        own["viewer"]["user"]["id"].as_str().unwrap(),
        own["viewer"]["account"]["id"].as_str().unwrap(),
    ] {
        assert!(mail.contains(said), "{said} is not in\n{mail}");
    }
    let mut references = vec![reference];
    for _ in 0..4 {
        let asked = send(&user, CONTACT, json!({"subject": "Again", "body": "Still."})).await;
        references.push(asked["reference"].as_str().unwrap().to_owned());
    }
    references.dedup();
    assert_eq!(references.len(), 5);
    let refused = send(&user, CONTACT, fine).await;
    let error = &refused["userErrors"][0];
    assert_eq!(
        (&error["code"], &error["limit"]),
        (&json!("QUOTA_EXCEEDED"), &json!(5))
    );
    assert!(error["retryAfterSeconds"].as_i64().unwrap() > 86_000);
    // Another person of the account is not kept from it.
    let theirs = send(
        &team.admin,
        CONTACT,
        json!({"subject": "Hello", "body": "Hello."}),
    )
    .await;
    assert_eq!(theirs["userErrors"], json!([]));
    house.settle_mails().await;
    assert_eq!(house.mails().len(), before + 6);
    house.close().await;
}
