//! The life of a contract: written down, changed, renewed, terminated, over; and its subscriptions with it.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{CONTRACT, SUBSCRIPTION, audited, call, contract, day, done};
use crate::seats::support::{assign, people, product_of};
use crate::support::{Database, House, add_product, team};

const LISTED: &str = "query($status: [ContractStatus!]) { account { contracts(filter: {status: $status}) { totalCount nodes { number status
    subscriptions { totalCount nodes { id isTrial status endsOn contract { number } product { code } } } } } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_go_with_their_contract_when_it_is_renewed_and_when_it_is_terminated(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let ink = add_product(&house, "acme", "INK", 3).await;
    let (draw, ink) = (product_of(&team, &draw).await, product_of(&team, &ink).await);
    let input = json!({"number": " A-1 ", "startsOn": day(&house, -10), "endsOn": day(&house, 20), "autoRenews": true, "renewalMonths": 1,
        "purchaserName": "ACME Ltd", "resellerName": " "});
    let made = done(&team.admin, "createContract", CONTRACT, input).await;
    assert_eq!(
        (
            &made["number"],
            &made["status"],
            &made["version"],
            &made["purchaserName"],
            &made["resellerName"]
        ),
        (
            &json!("A-1"),
            &json!("ACTIVE"),
            &json!(1),
            &json!("ACME Ltd"),
            &Value::Null
        )
    );
    let id = made["id"].clone();
    let subscribe = async |product: &str, seats: i32, more: Value| {
        let mut input = json!({"contractId": id, "productId": product, "seats": seats});
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        done(&team.admin, "createSubscription", SUBSCRIPTION, input).await
    };
    // Without days it lasts from today as long as the contract.
    let whole = subscribe(&draw, 5, json!({"idempotencyKey": "once"})).await;
    assert_eq!(
        (
            &whole["startsOn"],
            &whole["endsOn"],
            &whole["status"],
            &whole["seats"]["available"]
        ),
        (
            &json!(day(&house, 0)),
            &json!(day(&house, 20)),
            &json!("ACTIVE"),
            &json!(5)
        )
    );
    let again = subscribe(&draw, 5, json!({"idempotencyKey": "once"})).await;
    assert_eq!(again["id"], whole["id"]);
    let trial = subscribe(&ink, 2, json!({"endsOn": day(&house, 20), "isTrial": true})).await;
    assert_eq!(
        (&trial["status"], &trial["isTrial"]),
        (&json!("TRIAL"), &json!(true))
    );
    let brief = subscribe(&ink, 2, json!({"endsOn": day(&house, 3)})).await;
    let late = subscribe(&ink, 2, json!({"startsOn": day(&house, 15)})).await;
    let listed = async |status: Value| {
        let listed = team.admin.ask(LISTED, json!({"status": status})).await;
        listed["account"]["contracts"].clone()
    };
    let all = listed(Value::Null).await;
    assert_eq!(all["totalCount"], 3);
    let own = &all["nodes"][2];
    assert_eq!(
        (&own["number"], &own["subscriptions"]["totalCount"]),
        (&json!("A-1"), &json!(4))
    );
    assert_eq!(own["subscriptions"]["nodes"][0]["contract"]["number"], "A-1");
    for status in ["UPCOMING", "EXPIRED", "TERMINATED"] {
        assert_eq!(listed(json!([status])).await["totalCount"], 0, "{status}");
    }
    let ends = async || {
        let query =
            "query($ids: [ID!]!) { nodes(ids: $ids) { ... on ProductSubscription { status endsOn } } }";
        let ids = [&whole["id"], &trial["id"], &brief["id"], &late["id"]];
        let seen = team.admin.ask(query, json!({"ids": ids})).await["nodes"].clone();
        let seen = seen.as_array().unwrap().iter();
        let seen = seen.map(|one| {
            (
                one["status"].as_str().unwrap().to_owned(),
                one["endsOn"].as_str().unwrap().to_owned(),
            )
        });
        seen.collect::<Vec<_>>()
    };
    let seen = |status: &str, on: &str| (status.to_owned(), on.to_owned());

    // A month more, for all that would end with it but the trial.
    let input = json!({"contractId": id, "expectedVersion": 1});
    let renewed = done(&team.admin, "renewContract", CONTRACT, input.clone()).await;
    let further = renewed["endsOn"].as_str().unwrap().to_owned();
    assert!(
        further > day(&house, 47) && further < day(&house, 52),
        "{further}"
    );
    assert_eq!(
        (&renewed["version"], &renewed["nextTermOn"]),
        (&json!(2), &json!(day(&house, 21)))
    );
    let expected = [
        seen("ACTIVE", &further),
        seen("TRIAL", &day(&house, 20)),
        seen("ACTIVE", &day(&house, 3)),
        seen("ACTIVE", &further),
    ];
    assert_eq!(ends().await, expected);
    let before = house.settled().await;
    let stale = call(&team.admin, "renewContract", CONTRACT, input).await;
    assert_eq!(
        stale["userErrors"],
        json!([{"code": "STALE_VERSION", "field": ["input", "expectedVersion"]}])
    );
    assert_eq!(house.settled().await, before, "nobody renews twice");

    // It ends earlier: what would outlive it ends with it, what would not have begun never does.
    let ended = done(
        &team.admin,
        "terminateContract",
        CONTRACT,
        json!({"contractId": id, "on": day(&house, 7)}),
    )
    .await;
    assert_eq!(
        (
            &ended["status"],
            &ended["autoRenews"],
            &ended["endsOn"],
            ended["terminatedAt"].is_string()
        ),
        (&json!("ACTIVE"), &json!(false), &json!(day(&house, 7)), true)
    );
    let expected = [
        seen("ACTIVE", &day(&house, 7)),
        seen("TRIAL", &day(&house, 7)),
        seen("ACTIVE", &day(&house, 3)),
        seen("CANCELLED", &further),
    ];
    assert_eq!(ends().await, expected);
    let renews = json!({"contractId": id, "autoRenews": true});
    let refused = call(&team.admin, "updateContract", CONTRACT, renews.clone()).await;
    assert_eq!(
        refused["userErrors"],
        json!([{"code": "INVALID", "field": ["input", "autoRenews"]}])
    );
    // Renewing takes that back, as long as is wanted.
    let input = json!({"contractId": id, "endsOn": day(&house, 100)});
    let renewed = done(&team.admin, "renewContract", CONTRACT, input).await;
    assert_eq!(
        (&renewed["terminatedAt"], &renewed["endsOn"]),
        (&Value::Null, &json!(day(&house, 100)))
    );
    assert_eq!(ends().await[0], seen("ACTIVE", &day(&house, 100)));
    let changed = done(&team.admin, "updateContract", CONTRACT, renews).await;
    assert_eq!(changed["autoRenews"], true);

    // Said anew: the last day moves what ends with it, in either direction.
    let input = json!({"contractId": id, "number": "A-2", "endsOn": day(&house, 60), "startsOn": day(&house, -20), "renewalMonths": 6,
        "purchaserName": "", "resellerName": "Shop"});
    let changed = done(&team.admin, "updateContract", CONTRACT, input.clone()).await;
    assert_eq!(
        (
            &changed["purchaserName"],
            &changed["resellerName"],
            &changed["renewalMonths"]
        ),
        (&Value::Null, &json!("Shop"), &json!(6))
    );
    assert_eq!(ends().await[0], seen("ACTIVE", &day(&house, 60)));
    let before = house.settled().await;
    let same = done(&team.admin, "updateContract", CONTRACT, input).await;
    assert_eq!(same["version"], changed["version"]);
    assert_eq!(
        house.settled().await,
        before,
        "what is so already changes nothing"
    );
    for (action, count) in [
        ("contracts.create", 1),
        ("contracts.renew", 2),
        ("contracts.terminate", 1),
        ("contracts.update", 2),
    ] {
        assert_eq!(audited(&house, action).await, count, "{action}");
    }
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_over_keeps_its_seats_lapsed_and_gives_none(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let other = add_product(&house, "acme", "DRAW", 5).await;
    let product = product_of(&team, &other).await;
    house
        .force("UPDATE subscriptions SET state = 'CANCELLED'")
        .await
        .unwrap();
    let id = contract(&house, &team, "A-1", (-30, 20)).await;
    let input = json!({"contractId": id, "productId": product, "seats": 5});
    let sold = done(&team.admin, "createSubscription", SUBSCRIPTION, input).await["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let member = team.join(&house, "member@acme.example", "USER").await;
    let own = member.ask("{ viewer { user { id } } }", json!({})).await["viewer"]["user"]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assign(&team, &sold, std::slice::from_ref(&own)).await;
    let seat = async || {
        let query = "{ viewer { user { assignments { nodes { isLapsed graceEndsOn } } } } }";
        member.ask(query, json!({})).await["viewer"]["user"]["assignments"]["nodes"].clone()
    };
    assert_eq!(seat().await, json!([{"isLapsed": false, "graceEndsOn": null}]));
    let (row, yesterday) = (house.literal(Kind::Contract.parse(&id).unwrap()), day(&house, -1));
    for sql in [
        format!(
            "UPDATE subscriptions SET starts_on = '{}', ends_on = '{yesterday}' WHERE contract_id = {row}",
            day(&house, -9)
        ),
        format!("UPDATE contracts SET ends_on = '{yesterday}' WHERE id = {row}"),
    ] {
        house.force(&sql).await.unwrap();
    }
    // The one whose seat it is sees it as well.
    assert_eq!(
        seat().await,
        json!([{"isLapsed": true, "graceEndsOn": day(&house, 29)}])
    );
    let query = "query($id: ID!) { contract(id: $id) { status subscriptions { nodes { status graceEndsOn seats { used } assignments { totalCount nodes { isLapsed } } } } } }";
    let seen = team.admin.ask(query, json!({"id": id})).await["contract"].clone();
    let lapsed = json!({"status": "EXPIRED", "graceEndsOn": day(&house, 29), "seats": {"used": 1},
        "assignments": {"totalCount": 1, "nodes": [{"isLapsed": true}]}});
    assert_eq!(
        (&seen["status"], &seen["subscriptions"]["nodes"]),
        (&json!("EXPIRED"), &json!([lapsed]))
    );
    for (days, until) in [(0, -1), (90, 89)] {
        let input = json!({"graceDays": days});
        done(
            &team.admin,
            "updateAccount",
            "account { settings { graceDays } }",
            input,
        )
        .await;
        assert_eq!(seat().await[0]["graceEndsOn"], day(&house, until));
    }
    // No seat is given, none is taken away, and what is over is not sold under.
    let more = people(&team, "p", 1).await;
    let give = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { userErrors { code } } }";
    let input = json!({"sources": [{"subscriptionId": sold}], "userIds": more});
    let refused = team.admin.ask(give, json!({"input": input})).await;
    assert_eq!(
        refused["assignSeats"]["userErrors"],
        json!([{"code": "SUBSCRIPTION_INACTIVE"}])
    );
    let input = json!({"contractId": id, "productId": product, "seats": 5});
    let refused = call(&team.admin, "createSubscription", SUBSCRIPTION, input).await;
    assert_eq!(
        refused["userErrors"],
        json!([{"code": "INVALID", "field": ["input", "contractId"]}])
    );
    let refused = call(
        &team.admin,
        "terminateContract",
        CONTRACT,
        json!({"contractId": id}),
    )
    .await;
    assert_eq!(
        refused["userErrors"],
        json!([{"code": "INVALID", "field": ["input", "contractId"]}])
    );
    assert_eq!(house.number("SELECT count(*) FROM assignments").await, 1);
    house
        .force(&format!(
            "UPDATE contracts SET terminated_at = created_at WHERE id = {row}"
        ))
        .await
        .unwrap();
    let seen = team.admin.ask(query, json!({"id": id})).await["contract"].clone();
    assert_eq!(seen["status"], "TERMINATED");
    // Renewed, it is as it was.
    let renewed = done(&team.admin, "renewContract", CONTRACT, json!({"contractId": id})).await;
    assert_eq!(
        (&renewed["status"], &renewed["nextTermOn"]),
        (&json!("ACTIVE"), &json!(day(&house, 0)))
    );
    assert_eq!(seat().await, json!([{"isLapsed": false, "graceEndsOn": null}]));
    house.settle_mails().await;
    house.close().await;
}
