//! Each argument, with what it does not take: refused where it stands, and nothing is changed.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{CONTRACT, SUBSCRIPTION, call, contract, day, done};
use crate::seats::support::product_of;
use crate::support::{Database, House, add_product, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_contract_or_a_subscription_cannot_be_is_refused_by_its_argument(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let product = product_of(&team, &draw).await;
    let id = contract(&house, &team, "A-1", (-10, 20)).await;
    let later = contract(&house, &team, "A-2", (10, 20)).await;
    let input = json!({"contractId": id, "productId": product, "seats": 5});
    let sold = done(&team.admin, "createSubscription", SUBSCRIPTION, input).await["id"].clone();
    let nowhere = |kind: Kind| kind.text(uuid::Uuid::from_u128(7));
    let long = |count: usize| "x".repeat(count);
    let on = |days: i64| day(&house, days);
    let new = json!({"number": "B-1", "startsOn": on(0), "endsOn": on(10)});
    let sell = json!({"contractId": id, "productId": product, "seats": 5});
    let amend = json!({"subscriptionId": sold});
    let keep = json!({"contractId": id});
    let cases: Vec<(&str, &Value, Value, &str, &str)> = vec![
        (
            "createContract",
            &new,
            json!({"number": " "}),
            "REQUIRED",
            "number",
        ),
        (
            "createContract",
            &new,
            json!({"number": long(101)}),
            "TOO_LONG",
            "number",
        ),
        (
            "createContract",
            &new,
            json!({"number": "A\nB"}),
            "NAME_INVALID_CHARACTER",
            "number",
        ),
        (
            "createContract",
            &new,
            json!({"number": "A-1"}),
            "ALREADY_EXISTS",
            "number",
        ),
        (
            "createContract",
            &new,
            json!({"endsOn": on(-1)}),
            "INVALID",
            "endsOn",
        ),
        (
            "createContract",
            &new,
            json!({"startsOn": "0000-01-01"}),
            "INVALID",
            "startsOn",
        ),
        (
            "createContract",
            &new,
            json!({"renewalMonths": 0}),
            "INVALID",
            "renewalMonths",
        ),
        (
            "createContract",
            &new,
            json!({"renewalMonths": 121}),
            "INVALID",
            "renewalMonths",
        ),
        (
            "createContract",
            &new,
            json!({"purchaserName": long(201)}),
            "TOO_LONG",
            "purchaserName",
        ),
        (
            "createContract",
            &new,
            json!({"resellerName": "a\u{202e}b"}),
            "NAME_INVALID_CHARACTER",
            "resellerName",
        ),
        (
            "updateContract",
            &keep,
            json!({"contractId": nowhere(Kind::Contract)}),
            "NOT_FOUND",
            "contractId",
        ),
        (
            "updateContract",
            &keep,
            json!({"contractId": sold}),
            "NOT_FOUND",
            "contractId",
        ),
        (
            "updateContract",
            &keep,
            json!({"expectedVersion": 7}),
            "STALE_VERSION",
            "expectedVersion",
        ),
        (
            "updateContract",
            &keep,
            json!({"number": "A-2"}),
            "ALREADY_EXISTS",
            "number",
        ),
        (
            "updateContract",
            &keep,
            json!({"number": ""}),
            "REQUIRED",
            "number",
        ),
        (
            "updateContract",
            &keep,
            json!({"startsOn": on(21)}),
            "INVALID",
            "endsOn",
        ),
        (
            "updateContract",
            &keep,
            json!({"endsOn": on(-1)}),
            "INVALID",
            "endsOn",
        ),
        (
            "updateContract",
            &keep,
            json!({"renewalMonths": -1}),
            "INVALID",
            "renewalMonths",
        ),
        (
            "updateContract",
            &keep,
            json!({"purchaserName": long(201)}),
            "TOO_LONG",
            "purchaserName",
        ),
        (
            "updateContract",
            &keep,
            json!({"resellerName": long(201)}),
            "TOO_LONG",
            "resellerName",
        ),
        (
            "renewContract",
            &keep,
            json!({"contractId": nowhere(Kind::Contract)}),
            "NOT_FOUND",
            "contractId",
        ),
        (
            "renewContract",
            &keep,
            json!({"expectedVersion": 0}),
            "STALE_VERSION",
            "expectedVersion",
        ),
        (
            "renewContract",
            &keep,
            json!({"endsOn": on(20)}),
            "INVALID",
            "endsOn",
        ),
        (
            "renewContract",
            &keep,
            json!({"endsOn": on(-3)}),
            "INVALID",
            "endsOn",
        ),
        (
            "terminateContract",
            &keep,
            json!({"contractId": nowhere(Kind::Contract)}),
            "NOT_FOUND",
            "contractId",
        ),
        (
            "terminateContract",
            &keep,
            json!({"expectedVersion": 3}),
            "STALE_VERSION",
            "expectedVersion",
        ),
        ("terminateContract", &keep, json!({"on": on(-1)}), "INVALID", "on"),
        ("terminateContract", &keep, json!({"on": on(21)}), "INVALID", "on"),
        (
            "terminateContract",
            &keep,
            json!({"contractId": later, "on": on(9)}),
            "INVALID",
            "on",
        ),
        (
            "createSubscription",
            &sell,
            json!({"contractId": nowhere(Kind::Contract)}),
            "NOT_FOUND",
            "contractId",
        ),
        (
            "createSubscription",
            &sell,
            json!({"productId": nowhere(Kind::Product)}),
            "NOT_FOUND",
            "productId",
        ),
        (
            "createSubscription",
            &sell,
            json!({"productId": sold}),
            "NOT_FOUND",
            "productId",
        ),
        (
            "createSubscription",
            &sell,
            json!({"seats": 0}),
            "INVALID",
            "seats",
        ),
        (
            "createSubscription",
            &sell,
            json!({"seats": 1_000_001}),
            "INVALID",
            "seats",
        ),
        (
            "createSubscription",
            &sell,
            json!({"startsOn": on(-11)}),
            "INVALID",
            "startsOn",
        ),
        (
            "createSubscription",
            &sell,
            json!({"endsOn": on(21)}),
            "INVALID",
            "endsOn",
        ),
        (
            "createSubscription",
            &sell,
            json!({"startsOn": on(5), "endsOn": on(4)}),
            "INVALID",
            "endsOn",
        ),
        (
            "createSubscription",
            &sell,
            json!({"idempotencyKey": ""}),
            "INVALID",
            "idempotencyKey",
        ),
        (
            "updateSubscription",
            &amend,
            json!({"subscriptionId": nowhere(Kind::Subscription)}),
            "NOT_FOUND",
            "subscriptionId",
        ),
        (
            "updateSubscription",
            &amend,
            json!({"expectedVersion": 9}),
            "STALE_VERSION",
            "expectedVersion",
        ),
        (
            "updateSubscription",
            &amend,
            json!({"seats": 0}),
            "INVALID",
            "seats",
        ),
        (
            "updateSubscription",
            &amend,
            json!({"seats": -5, "atNextTerm": true}),
            "INVALID",
            "seats",
        ),
        (
            "updateSubscription",
            &amend,
            json!({"atNextTerm": true}),
            "REQUIRED",
            "seats",
        ),
        (
            "updateSubscription",
            &amend,
            json!({"endsOn": on(21)}),
            "INVALID",
            "endsOn",
        ),
        (
            "updateSubscription",
            &amend,
            json!({"endsOn": on(-1)}),
            "INVALID",
            "endsOn",
        ),
        (
            "updateSubscription",
            &amend,
            json!({"isTrial": true}),
            "INVALID",
            "isTrial",
        ),
    ];
    let before = house.settled().await;
    for (mutation, good, bad, code, field) in cases {
        let mut input = good.clone();
        input
            .as_object_mut()
            .unwrap()
            .extend(bad.as_object().unwrap().clone());
        let selected = match mutation.ends_with("Contract") {
            true => CONTRACT,
            false => SUBSCRIPTION,
        };
        let answer = call(&team.admin, mutation, selected, input).await;
        assert_eq!(
            answer["userErrors"],
            json!([{"code": code, "field": ["input", field]}]),
            "{mutation} {bad}"
        );
    }
    assert_eq!(house.settled().await, before);
    let filter = "query($status: [ContractStatus!]) { account { contracts(filter: {status: $status}) { totalCount } } }";
    let many = json!({"status": vec!["ACTIVE"; 201]});
    assert_eq!(team.admin.refused(filter, many).await, "BAD_USER_INPUT");
    let none = team.admin.ask(filter, json!({"status": []})).await;
    assert_eq!(none["account"]["contracts"]["totalCount"], 0);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_has_so_many_contracts_and_no_more() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let account = house.literal(team.account_id);
    let values = (0..499).map(|number| {
        let id = house.literal(uuid::Uuid::new_v4());
        format!(
            "({account}, {id}, 'N-{number}', '2026-01-01', '2030-01-01', false, '2026-01-01T00:00:00+00:00')"
        )
    });
    let values = values.collect::<Vec<_>>().join(", ");
    house.force(&format!("INSERT INTO contracts (account_id, id, number, starts_on, ends_on, auto_renews, created_at) VALUES {values}")).await.unwrap();
    contract(&house, &team, "A-1", (0, 20)).await;
    let input = json!({"number": "A-2", "startsOn": day(&house, 0), "endsOn": day(&house, 20)});
    let refused = call(&team.admin, "createContract", CONTRACT, input).await;
    assert_eq!(
        refused["userErrors"],
        json!([{"code": "TOO_MANY_ITEMS", "field": null}])
    );
    house.close().await;
}
