//! Reading: the ledger page by page and by each condition, one's own, and nothing of anybody else's.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{adjust, credits, grant, record, spend};
use crate::support::{Client, Database, team};
use crate::usage::support::{ago, opening, product, script};

const LEDGER: &str = "query($first: Int, $after: String, $last: Int, $before: String, $filter: CreditEntryFilter) {
    account { cloudCredits { ledger(first: $first, after: $after, last: $last, before: $before, filter: $filter) {
        totalCount pageInfo { hasNextPage hasPreviousPage endCursor startCursor }
        nodes { id kind amount user { email } product { code } usedOn expiresOn reference note occurredAt } } } } }";

async fn page(client: &Client, variables: Value) -> Value {
    client.ask(LEDGER, variables).await["account"]["cloudCredits"]["ledger"].clone()
}

fn amounts(page: &Value) -> Vec<&str> {
    let nodes = page["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["amount"].as_str().unwrap())
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_ledger_is_read_by_pages_and_conditions(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 2).await;
    let day = ago(&house, 3);
    grant(&house, "100", None).await;
    for (number, (person, of)) in [(0, "DRAW"), (1, "DRAW"), (0, "INK")].into_iter().enumerate() {
        let amount = (number + 1).to_string();
        record(&team.admin, &[spend(person, of, &day, &amount, "a")]).await;
    }
    adjust(&house, "-5").await.unwrap();
    let admin = &team.admin;
    let all = page(admin, json!({})).await;
    assert_eq!(amounts(&all), ["-5", "-3", "-2", "-1", "100"]);
    assert_eq!(all["totalCount"], 5);
    let spent = &all["nodes"][1];
    assert_eq!(
        (
            &spent["user"]["email"],
            &spent["product"]["code"],
            &spent["usedOn"]
        ),
        (&json!("p0@acme.example"), &json!("INK"), &json!(day))
    );
    assert_eq!(all["nodes"][0]["note"], "a slip");

    let first = page(admin, json!({"first": 2})).await;
    assert_eq!(amounts(&first), ["-5", "-3"]);
    assert_eq!(first["pageInfo"]["hasNextPage"], true);
    // What is booked meanwhile moves no page.
    record(&team.admin, &[spend(0, "DRAW", &day, "9", "b")]).await;
    let next = page(
        admin,
        json!({"first": 2, "after": first["pageInfo"]["endCursor"]}),
    )
    .await;
    assert_eq!(amounts(&next), ["-2", "-1"]);
    let last = page(admin, json!({"last": 1})).await;
    assert_eq!(amounts(&last), ["100"]);
    let draw = product(&team, "DRAW").await;
    for (filter, expected) in [
        (json!({"kind": ["GRANT", "ADJUSTMENT"]}), vec!["-5", "100"]),
        (json!({"kind": ["EXPIRY"]}), vec![]),
        (json!({"kind": []}), vec![]),
        (json!({"userId": users[0]}), vec!["-9", "-3", "-1"]),
        (json!({"userId": users[0], "productId": draw}), vec!["-9", "-1"]),
        (json!({"productId": draw}), vec!["-9", "-2", "-1"]),
        (
            json!({"occurredAt": {"from": all["nodes"][1]["occurredAt"], "to": all["nodes"][0]["occurredAt"]}}),
            vec!["-3"],
        ),
        (json!({"occurredAt": {"from": "2099-01-01T00:00:00Z"}}), vec![]),
    ] {
        let found = page(admin, json!({"filter": filter})).await;
        assert_eq!(amounts(&found), expected, "{filter}");
        assert_eq!(found["totalCount"], expected.len(), "{filter}");
    }
    let cursor = &first["pageInfo"]["endCursor"];
    for (variables, code) in [
        (json!({"first": 101}), "BAD_USER_INPUT"),
        (json!({"first": 1, "last": 1}), "BAD_USER_INPUT"),
        (json!({"first": 1, "after": "x"}), "INVALID_CURSOR"),
        (
            json!({"first": 1, "after": cursor, "filter": {"kind": ["GRANT"]}}),
            "INVALID_CURSOR",
        ),
        (json!({"filter": {"kind": ["GIFT"]}}), "BAD_USER_INPUT"),
        (json!({"filter": {"userId": draw}}), "BAD_USER_INPUT"),
        (json!({"filter": {"productId": "x"}}), "BAD_USER_INPUT"),
        (json!({"filter": {"kind": vec!["GRANT"; 201]}}), "BAD_USER_INPUT"),
        (
            json!({"filter": {"occurredAt": {"from": "yesterday"}}}),
            "BAD_USER_INPUT",
        ),
    ] {
        assert_eq!(
            admin.refused(LEDGER, variables.clone()).await,
            code,
            "{variables}"
        );
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn everybody_sees_their_own_and_few_the_accounts(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, acme, users) = opening(database, 1).await;
    let day = ago(&house, 0);
    grant(&house, "10", None).await;
    let plain = acme.join(&house, "plain@acme.example", "USER").await;
    let mut own = spend(0, "DRAW", &day, "1.5", "a");
    own["email"] = json!("plain@acme.example");
    record(&acme.admin, &[own, spend(0, "INK", &day, "2", "a")]).await;
    let mine = "query($day: Date!) { viewer { user { creditsConsumed(period: {from: $day, to: $day}) { total products { product { code } consumed } } } } }";
    let seen = plain.ask(mine, json!({"day": day})).await;
    assert_eq!(
        seen["viewer"]["user"]["creditsConsumed"],
        json!({"total": "1.5", "products": [{"product": {"code": "DRAW"}, "consumed": "1.5"}]})
    );
    let nobody = "{ account { cloudCredits { balance } } }";
    assert_eq!(plain.refused(nobody, json!({})).await, "FORBIDDEN");
    let reader = script(&house, &acme, &["USAGE_READ"]).await;
    let writer = script(&house, &acme, &["USAGE_WRITE"]).await;
    assert_eq!(writer.refused(nobody, json!({})).await, "FORBIDDEN");
    let read = reader
        .ask("{ account { cloudCredits { balance ledger(first: 1, filter: {kind: [CONSUMPTION]}) { nodes { id amount user { id } } } } } }", json!({}))
        .await;
    let credits_read = &read["account"]["cloudCredits"];
    assert_eq!(credits_read["balance"], "6.5");
    let entry = &credits_read["ledger"]["nodes"][0];
    assert_eq!(
        entry["user"]["id"], users[0],
        "whoever reads usage sees whose it is"
    );
    let node = "query($id: ID!) { node(id: $id) { ... on CreditEntry { amount } } }";
    let id = json!({"id": entry["id"]});
    assert_eq!(
        acme.admin.ask(node, id.clone()).await["node"]["amount"],
        entry["amount"]
    );
    assert_eq!(plain.ask(node, id.clone()).await["node"], Value::Null);
    // Another account has nothing of it, and its use takes nothing.
    let beta = team(&house, "beta", Plan::Standard).await;
    assert_eq!(beta.admin.ask(node, id).await["node"], Value::Null);
    assert_eq!(credits(&beta).await, Value::Null);
    beta.invite("p0@acme.example").await;
    let done = record(&beta.admin, &[spend(0, "DRAW", &day, "3", "a")]).await;
    assert_eq!(done["summary"]["applied"], 1);
    assert_eq!(credits(&acme).await["balance"], "6.5");
    // Whoever was removed stays in the ledger, unnamed.
    let remove = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { summary { applied } } }";
    let gone = json!({"input": {"userIds": [users[0]]}});
    acme.admin.ask(remove, gone).await;
    let ledger = page(&acme.admin, json!({"filter": {"userId": users[0]}})).await;
    assert_eq!(amounts(&ledger), ["-2"]);
    assert_eq!(ledger["nodes"][0]["user"], Value::Null);
    house.settle_mails().await;
    house.close().await;
}
