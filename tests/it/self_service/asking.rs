//! Asking for a product: what can be asked for, how often, and who hears of it.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::json;

use super::support::{ASK, ask, product_of, send, told};
use crate::support::{Database, House, add_product, team};

const WANTED: &str = "{ viewer { requestableProducts { totalCount nodes { code } } accessRequests { totalCount nodes { id status product { code } } } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_lacks_a_product_asks_for_it_once_and_administrators_hear_of_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let ink = add_product(&house, "acme", "INK", 5).await;
    let late = add_product(&house, "acme", "LATE", 5).await;
    let foreign = product_of(&other, &add_product(&house, "other", "FOREIGN", 5).await).await;
    let id = house.literal(Kind::Subscription.parse(&late).unwrap());
    house
        .force(&format!(
            "UPDATE subscriptions SET starts_on = '2020-01-01', ends_on = '2020-02-01' WHERE id = {id}"
        ))
        .await
        .unwrap();
    let user = team.join(&house, "user@acme.example", "USER").await;
    let own = user.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"].clone();
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied } } }";
    let given = json!({"sources": [{"subscriptionId": ink}], "userIds": [own]});
    team.admin.ask(assign, json!({"input": given})).await;

    let seen = user.ask(WANTED, json!({})).await;
    assert_eq!(
        seen["viewer"]["requestableProducts"],
        json!({"totalCount": 1, "nodes": [{"code": "DRAW"}]})
    );
    let (draw, ink) = (product_of(&team, &draw).await, product_of(&team, &ink).await);
    let asked = send(
        &user,
        ASK,
        json!({"productId": draw, "note": "  For the new office.\n"}),
    )
    .await;
    assert_eq!(asked["userErrors"], json!([]));
    let request = &asked["accessRequest"];
    assert_eq!(
        (&request["status"], &request["note"]),
        (&json!("OPEN"), &json!("For the new office."))
    );
    assert_eq!(request["user"]["email"], "user@acme.example");
    // Asked again it is the same request, and nobody hears of it twice.
    let again = send(&user, ASK, json!({"productId": draw, "note": "Please!"})).await;
    assert_eq!(again["accessRequest"], *request);
    assert_eq!(
        told(&team.admin, "ACCESS_REQUESTED").await,
        ["user@acme.example asks for Product DRAW"]
    );
    assert!(
        told(&user, "ACCESS_REQUESTED").await.is_empty()
            && told(&other.admin, "ACCESS_REQUESTED").await.is_empty()
    );
    // No seat is given by asking.
    assert_eq!(house.number("SELECT count(*) FROM assignments").await, 1);

    let before = house.settled().await;
    for (product, code) in [
        (json!(ink), "ALREADY_EXISTS"),
        (json!(foreign), "NOT_FOUND"),
        (json!("prd_none"), "NOT_FOUND"),
        (json!(own), "NOT_FOUND"),
    ] {
        let refused = send(&user, ASK, json!({"productId": product})).await;
        assert_eq!(
            refused["userErrors"],
            json!([{"code": code, "field": ["input", "productId"]}])
        );
    }
    let long = send(&user, ASK, json!({"productId": draw, "note": "x".repeat(501)})).await;
    assert_eq!(
        long["userErrors"],
        json!([{"code": "TOO_LONG", "field": ["input", "note"]}])
    );
    assert_eq!(house.settled().await, before);

    // Nobody sees another's, but for whoever may give seats.
    let stranger = team.join(&house, "stranger@acme.example", "USER").await;
    let seen = stranger.ask(WANTED, json!({})).await;
    assert_eq!(seen["viewer"]["accessRequests"]["totalCount"], 0);
    let node = "query($id: ID!) { node(id: $id) { id } }";
    assert_eq!(
        stranger.ask(node, json!({"id": request["id"]})).await["node"],
        json!(null)
    );
    assert_eq!(
        other.admin.ask(node, json!({"id": request["id"]})).await["node"],
        json!(null)
    );
    assert_eq!(
        user.ask(node, json!({"id": request["id"]})).await["node"]["id"],
        request["id"]
    );
    let listed = "{ account { accessRequests(filter: {status: [OPEN]}) { totalCount } } }";
    assert_eq!(
        team.admin.ask(listed, json!({})).await["account"]["accessRequests"]["totalCount"],
        1
    );
    assert_eq!(
        other.admin.ask(listed, json!({})).await["account"]["accessRequests"]["totalCount"],
        0
    );
    assert_eq!(stranger.refused(listed, json!({})).await, "FORBIDDEN");
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_requests_are_open_at_once_and_two_at_once_for_one_product_are_one() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let user = team.join(&house, "user@acme.example", "USER").await;
    let mut products = Vec::new();
    for number in 0..12 {
        let subscription = add_product(&house, "acme", &format!("P{number:02}"), 1).await;
        products.push(product_of(&team, &subscription).await);
    }
    let elsewhere = house
        .replica()
        .await
        .sign_in("user@acme.example", crate::support::PASSWORD)
        .await;
    let (one, other) = tokio::join!(ask(&user, &products[0]), ask(&elsewhere, &products[0]));
    assert_eq!(one, other);
    for product in &products[1..10] {
        ask(&user, product).await;
    }
    let refused = send(&user, ASK, json!({"productId": products[10]})).await;
    assert_eq!(
        refused["userErrors"],
        json!([{"code": "QUOTA_EXCEEDED", "field": null, "limit": 10, "retryAfterSeconds": null}])
    );
    // Decided ones are none of them, but of the day's.
    house
        .force("UPDATE access_requests SET status = 'DECLINED', decided_at = created_at")
        .await
        .unwrap();
    for product in &products[..10] {
        ask(&user, product).await;
    }
    house
        .force(
            "UPDATE access_requests SET status = 'DECLINED', decided_at = created_at WHERE status = 'OPEN'",
        )
        .await
        .unwrap();
    let refused = send(&user, ASK, json!({"productId": products[11]})).await;
    assert_eq!(refused["userErrors"][0]["limit"], 20, "{refused}");
    assert_eq!(house.number("SELECT count(*) FROM access_requests").await, 20);
    // What was decided is kept for a while, and not for ever.
    let long_ago = House::literal_time(house.app.clock().now() - chrono::Duration::days(91));
    house.force(&format!("UPDATE access_requests SET decided_at = {long_ago} WHERE product_id IN (SELECT id FROM products WHERE code < 'P05')")).await.unwrap();
    house
        .force("UPDATE chores SET run_at = '2026-01-01T00:00:00+00:00', lease_until = NULL")
        .await
        .unwrap();
    muster::background::chores::once(&house.app).await.unwrap();
    assert_eq!(house.number("SELECT count(*) FROM access_requests").await, 10);
    house.settle_mails().await;
    house.close().await;
}
