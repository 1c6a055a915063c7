//! Seats that nobody seems to need: who is found, and who keeps theirs.

use entity::account::Plan;
use entity::ids::Kind;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{assign, people, send};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, add_product, team};

const LIST: &str = "query($days: Int!, $product: ID, $first: Int = 100, $after: String) { account { reclaimableSeats(idleDays: $days, productId: $product, first: $first, after: $after) {
    totalCount nodes { id user { email status lastSignedInAt } product { id } } pageInfo { hasNextPage endCursor } } } }";
const RECLAIM: &str = "mutation($input: ReclaimSeatsInput!) { reclaimSeats(input: $input) { summary { applied failed } results { status assignmentId userId userErrors { code field } } affectedSubscriptions { id } userErrors { code field } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_of_the_idle_and_of_expired_invitations_are_listed_and_released_unless_somebody_has_come_back(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 20).await;
    let users = people(&team, "p", 7).await;
    let id = |place: usize| house.literal(Kind::User.parse(&users[place]).unwrap());
    let days = |days: i64| House::literal_time(house.app.clock().now() - chrono::Duration::days(days));
    // Active: never signed in, long ago, lately; pending: expired, standing. And one whose seat is new.
    let active = format!(
        "UPDATE users SET status = 'ACTIVE' WHERE id IN ({}, {}, {}, {})",
        id(0),
        id(1),
        id(2),
        id(5)
    );
    house.force(&active).await.unwrap();
    let seats = assign(&team, &draw, &users[..6]).await;
    for sql in [
        format!("UPDATE assignments SET assigned_at = {}", days(100)),
        format!(
            "UPDATE assignments SET assigned_at = {} WHERE user_id = {}",
            days(10),
            id(5)
        ),
        format!(
            "UPDATE users SET last_signed_in_at = {} WHERE id = {}",
            days(60),
            id(1)
        ),
        format!(
            "UPDATE users SET last_signed_in_at = {} WHERE id = {}",
            days(5),
            id(2)
        ),
        format!(
            "UPDATE invitations SET expires_at = {} WHERE user_id = {}",
            days(1),
            id(3)
        ),
    ] {
        assert!(house.force(&sql).await.unwrap() > 0, "{sql}");
    }
    let list =
        async |variables: Value| team.admin.ask(LIST, variables).await["account"]["reclaimableSeats"].clone();
    let found = |list: &Value| -> Vec<(String, String)> {
        let nodes = list["nodes"].as_array().unwrap().iter();
        let one = |node: &Value| {
            let email = node["user"]["email"].as_str().unwrap();
            (
                email.split('@').next().unwrap().to_owned(),
                node["user"]["status"].as_str().unwrap().to_owned(),
            )
        };
        let mut found: Vec<_> = nodes.map(one).collect();
        found.sort();
        found
    };
    let is = |name: &str, reason: &str| (name.to_owned(), reason.to_owned());
    let month = list(json!({"days": 30})).await;
    assert_eq!(month["totalCount"], 3);
    assert_eq!(
        found(&month),
        [is("p0", "ACTIVE"), is("p1", "ACTIVE"), is("p3", "PENDING")]
    );
    let never = month["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|node| node["user"]["email"] == "p0@acme.example");
    assert_eq!(never.unwrap()["user"]["lastSignedInAt"], Value::Null);
    assert_eq!(
        found(&list(json!({"days": 90})).await),
        [is("p0", "ACTIVE"), is("p3", "PENDING")]
    );
    assert_eq!(
        found(&list(json!({"days": 3})).await).len(),
        5,
        "all but the invited"
    );
    let product = &month["nodes"][0]["product"]["id"];
    assert_eq!(
        list(json!({"days": 30, "product": product})).await["totalCount"],
        3
    );
    let first = list(json!({"days": 30, "first": 2})).await;
    let rest = list(json!({"days": 30, "first": 2, "after": first["pageInfo"]["endCursor"]})).await;
    assert_eq!(
        rest["nodes"].as_array().unwrap().len(),
        1,
        "the moment moves on from page to page"
    );

    // One comes back before the administrator presses the button.
    let back = format!(
        "UPDATE users SET last_signed_in_at = {} WHERE id = {}",
        days(0),
        id(1)
    );
    house.force(&back).await.unwrap();
    let seat = |place: usize| seats["results"][place]["assignment"]["id"].clone();
    let named: Vec<Value> = [0, 1, 3, 4]
        .into_iter()
        .map(seat)
        .chain([json!("asg_00000000000000000000000007"), seat(0)])
        .collect();
    let done = send(&team, RECLAIM, json!({"idleDays": 30, "assignmentIds": named})).await;
    assert_eq!(done["summary"], json!({"applied": 2, "failed": 4}));
    let codes: Vec<&str> = done["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| result["userErrors"][0]["code"].as_str().unwrap_or("none"))
        .collect();
    assert_eq!(
        codes,
        [
            "none",
            "SEAT_IN_USE",
            "none",
            "SEAT_IN_USE",
            "NOT_ASSIGNED",
            "NOT_ASSIGNED"
        ]
    );
    assert_eq!(
        done["results"][1]["userErrors"][0]["field"],
        json!(["input", "assignmentIds", "1"])
    );
    assert_eq!(done["results"][1]["userId"], json!(users[1]), "who keeps it");
    assert_eq!(done["results"][2]["userId"], json!(users[3]));
    assert_eq!(done["affectedSubscriptions"], json!([{"id": draw}]));
    assert_eq!(team.seats(&draw).await, (20, 4, 1));
    let before = house.settled().await;
    for days in [0, -1, 3_651] {
        assert_eq!(
            team.admin.refused(LIST, json!({"days": days})).await,
            "BAD_USER_INPUT",
            "{days}"
        );
        let input = json!({"input": {"idleDays": days, "assignmentIds": [seat(1)]}});
        assert_eq!(
            team.admin.refused(RECLAIM, input).await,
            "BAD_USER_INPUT",
            "{days}"
        );
    }
    for ids in [json!([]), json!(vec!["asg_1"; 101])] {
        let refused = send(&team, RECLAIM, json!({"idleDays": 30, "assignmentIds": ids})).await;
        assert_eq!(
            refused["userErrors"][0]["field"],
            json!(["input", "assignmentIds"])
        );
    }
    assert_eq!(house.settled().await, before);
    assert_seats_agree(&house).await;
    house.close().await;
}
