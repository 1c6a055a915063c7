//! Seats and what is done with them: who did not use theirs, and whose can be reclaimed.

use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{add, ago, one, opening, today};
use crate::support::{Database, House, Team};

/// Gives everybody a seat of DRAW, which they have had for so many days.
async fn seats(house: &House, team: &Team, users: &[String], days: i64) {
    // Active before they are given seats: whose seats wait for them is counted.
    let active = users
        .iter()
        .map(|id| house.literal(Kind::User.parse(id).unwrap()));
    let active = active.collect::<Vec<_>>().join(", ");
    let sql = format!("UPDATE users SET status = 'ACTIVE' WHERE id IN ({active})");
    assert_eq!(
        house.force(&sql).await.unwrap(),
        u64::try_from(users.len()).unwrap()
    );
    let subscriptions = "{ account { subscriptions(first: 10) { nodes { id product { code } } } } }";
    let found = team.admin.ask(subscriptions, json!({})).await;
    let found = found["account"]["subscriptions"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let draw = found
        .iter()
        .find(|node| node["product"]["code"] == "DRAW")
        .unwrap();
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied } userErrors { code } } }";
    let input = json!({"sources": [{"subscriptionId": draw["id"]}], "userIds": users});
    let given = team.admin.ask(assign, json!({"input": input})).await;
    assert_eq!(given["assignSeats"]["summary"]["applied"], users.len());
    let then = House::literal_time(house.app.clock().now() - chrono::Duration::days(days));
    let sql = format!("UPDATE assignments SET assigned_at = {then}");
    assert!(house.force(&sql).await.unwrap() > 0);
}

async fn signed_in(house: &House, user: &str, days: i64) {
    let at = House::literal_time(house.app.clock().now() - chrono::Duration::days(days));
    let id = house.literal(Kind::User.parse(user).unwrap());
    let sql = format!("UPDATE users SET last_signed_in_at = {at} WHERE id = {id}");
    assert_eq!(house.force(&sql).await.unwrap(), 1);
}

fn emails(connection: &Value) -> Vec<String> {
    let nodes = connection["nodes"].as_array().unwrap().iter();
    let mut emails: Vec<String> = nodes
        .map(|node| {
            node["user"]["email"]
                .as_str()
                .unwrap()
                .split('@')
                .next()
                .unwrap()
                .to_owned()
        })
        .collect();
    emails.sort();
    emails
}

async fn reclaimable(team: &Team, days: i64) -> Vec<String> {
    let list = "query($days: Int!) { account { reclaimableSeats(idleDays: $days, first: 100) { nodes { user { email } } } } }";
    emails(&team.admin.ask(list, json!({"days": days})).await["account"]["reclaimableSeats"])
}

async fn inactive(house: &House, team: &Team, days: u64) -> (Vec<String>, i64) {
    let list = "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) {
        summary { inactiveAssignedUsers } inactiveSeats(first: 100) { totalCount nodes { user { email } } } } } }";
    let period = json!({"from": ago(house, days), "to": today(house).to_string()});
    let report = team.admin.ask(list, period).await["account"]["usageReport"].clone();
    let seats = &report["inactiveSeats"];
    assert_eq!(seats["totalCount"], seats["nodes"].as_array().unwrap().len());
    (
        emails(seats),
        report["summary"]["inactiveAssignedUsers"].as_i64().unwrap(),
    )
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn use_keeps_a_seat_and_where_it_is_recorded_all_the_while_signing_in_does_not(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 5).await;
    seats(&house, &team, &users[..4], 200).await;
    signed_in(&house, &users[1], 5).await;
    assert_eq!(
        reclaimable(&team, 30).await,
        ["p0", "p2", "p3"],
        "nothing is recorded: signing in stands for it"
    );

    // Recorded for ten days: who used it keeps their seat, and so does who signed in.
    add(
        &team,
        &[
            one(2, "DRAW", &ago(&house, 10), "a"),
            one(3, "INK", &ago(&house, 10), "a"),
        ],
    )
    .await;
    assert_eq!(
        reclaimable(&team, 30).await,
        ["p0", "p3"],
        "another product is none of this seat's"
    );

    // Recorded for a hundred days: use decides, and it moves on, never back.
    add(
        &team,
        &[
            one(4, "DRAW", &ago(&house, 100), "a"),
            one(2, "DRAW", &ago(&house, 60), "a"),
        ],
    )
    .await;
    assert_eq!(reclaimable(&team, 30).await, ["p0", "p1", "p3"]);
    assert_eq!(reclaimable(&team, 9).await, ["p0", "p1", "p2", "p3"]);
    for days in [9, 30, 50] {
        let (seats, people) = inactive(&house, &team, u64::try_from(days).unwrap()).await;
        assert_eq!(seats, reclaimable(&team, days).await, "{days}");
        assert_eq!(people, i64::try_from(seats.len()).unwrap());
    }
    assert_eq!(
        inactive(&house, &team, 250).await,
        (vec![], 0),
        "nobody had a seat before"
    );

    let last = "query { account { assignments(first: 10) { nodes { id user { email } lastUsedOn } } } }";
    let nodes = team.admin.ask(last, json!({})).await["account"]["assignments"]["nodes"].clone();
    for node in nodes.as_array().unwrap() {
        let expected = match node["user"]["email"] == "p2@acme.example" {
            true => json!(ago(&house, 10)),
            false => Value::Null,
        };
        assert_eq!(node["lastUsedOn"], expected, "{node}");
    }

    // Somebody uses it before the administrator presses the button.
    add(&team, &[one(0, "DRAW", &ago(&house, 0), "a")]).await;
    let reclaim = "mutation($input: ReclaimSeatsInput!) { reclaimSeats(input: $input) { results { status userErrors { code } } } }";
    let of = |name: &str| {
        let nodes = nodes.as_array().unwrap().iter();
        nodes
            .clone()
            .find(|node| node["user"]["email"] == format!("{name}@acme.example"))
            .unwrap()["id"]
            .clone()
    };
    let input = json!({"idleDays": 30, "assignmentIds": [of("p0"), of("p1")]});
    let done = team.admin.ask(reclaim, json!({"input": input})).await["reclaimSeats"]["results"].clone();
    assert_eq!(
        done,
        json!([{"status": "FAILED", "userErrors": [{"code": "SEAT_IN_USE"}]}, {"status": "APPLIED", "userErrors": []}])
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_that_were_not_used_in_a_period_gone_by_are_those_of_that_period(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 3).await;
    seats(&house, &team, &users, 300).await;
    add(
        &team,
        &[
            one(0, "DRAW", &ago(&house, 150), "a"),
            one(1, "DRAW", &ago(&house, 3), "a"),
            one(1, "DRAW", &ago(&house, 250), "a"),
        ],
    )
    .await;
    let list = "query($from: Date!, $to: Date!) { account { products(first: 9) { nodes { code usage(period: {from: $from, to: $to}) { inactiveAssignedUsers } } }
        usageReport(input: {period: {from: $from, to: $to}}) { inactiveSeats(first: 1) { totalCount nodes { user { email } } pageInfo { endCursor hasNextPage } } } } }";
    let period = json!({"from": ago(&house, 200), "to": ago(&house, 100)});
    let read = team.admin.ask(list, period).await["account"].clone();
    let seats = &read["usageReport"]["inactiveSeats"];
    assert_eq!(
        (&seats["totalCount"], &seats["pageInfo"]["hasNextPage"]),
        (&json!(2), &json!(true))
    );
    for node in read["products"]["nodes"].as_array().unwrap() {
        let expected = if node["code"] == "DRAW" { 2 } else { 0 };
        assert_eq!(node["usage"]["inactiveAssignedUsers"], expected, "{node}");
    }
    house.close().await;
}
