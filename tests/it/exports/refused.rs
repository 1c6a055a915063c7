//! What is refused: whoever may not, what makes no sense, and too much of it.

use entity::account::Plan;
use entity::ids::{self, Kind};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{begin, fetched, settled, start};
use crate::support::{Database, House, team, team_in};

const START: &str = "mutation($input: StartExportInput!) { startExport(input: $input) { export { id } userErrors { code message field } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_not_see_reports_makes_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let user = acme.join(&house, "user@acme.example", "USER").await;
    let id = begin(&acme.admin, json!({"kind": "USERS"})).await;
    settled(&acme.admin, &id).await;
    for kind in ["USERS", "ASSIGNMENTS", "AUDIT_EVENTS"] {
        assert_eq!(
            user.refused(START, json!({"input": {"kind": kind}})).await,
            "FORBIDDEN"
        );
    }
    let asked = [
        "query($id: ID!) { export(id: $id) { id } }",
        "query($id: ID!) { account { exports { nodes { id } } } node(id: $id) { id } }",
        "mutation($id: ID!) { cancelExport(input: {exportId: $id}) { userErrors { code } } }",
    ];
    for query in asked {
        assert_eq!(
            user.refused(query, json!({"id": id})).await,
            "FORBIDDEN",
            "{query}"
        );
    }
    let node = user
        .ask("query($id: ID!) { node(id: $id) { id } }", json!({"id": id}))
        .await;
    assert_eq!(node["node"], Value::Null);
    assert_eq!(
        house
            .anonymous()
            .refused(START, json!({"input": {"kind": "USERS"}}))
            .await,
        "UNAUTHENTICATED"
    );
    // A script is nobody who could fetch a file.
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code } } }";
    let until = house.app.clock().now() + chrono::Duration::days(30);
    let scopes = [
        "USERS_READ",
        "USERS_WRITE",
        "ASSIGNMENTS_READ",
        "ASSIGNMENTS_WRITE",
    ];
    let input = json!({"name": "Sync", "scopes": scopes, "expiresAt": until.to_rfc3339()});
    let made = acme.admin.ask(create, json!({"input": input})).await;
    let mut script = acme.admin.clone();
    script.token = Some(made["createApiToken"]["secret"].as_str().unwrap().to_owned());
    assert_eq!(
        script.refused(START, json!({"input": {"kind": "USERS"}})).await,
        "FORBIDDEN"
    );
    assert_eq!(house.number("SELECT count(*) FROM exports").await, 1);
    let denied = house
        .number("SELECT count(*) FROM audit_events WHERE action = 'startExport' AND outcome = 'DENIED'")
        .await;
    assert_eq!(denied, 4, "every attempt is remembered");

    let classic = team_in(&house, "classic", Plan::Standard, entity::account::View::Classic).await;
    let id = begin(&classic.admin, json!({"kind": "USERS"})).await;
    assert!(
        fetched(&classic.admin, &id)
            .await
            .contains("\"CONTRACT_MANAGER\""),
        "in the classic view as well"
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_is_refused_where_it_stands_and_nothing_is_begun(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let now = "2026-01-01T00:00:00Z";
    let mut refused = vec![
        (
            json!({"kind": "ASSIGNMENTS", "columnSets": ["PRODUCTS"]}),
            "columnSets",
        ),
        (
            json!({"kind": "AUDIT_EVENTS", "columnSets": ["SUBSCRIPTIONS"]}),
            "columnSets",
        ),
        (
            json!({"kind": "USERS", "columnSets": ["SUBSCRIPTION_ROWS", "PRODUCTS"]}),
            "columnSets",
        ),
        (
            json!({"kind": "AUDIT_EVENTS", "userFilter": {"search": "x"}}),
            "userFilter",
        ),
        (json!({"kind": "USERS", "period": {"from": now}}), "period"),
        (json!({"kind": "ASSIGNMENTS", "period": {"to": now}}), "period"),
        (
            json!({"kind": "AUDIT_EVENTS", "period": {"from": now, "to": now}}),
            "period",
        ),
        (
            json!({"kind": "USERS", "format": "NDJSON", "delimiter": "COMMA"}),
            "delimiter",
        ),
        (
            json!({"kind": "USERS", "format": "NDJSON", "hasByteOrderMark": true}),
            "hasByteOrderMark",
        ),
    ];
    refused.extend(
        ["", &"k".repeat(201)].map(|key| (json!({"kind": "USERS", "idempotencyKey": key}), "idempotencyKey")),
    );
    for (input, field) in refused {
        let payload = start(&team.admin, input.clone()).await;
        assert_eq!(payload["export"], Value::Null, "{input}");
        assert_eq!(
            (
                &payload["userErrors"][0]["code"],
                &payload["userErrors"][0]["field"]
            ),
            (&json!("INVALID"), &json!(["input", field])),
            "{input}"
        );
    }
    for input in [
        json!({"kind": "USERS", "userFilter": {"search": "a b c d e f g h i"}}),
        json!({"kind": "USERS", "userFilter": {"search": "x".repeat(101)}}),
        json!({"kind": "USERS", "userFilter": {"email": {"contains": "x".repeat(255)}}}),
        json!({"kind": "USERS", "userFilter": {"role": vec!["USER"; 201]}}),
        json!({"kind": "USERS", "userFilter": {"subscriptionId": "nonsense"}}),
        json!({"kind": "USERS", "columnSets": vec!["PRODUCTS"; 201]}),
        json!({"kind": "AUDIT_EVENTS", "period": {"from": "+10000-01-01T00:00:00Z"}}),
        json!({"kind": "USERS", "format": "XLSX"}),
        json!({"kind": "EVERYTHING"}),
        json!({}),
    ] {
        let (_, answer) = team.admin.send(START, json!({"input": input})).await;
        let code = answer["errors"][0]["extensions"]["code"]
            .as_str()
            .unwrap_or_default();
        assert!(
            ["BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED"].contains(&code),
            "{input}: {answer}"
        );
    }
    let cancel = "mutation($id: ID!) { cancelExport(input: {exportId: $id}) { export { id } userErrors { code field } } }";
    for id in [
        "nonsense",
        &Kind::Export.text(uuid::Uuid::nil()),
        &Kind::Import.text(uuid::Uuid::nil()),
    ] {
        let payload = team.admin.ask(cancel, json!({"id": id})).await["cancelExport"].clone();
        assert_eq!(
            (
                &payload["userErrors"][0]["code"],
                &payload["userErrors"][0]["field"]
            ),
            (&json!("NOT_FOUND"), &json!(["input", "exportId"]))
        );
    }
    assert_eq!(house.number("SELECT count(*) FROM exports").await, 0);
    assert_eq!(house.number("SELECT count(*) FROM jobs").await, 0);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_call_under_a_key_is_one_export_however_often_it_is_sent(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let input = json!({"kind": "USERS", "idempotencyKey": "once", "userFilter": {"search": "ada"}});
    let first = begin(&team.admin, input.clone()).await;
    settled(&team.admin, &first).await;
    assert_eq!(begin(&team.admin, input).await, first);
    let other = json!({"kind": "USERS", "idempotencyKey": "once", "userFilter": {"search": "bob"}});
    let payload = start(&team.admin, other).await;
    assert_eq!(payload["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(house.number("SELECT count(*) FROM exports").await, 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_makes_a_hundred_a_day_and_no_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let acme = team(&house, "acme", Plan::Standard).await;
    let other = team(&house, "other", Plan::Standard).await;
    let first = begin(&acme.admin, json!({"kind": "AUDIT_EVENTS"})).await;
    settled(&acme.admin, &first).await;
    // 97 of an hour ago, one of yesterday, and one of now.
    let first_id = house.literal(Kind::Export.parse(&first).unwrap());
    let mut earlier = house.app.clock().now() - chrono::Duration::hours(1);
    let connection = house.connection().await;
    for number in 0..99 {
        if number == 98 {
            earlier = house.app.clock().now() - chrono::Duration::hours(25);
        }
        let (id, at) = (house.literal(ids::new(earlier)), House::literal_time(earlier));
        let sql = format!(
            "INSERT INTO exports (account_id, id, created_by, kind, format, request, status, sequence, processed, created_at, updated_at, finished_at) \
             SELECT account_id, {id}, created_by, kind, format, request, 'CANCELLED', 1, 0, {at}, {at}, {at} FROM exports WHERE id = {first_id}"
        );
        crate::support::rows::force(&connection, &sql).await.unwrap();
    }
    connection.close().await.unwrap();
    let last = begin(&acme.admin, json!({"kind": "AUDIT_EVENTS"})).await;
    settled(&acme.admin, &last).await;
    let quota = "mutation($input: StartExportInput!) { startExport(input: $input) { export { id } userErrors { code ... on QuotaError { limit retryAfterSeconds } } } }";
    let refused =
        acme.admin.ask(quota, json!({"input": {"kind": "USERS"}})).await["startExport"]["userErrors"][0]
            .clone();
    assert_eq!(
        (&refused["code"], &refused["limit"]),
        (&json!("QUOTA_EXCEEDED"), &json!(100))
    );
    let wait = refused["retryAfterSeconds"].as_i64().unwrap();
    assert!(
        (22 * 3_600..=23 * 3_600 + 1).contains(&wait),
        "{wait}: until the first of them is a day old"
    );
    let id = begin(&other.admin, json!({"kind": "AUDIT_EVENTS"})).await;
    settled(&other.admin, &id).await;
    house.close().await;
}
