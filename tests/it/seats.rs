//! Seats: nobody goes past what was bought, on any path and however many try at once.

mod ending;
mod giving;
mod lists;
mod matching;
mod page;
mod reclaiming;
mod storm;
pub mod support;
mod waiting;

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, House, Team, add_product, team};

const ASSIGN: &str = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
    summary { applied unchanged failed }
    results { status assignment { id product { code } components { isEnabled component { code } } } userErrors { code field } }
    userErrors { code field ... on SeatLimitError { requested available subscription { id } } }
} }";

async fn assign(team: &Team, subscription: &str, users: &[String], on_error: &str) -> Value {
    let input = json!({"sources": [{"subscriptionId": subscription}], "userIds": users, "onError": on_error});
    team.admin.ask(ASSIGN, json!({"input": input})).await["assignSeats"].clone()
}

/// As a client does: told that the account is busy, it tries again.
async fn assign_patiently(team: &Team, subscription: &str, user: &str) -> Value {
    let input =
        json!({"sources": [{"subscriptionId": subscription}], "userIds": [user], "onError": "SKIP_FAILED"});
    loop {
        let (_, answer) = team.admin.send(ASSIGN, json!({"input": input})).await;
        if answer["errors"][0]["extensions"]["code"] == "BUSY" {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        }
        assert_eq!(answer["errors"], Value::Null);
        return answer["data"]["assignSeats"].clone();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_at_once_for_fifty_seats_give_exactly_fifty(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 50).await;
    let list: Vec<String> = (0..200)
        .map(|number| format!("person{number}@acme.example"))
        .collect();
    let invite =
        "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { user { id } } } }";
    let invited = team
        .admin
        .ask(invite, json!({"input": {"recipients": {"list": list.join(";")}}}))
        .await;
    let users: Vec<String> = invited["inviteUsers"]["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["user"]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(users.len(), 200);

    let calls = users
        .iter()
        .map(|user| assign_patiently(&team, &subscription, user));
    let answers = futures::future::join_all(calls).await;
    let given = answers
        .iter()
        .filter(|answer| answer["results"][0]["status"] == "APPLIED")
        .count();
    let refused = answers
        .iter()
        .filter(|answer| answer["results"][0]["userErrors"][0]["code"] == "SEATS_EXHAUSTED");
    assert_eq!((given, refused.count()), (50, 150));
    assert_eq!(team.seats(&subscription).await, (50, 50, 50));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_does_not_fit_is_refused_as_a_whole_or_done_in_order(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 2).await;
    let mut users = Vec::new();
    for name in ["a", "b", "c"] {
        users.push(team.invite(&format!("{name}@acme.example")).await);
    }

    let refused = assign(&team, &subscription, &users, "REJECT_ALL").await;
    assert_eq!(refused["results"], json!([]));
    let short = json!({"code": "SEATS_EXHAUSTED", "field": ["input", "userIds"], "requested": 3, "available": 2, "subscription": {"id": subscription}});
    assert_eq!(
        refused["userErrors"],
        json!([short]),
        "told once, with what is needed and what is there"
    );
    assert_eq!(team.seats(&subscription).await, (2, 0, 0));

    let done = assign(&team, &subscription, &users, "SKIP_FAILED").await;
    assert_eq!(
        done["summary"],
        json!({"applied": 2, "unchanged": 0, "failed": 1})
    );
    assert_eq!(
        done["results"][2]["userErrors"],
        json!([{"code": "SEATS_EXHAUSTED", "field": ["input", "userIds", "2"]}])
    );
    assert_eq!(team.seats(&subscription).await, (2, 2, 2));

    let again = assign(&team, &subscription, &users[..1], "REJECT_ALL").await;
    assert_eq!(
        again["summary"],
        json!({"applied": 0, "unchanged": 1, "failed": 0})
    );
    assert_eq!(team.seats(&subscription).await, (2, 2, 2));

    let freed = "mutation($input: UnassignSeatsInput!) { unassignSeats(input: $input) { summary { applied failed } affectedSubscriptions { id seats { used } } } }";
    let assignment = done["results"][0]["assignment"]["id"].clone();
    let answer = team
        .admin
        .ask(
            freed,
            json!({"input": {"assignmentIds": [assignment, assignment]}}),
        )
        .await;
    assert_eq!(
        answer["unassignSeats"]["summary"],
        json!({"applied": 1, "failed": 1})
    );
    assert_eq!(
        answer["unassignSeats"]["affectedSubscriptions"],
        json!([{"id": subscription, "seats": {"used": 1}}])
    );
    assert_eq!(team.seats(&subscription).await, (2, 1, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_names_the_input_at_fault_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 2).await;
    let mut users = vec![
        team.invite("a@acme.example").await,
        team.invite("b@acme.example").await,
    ];
    users.insert(1, Kind::User.text(uuid::Uuid::from_u128(7)));

    let before = house.settled().await;
    let unknown = json!([{"code": "NOT_FOUND", "field": ["input", "userIds", "1"]}]);
    let refused = assign(&team, &subscription, &users, "REJECT_ALL").await;
    assert_eq!(refused["userErrors"], unknown);
    let nowhere = Kind::Subscription.text(uuid::Uuid::from_u128(7));
    let refused = assign(&team, &nowhere, &users, "REJECT_ALL").await;
    assert_eq!(
        refused["userErrors"],
        json!([{"code": "NOT_FOUND", "field": ["input", "sources", "0"]}, unknown[0]])
    );
    assert_eq!(house.settled().await, before);

    let done = assign(&team, &subscription, &users, "SKIP_FAILED").await;
    assert_eq!(done["results"][1]["userErrors"], unknown);
    assert_eq!(team.seats(&subscription).await, (2, 2, 2));

    let unassign = "mutation($input: UnassignSeatsInput!) { unassignSeats(input: $input) { results { status userErrors { code field } } userErrors { code field } } }";
    let held = done["results"][0]["assignment"]["id"].clone();
    let gone = Kind::Assignment.text(uuid::Uuid::from_u128(7));
    let missing = json!([{"code": "NOT_ASSIGNED", "field": ["input", "assignmentIds", "1"]}]);
    let give_back = async |on_error: &str| {
        let input = json!({"assignmentIds": [held, gone], "onError": on_error});
        team.admin.ask(unassign, json!({"input": input})).await["unassignSeats"].clone()
    };
    let refused = give_back("REJECT_ALL").await;
    assert_eq!(refused, json!({"results": [], "userErrors": missing}));
    assert_eq!(team.seats(&subscription).await, (2, 2, 2));
    let done = give_back("SKIP_FAILED").await;
    assert_eq!(
        done["results"][1],
        json!({"status": "FAILED", "userErrors": missing})
    );
    assert_eq!(team.seats(&subscription).await, (2, 1, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_entry_without_the_seat_it_asked_for_failed_whether_its_person_is_new_or_known(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 1).await;
    team.invite("known@acme.example").await;
    let emails = [
        "first@acme.example",
        "known@acme.example",
        "new@acme.example",
        "known@acme.example",
    ];
    let invite = async |subscriptions: Value| {
        let query = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { summary { applied unchanged failed }
            results { email status user { status } userErrors { code } } userErrors { code field } } }";
        let input = json!({"recipients": {"emails": emails}, "subscriptionIds": subscriptions});
        team.admin.ask(query, json!({"input": input})).await["inviteUsers"].clone()
    };
    // Named twice, it is wanted once.
    let answer = invite(json!([subscription, subscription])).await;
    let result = |email: &str, status: &str, codes: Value| json!({"email": email, "status": status, "user": {"status": "PENDING"}, "userErrors": codes});
    let short = json!([{"code": "SEATS_EXHAUSTED"}]);
    assert_eq!(
        answer["results"],
        json!([
            result("first@acme.example", "APPLIED", json!([])),
            result("known@acme.example", "FAILED", short.clone()),
            result("new@acme.example", "FAILED", short),
        ])
    );
    assert_eq!(
        answer["summary"],
        json!({"applied": 1, "unchanged": 0, "failed": 2})
    );
    assert_eq!(team.seats(&subscription).await, (1, 1, 1));

    let answer = invite(json!([])).await;
    assert_eq!(
        answer["summary"],
        json!({"applied": 0, "unchanged": 3, "failed": 0})
    );
    let before = house.settled().await;
    let answer = invite(json!(vec![subscription.clone(); 101])).await;
    let refused = json!([{"code": "TOO_MANY_ITEMS", "field": ["input", "subscriptionIds"]}]);
    assert_eq!(
        (&answer["results"], &answer["userErrors"]),
        (&json!([]), &refused)
    );
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_who_are_invited_together_or_not_at_all_are_told_how_many_seats_they_need(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let subscription = add_product(&house, "acme", "DRAW", 2).await;
    let before = house.settled().await;
    let invite = "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { status } userErrors { code field ... on SeatLimitError { requested available } } } }";
    let emails = ["a@acme.example", "b@acme.example", "c@acme.example"];
    let input =
        json!({"recipients": {"emails": emails}, "subscriptionIds": [subscription], "onError": "REJECT_ALL"});
    let answer = team.admin.ask(invite, json!({"input": input})).await;
    let short = json!({"code": "SEATS_EXHAUSTED", "field": ["input", "subscriptionIds"], "requested": 3, "available": 2});
    assert_eq!(
        answer["inviteUsers"],
        json!({"results": [], "userErrors": [short]})
    );
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn assigning_again_with_other_components_changes_them_and_nothing_else(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let member = team.join(&house, "member@acme.example", "USER").await;
    let me = "{ viewer { user { id } } }";
    let user = member.ask(me, json!({})).await["viewer"]["user"]["id"].clone();
    let parts = "{ account { products(first: 5) { nodes { components { id code } } } } }";
    let parts =
        team.admin.ask(parts, json!({})).await["account"]["products"]["nodes"][0]["components"].clone();
    let part = |code: &str| {
        let parts = parts.as_array().unwrap();
        parts.iter().find(|part| part["code"] == code).unwrap()["id"].clone()
    };
    let query = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
        results { status assignment { version components { isEnabled component { code } } } userErrors { code } } userErrors { code field } } }";
    let assign = async |components: Value| {
        let input =
            json!({"sources": [{"subscriptionId": draw}], "userIds": [user], "componentIds": components});
        let answer = team.admin.ask(query, json!({"input": input})).await["assignSeats"].clone();
        let result = &answer["results"][0];
        let on = result["assignment"]["components"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let on = on.iter().filter(|part| part["isEnabled"] == true);
        let mut on: Vec<String> = on
            .map(|part| part["component"]["code"].as_str().unwrap().to_owned())
            .collect();
        on.sort();
        let code = answer["userErrors"][0]["code"].as_str().map(str::to_owned);
        (
            result["status"].as_str().unwrap_or_default().to_owned(),
            result["assignment"]["version"].clone(),
            on,
            code,
        )
    };
    let came = |status: &str, version: i32, on: &[&str]| {
        (
            status.to_owned(),
            json!(version),
            on.iter().map(|on| (*on).to_owned()).collect::<Vec<_>>(),
            None,
        )
    };
    assert_eq!(assign(Value::Null).await, came("APPLIED", 1, &["CORE", "EXTRA"]));
    house.settle_mails().await;
    let mails = house.mails().len();
    let (core, extra, cloud) = (part("CORE"), part("EXTRA"), part("CLOUD"));
    assert_eq!(
        assign(Value::Null).await,
        came("UNCHANGED", 1, &["CORE", "EXTRA"])
    );
    assert_eq!(
        assign(json!([extra, core])).await,
        came("UNCHANGED", 1, &["CORE", "EXTRA"])
    );
    assert_eq!(
        assign(json!([core, cloud])).await,
        came("APPLIED", 2, &["CLOUD", "CORE"])
    );
    assert_eq!(
        assign(json!([cloud, core, core])).await,
        came("UNCHANGED", 2, &["CLOUD", "CORE"])
    );
    assert_eq!(
        assign(Value::Null).await,
        came("UNCHANGED", 2, &["CLOUD", "CORE"]),
        "what is not named stays"
    );
    assert_eq!(assign(json!([core])).await, came("APPLIED", 3, &["CORE"]));
    assert_eq!(
        assign(json!([cloud])).await.3.as_deref(),
        Some("COMPONENT_REQUIRED")
    );
    assert_eq!(assign(json!([])).await.3.as_deref(), Some("EMPTY_CUSTOMISATION"));
    assert_eq!(assign(Value::Null).await, came("UNCHANGED", 3, &["CORE"]));
    assert_eq!(team.seats(&draw).await, (5, 1, 0), "no seat moves");
    house.settle_mails().await;
    assert_eq!(house.mails().len(), mails, "nobody is told");
    house.close().await;
}
