//! More seats, fewer, and others with the next term.

use entity::account::Plan;
use futures::future::join_all;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{CONTRACT, SUBSCRIPTION, call, contract, day, done, next_day};
use crate::seats::support::{assign, people, product_of, send};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, Team, add_product, patiently, team};

/// A subscription of five seats under a contract that ends in twenty days; answers both ids.
async fn sold(house: &House, team: &Team) -> (String, String) {
    let other = add_product(house, "acme", "DRAW", 1).await;
    let product = product_of(team, &other).await;
    house
        .force("UPDATE subscriptions SET state = 'CANCELLED'")
        .await
        .unwrap();
    let id = contract(house, team, "A-1", (-30, 20)).await;
    let input = json!({"contractId": id, "productId": product, "seats": 5});
    let sold = done(&team.admin, "createSubscription", SUBSCRIPTION, input).await;
    (id, sold["id"].as_str().unwrap().to_owned())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn more_seats_go_to_whoever_waits_and_fewer_than_are_held_are_refused_with_figures(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (_, draw) = sold(&house, &team).await;
    let users = people(&team, "p", 8).await;
    let give = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied } userErrors { code } } }";
    let input = json!({"sources": [{"productId": product_of(&team, &draw).await}], "userIds": users, "whenFull": "WAITLIST"});
    send(&team, give, input).await;
    assert_eq!(team.seats(&draw).await, (5, 5, 5));
    let resize = async |more: Value| {
        let mut input = json!({"subscriptionId": draw});
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        call(&team.admin, "updateSubscription", SUBSCRIPTION, input).await
    };
    let before = house.settled().await;
    let refused = resize(json!({"seats": 4})).await;
    let held = json!([{"code": "SEATS_HELD", "field": ["input", "seats"], "requested": 4, "used": 5, "subscription": {"id": draw}}]);
    assert_eq!(refused["userErrors"], held);
    assert_eq!(house.settled().await, before);
    // Two of the three who wait are served in the same call.
    let grown = resize(json!({"seats": 7, "expectedVersion": 1})).await;
    assert_eq!(grown["userErrors"], json!([]));
    assert_eq!(
        grown["subscription"]["seats"],
        json!({"total": 7, "used": 7, "available": 0})
    );
    assert_eq!(house.number("SELECT count(*) FROM waitlist_entries").await, 1);
    assert_seats_agree(&house).await;
    let stale = resize(json!({"seats": 9, "expectedVersion": 1})).await;
    assert_eq!(stale["userErrors"][0]["code"], "STALE_VERSION");
    let grown = resize(json!({"seats": 10})).await;
    assert_eq!(
        grown["subscription"]["seats"],
        json!({"total": 10, "used": 8, "available": 2})
    );
    let shrunk = resize(json!({"seats": 8})).await;
    assert_eq!(shrunk["subscription"]["seats"]["total"], 8);
    let version = shrunk["subscription"]["version"].clone();
    let same = resize(json!({"seats": 8})).await;
    assert_eq!(same["subscription"]["version"], version);
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_of_the_next_term_hold_from_its_first_day_and_take_none_that_is_held(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (id, draw) = sold(&house, &team).await;
    let users = people(&team, "p", 4).await;
    assign(&team, &draw, &users).await;
    let resize = async |seats: i32| {
        let input = json!({"subscriptionId": draw, "seats": seats, "atNextTerm": true});
        done(&team.admin, "updateSubscription", SUBSCRIPTION, input).await
    };
    let asked = resize(3).await;
    assert_eq!(
        (
            &asked["nextSeats"],
            &asked["nextTermOn"],
            &asked["seats"]["total"]
        ),
        (&json!(3), &Value::Null, &json!(5))
    );
    assert_eq!(
        resize(5).await["nextSeats"],
        Value::Null,
        "as many as now is nothing to be changed"
    );
    resize(3).await;
    next_day(&house, &team).await;
    assert_eq!(team.seats(&draw).await.0, 5, "no term has begun");
    done(&team.admin, "renewContract", CONTRACT, json!({"contractId": id})).await;
    let query = "query($id: ID!) { subscription(id: $id) { nextSeats nextTermOn seats { total } } }";
    let seen = async || team.admin.ask(query, json!({"id": draw})).await["subscription"].clone();
    let planned = json!({"nextSeats": 3, "nextTermOn": day(&house, 21), "seats": {"total": 5}});
    assert_eq!(seen().await, planned);
    // Asked again it is about the term that was agreed already.
    assert_eq!(resize(2).await["nextTermOn"], day(&house, 21));
    next_day(&house, &team).await;
    assert_eq!(team.seats(&draw).await.0, 5, "it begins later");

    let today = day(&house, 0);
    house
        .force(&format!(
            "UPDATE subscriptions SET next_term_on = '{today}' WHERE next_term_on IS NOT NULL"
        ))
        .await
        .unwrap();
    next_day(&house, &team).await;
    assert_eq!(
        seen().await,
        json!({"nextSeats": null, "nextTermOn": null, "seats": {"total": 4}}),
        "four are held"
    );
    let told = "{ viewer { notifications { nodes { kind title } } } }";
    let told = team.admin.ask(told, json!({})).await["viewer"]["notifications"]["nodes"].clone();
    let kept = json!({"kind": "CONTRACT_ENDING", "title": "Product DRAW keeps 4 seats"});
    assert!(told.as_array().unwrap().contains(&kept), "{told}");
    let log = "{ account { auditEvents(filter: {action: [\"subscriptions.begin_term\"]}) { nodes { actorLabel changes { field before after } } } } }";
    let log = team.admin.ask(log, json!({})).await["account"]["auditEvents"]["nodes"].clone();
    assert_eq!(
        log,
        json!([{"actorLabel": "platform", "changes": [{"field": "seats", "before": "5", "after": "4"}]}])
    );
    next_day(&house, &team).await;
    assert_eq!(team.seats(&draw).await, (4, 4, 4), "once");
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_trial_becomes_paid_by_a_call_and_goes_with_its_contract_from_then_on(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (id, draw) = sold(&house, &team).await;
    let product = product_of(&team, &draw).await;
    let input = json!({"contractId": id, "productId": product, "seats": 2, "isTrial": true, "endsOn": day(&house, 5)});
    let trial = done(&team.admin, "createSubscription", SUBSCRIPTION, input).await;
    let change = async |more: Value| {
        let mut input = json!({"subscriptionId": trial["id"]});
        input
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        call(&team.admin, "updateSubscription", SUBSCRIPTION, input).await
    };
    assert_eq!(
        change(json!({"isTrial": true})).await["subscription"]["version"],
        1,
        "it is one"
    );
    let paid = change(json!({"isTrial": false, "endsOn": day(&house, 20)})).await["subscription"].clone();
    assert_eq!(
        (&paid["status"], &paid["isTrial"], &paid["endsOn"]),
        (&json!("ACTIVE"), &json!(false), &json!(day(&house, 20)))
    );
    let back = change(json!({"isTrial": true})).await;
    assert_eq!(
        back["userErrors"],
        json!([{"code": "INVALID", "field": ["input", "isTrial"]}])
    );
    let renewed = done(&team.admin, "renewContract", CONTRACT, json!({"contractId": id})).await;
    let query = "query($id: ID!) { subscription(id: $id) { endsOn } }";
    let seen = team.admin.ask(query, json!({"id": trial["id"]})).await;
    assert_eq!(seen["subscription"]["endsOn"], renewed["endsOn"]);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_seats_away_while_others_give_them_never_comes_below_what_is_held(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (_, draw) = sold(&house, &team).await;
    let elsewhere = match database {
        Database::Postgres => house.replica().await,
        Database::Sqlite => house.anonymous(),
    };
    let elsewhere = crate::support::Client {
        token: team.admin.token.clone(),
        ..elsewhere
    };
    let users = people(&team, "p", 12).await;
    let gives = users.iter().map(|user| {
        let input = json!({"sources": [{"subscriptionId": draw}], "userIds": [user]});
        let admin = &team.admin;
        async move { patiently(admin, "assignSeats", "AssignSeatsInput", &input).await }
    });
    let sizes = [4, 9, 2, 12, 6, 3, 8, 5].map(|seats| {
        let input = json!({"subscriptionId": draw, "seats": seats});
        let elsewhere = &elsewhere;
        async move { patiently(elsewhere, "updateSubscription", "UpdateSubscriptionInput", &input).await }
    });
    let (given, sized) = futures::future::join(join_all(gives), join_all(sizes)).await;
    for answer in sized {
        let codes = &answer["userErrors"];
        assert!(
            *codes == json!([]) || *codes == json!([{"code": "SEATS_HELD"}]),
            "{answer}"
        );
    }
    let given = given
        .iter()
        .filter(|answer| answer["userErrors"] == json!([]))
        .count();
    let (total, used, _) = team.seats(&draw).await;
    assert!(used <= total, "{used} of {total}");
    assert_eq!(i64::try_from(given).unwrap(), used);
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}
