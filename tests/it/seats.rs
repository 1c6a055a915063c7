//! Seats: nobody goes past what was bought, on any path and however many try at once.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, House, Team, add_product, team};

const ASSIGN: &str = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
    summary { applied unchanged failed }
    results { status assignment { id product { code } components { isEnabled component { code } } } userErrors { code } }
    userErrors { code ... on SeatLimitError { requested available subscription { id } } }
} }";

async fn assign(team: &Team, subscription: &str, users: &[String], on_error: &str) -> Value {
    let input = json!({"source": {"subscriptionId": subscription}, "userIds": users, "onError": on_error});
    team.admin.ask(ASSIGN, json!({"input": input})).await["assignSeats"].clone()
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
        .map(|user| assign(&team, &subscription, std::slice::from_ref(user), "SKIP_FAILED"));
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
    assert_eq!(refused["userErrors"][0]["code"], "SEATS_EXHAUSTED");
    assert_eq!(
        refused["userErrors"][0]["subscription"]["id"],
        subscription.as_str()
    );
    assert_eq!(team.seats(&subscription).await, (2, 0, 0));

    let done = assign(&team, &subscription, &users, "SKIP_FAILED").await;
    assert_eq!(
        done["summary"],
        json!({"applied": 2, "unchanged": 0, "failed": 1})
    );
    assert_eq!(done["results"][2]["userErrors"][0]["code"], "SEATS_EXHAUSTED");
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
