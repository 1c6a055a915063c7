//! Adding people in the classic view, and whose view it is.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{add, call, classic, codes, coordinator};
use crate::support::{Database, add_product, team};

const ADDED: &str = "results { index email status user { status givenName familyName } userErrors { code message } } summary { applied unchanged failed }";

/// `n` different addresses, as somebody pastes them.
fn list(n: usize) -> String {
    let each = (0..n).map(|n| format!("Kim{n} Lee <kim{n}@guests.example>"));
    each.collect::<Vec<_>>().join("; ")
}

async fn product_id(client: &crate::support::Client) -> String {
    let query = "{ account { products { nodes { id } } } }";
    let seen = client.ask(query, json!({})).await;
    seen["account"]["products"]["nodes"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_contract_manager_and_a_coordinator_add_a_person_with_access_at_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    let subscription = add_product(&house, "acme", "DRAW", 2).await;
    let product = product_id(&team.admin).await;
    let (coordinator, _) = coordinator(&house, &team, "cora@acme.example").await;
    for (client, email) in [
        (&team.admin, "one@guests.example"),
        (&coordinator, "two@guests.example"),
    ] {
        let input = json!({"email": email, "givenName": "Kim", "familyName": "Lee", "productIds": [product]});
        let added = call(
            client,
            "classicAddUser",
            "user { status role displayName } invitation { status }",
            input,
        )
        .await;
        let expected = json!({"user": {"status": "PENDING", "role": "USER", "displayName": "Kim Lee"}, "invitation": {"status": "PENDING"}, "userErrors": []});
        assert_eq!(added, expected, "{email}");
    }
    assert_eq!(team.seats(&subscription).await, (2, 2, 2));
    // No seat is left: nobody is added.
    let before = house.settled().await;
    let input = json!({"email": "three@guests.example", "givenName": "Kim", "familyName": "Lee", "productIds": [product]});
    let refused = call(&team.admin, "classicAddUser", "user { id }", input).await;
    assert_eq!(
        (codes(&refused), &refused["user"]),
        (vec!["SEATS_EXHAUSTED"], &Value::Null)
    );
    assert_eq!(refused["userErrors"][0]["field"], json!(["input", "productIds"]));
    assert_eq!(house.settled().await, before);
    house.settle_mails().await;
    assert!(
        house.mails().iter().any(|mail| mail.contains("Product DRAW")),
        "the invitation names the product"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn address_given_and_family_name_are_all_required_and_told_together(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    let before = house.settled().await;
    let blank = json!({"email": "  ", "givenName": " ", "familyName": "\u{a0}"});
    let refused = call(&team.admin, "classicAddUser", "user { id }", blank).await;
    assert_eq!(
        codes(&refused),
        ["EMAIL_INVALID", "REQUIRED", "REQUIRED"],
        "{refused}"
    );
    let fields: Vec<&str> = refused["userErrors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["field"][1].as_str().unwrap())
        .collect();
    assert_eq!(fields, ["email", "givenName", "familyName"]);
    for (family, products, expected) in [
        ("L\u{ff11}", json!(null), "NAME_DOUBLE_BYTE_DIGIT"),
        (&*"x".repeat(61), json!(null), "TOO_LONG"),
        ("Lee", json!(["prd_00000000000000000000000000"]), "NOT_FOUND"),
        ("Lee", json!(["nothing"]), "NOT_FOUND"),
    ] {
        let input = json!({"email": "kim@guests.example", "givenName": "Kim", "familyName": family, "productIds": products});
        let refused = call(&team.admin, "classicAddUser", "user { id }", input).await;
        assert_eq!(codes(&refused), [expected], "{refused}");
    }
    let many = json!({"email": "kim@guests.example", "givenName": "Kim", "familyName": "Lee", "productIds": vec!["nothing"; 101]});
    let refused = call(&team.admin, "classicAddUser", "user { id }", many).await;
    assert_eq!(codes(&refused), ["TOO_MANY_ITEMS"]);
    assert_eq!(house.settled().await, before);
    // Who is there already is not added again.
    assert_eq!(codes(&add(&team.admin, "kim@guests.example").await), [""; 0]);
    assert_eq!(
        codes(&add(&team.admin, "KIM@guests.example").await),
        ["ALREADY_EXISTS"]
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn fifty_people_are_added_by_a_list_and_of_fifty_one_nobody(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team) = classic(database).await;
    let subscription = add_product(&house, "acme", "DRAW", 40).await;
    let product = product_id(&team.admin).await;
    let before = house.settled().await;
    let refused = call(
        &team.admin,
        "classicBulkAddUsers",
        ADDED,
        json!({"list": list(51)}),
    )
    .await;
    assert_eq!(codes(&refused), ["TOO_MANY_ITEMS"], "{refused}");
    assert_eq!(refused["userErrors"][0]["field"], json!(["input", "list"]));
    assert_eq!(refused["results"], json!([]));
    let unknown = json!({"list": list(2), "productIds": ["prd_00000000000000000000000000"]});
    let refused = call(&team.admin, "classicBulkAddUsers", ADDED, unknown).await;
    assert_eq!(codes(&refused), ["NOT_FOUND"], "{refused}");
    assert_eq!(refused["userErrors"][0]["field"], json!(["input", "productIds"]));
    assert_eq!(house.settled().await, before, "nobody was added by halves");

    // One comes again and one has a mistake: they are not among the fifty.
    let input = json!({"list": format!("{}; KIM0@guests.example;", list(50)), "productIds": [product]});
    let added = call(&team.admin, "classicBulkAddUsers", ADDED, input).await;
    assert_eq!(
        added["summary"],
        json!({"applied": 40, "unchanged": 0, "failed": 10}),
        "{added}"
    );
    assert_eq!(
        added["results"][0]["user"],
        json!({"status": "PENDING", "givenName": "Kim0", "familyName": "Lee"})
    );
    let last = &added["results"][49];
    assert_eq!(last["userErrors"][0]["code"], "SEATS_EXHAUSTED");
    assert_eq!(
        last["user"]["status"], "PENDING",
        "invited all the same, and told so"
    );
    assert_eq!(team.seats(&subscription).await, (40, 40, 40));
    let mistaken = call(
        &team.admin,
        "classicBulkAddUsers",
        ADDED,
        json!({"list": "new@guests.example; not an address"}),
    )
    .await;
    assert_eq!(
        mistaken["summary"],
        json!({"applied": 1, "unchanged": 0, "failed": 1})
    );
    assert_eq!(team.counts().await["userCounts"]["pending"], 51);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_view_refuses_the_other_ones_ways_and_names_the_view_to_use(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, classic) = classic(database).await;
    let current = team(&house, "modern", Plan::Premium).await;
    let (coordinator, id) = coordinator(&house, &classic, "cora@acme.example").await;
    let before = house.settled().await;
    let upload = json!({"purpose": "USER_IMPORT", "filename": "a.csv", "byteSize": 1, "contentType": "text/csv", "sha256": "00".repeat(32)});
    for (mutation, selected, input) in [
        (
            "inviteUser",
            "user { id }",
            json!({"email": "kim@guests.example"}),
        ),
        (
            "inviteUsers",
            "summary { applied }",
            json!({"recipients": {"list": "kim@guests.example"}}),
        ),
        ("createUpload", "upload { id }", upload),
        (
            "startImport",
            "import { id }",
            json!({"uploadId": "upl_00000000000000000000000000"}),
        ),
        ("transferPrimaryAdmin", "account { id }", json!({"toUserId": id})),
    ] {
        for client in [&classic.admin, &coordinator] {
            let refused = call(client, mutation, selected, input.clone()).await;
            assert_eq!(
                codes(&refused),
                ["WRONG_USER_MANAGEMENT_VIEW"],
                "{mutation}: {refused}"
            );
            assert_eq!(refused["userErrors"][0]["requiredView"], "CURRENT");
        }
    }
    for (mutation, selected, input) in [
        (
            "classicAddUser",
            "user { id }",
            json!({"email": "kim@guests.example", "givenName": "Kim", "familyName": "Lee"}),
        ),
        (
            "classicBulkAddUsers",
            "summary { applied }",
            json!({"list": "kim@guests.example"}),
        ),
    ] {
        let refused = call(&current.admin, mutation, selected, input).await;
        assert_eq!(
            codes(&refused),
            ["WRONG_USER_MANAGEMENT_VIEW"],
            "{mutation}: {refused}"
        );
        assert_eq!(refused["userErrors"][0]["requiredView"], "CLASSIC");
    }
    assert_eq!(house.settled().await, before);
    // Whoever manages nobody learns nothing of views.
    add(&classic.admin, "user@guests.example").await;
    let user = crate::support::accept(&house, "user@guests.example").await;
    for mutation in ["classicAddUser", "inviteUser"] {
        let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
        let query = format!("mutation($input: {kind}!) {{ {mutation}(input: $input) {{ user {{ id }} }} }}");
        let input = json!({"email": "x@guests.example", "givenName": "X", "familyName": "Y"});
        assert_eq!(
            user.refused(&query, json!({"input": input})).await,
            "FORBIDDEN",
            "{mutation}"
        );
    }
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_under_a_key_adds_once_and_is_answered_alike() {
    let (house, team) = classic(Database::Sqlite).await;
    let input = json!({"list": list(3), "idempotencyKey": "once"});
    let first = call(&team.admin, "classicBulkAddUsers", ADDED, input.clone()).await;
    let again = call(&team.admin, "classicBulkAddUsers", ADDED, input).await;
    assert_eq!(first, again);
    assert_eq!(first["summary"]["applied"], 3);
    let other = call(
        &team.admin,
        "classicBulkAddUsers",
        ADDED,
        json!({"list": list(4), "idempotencyKey": "once"}),
    )
    .await;
    assert_eq!(codes(&other), ["IDEMPOTENCY_KEY_REUSED"]);
    house.settle_mails().await;
    assert_eq!(house.mails().len(), 3, "one mail each");
    house.close().await;
}
