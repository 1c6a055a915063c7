//! Everything at once: whatever comes in between, no seat is given twice, none is lost, and nobody waits while one is free.

use std::time::Duration;

use entity::account::Plan;
use muster::access::Actor;
use muster::admin::SetSeats;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{people, product_of};
use crate::support::seats::assert_seats_agree;
use crate::support::{Client, Database, House, add_product, team};

const ROUNDS: usize = 3;
const AT_ONCE: usize = 120;

/// As a client does: told that the account is busy, it tries again. Whatever else goes wrong is a fault.
async fn patiently(client: &Client, mutation: &str, kind: &str, input: &Value) -> Value {
    let query =
        format!("mutation($input: {kind}!) {{ {mutation}(input: $input) {{ userErrors {{ code }} }} }}");
    loop {
        let (status, answer) = client.send(&query, json!({"input": input})).await;
        let code = &answer["errors"][0]["extensions"]["code"];
        if code == "BUSY" || code == "RATE_LIMITED" {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        }
        assert!(
            !status.is_server_error() && code.is_null(),
            "{mutation} {input}: {status} {answer}"
        );
        return answer["data"][mutation].clone();
    }
}

/// The mutations that are mixed, by number. Numbers are not random: a failure comes again.
fn mixed(
    number: usize,
    round: usize,
    users: &[String],
    subscription: &str,
    product: &str,
) -> (&'static str, &'static str, Value) {
    let chosen = |step: usize| users[(number * step + round * 7) % users.len()].clone();
    let few = json!([chosen(3), chosen(5), chosen(11)]);
    let mut few_once: Vec<String> = few
        .as_array()
        .unwrap()
        .iter()
        .map(|id| id.as_str().unwrap().to_owned())
        .collect();
    few_once.sort();
    few_once.dedup();
    let by_product = json!([{"productId": product}]);
    match number % 8 {
        0 => (
            "assignSeats",
            "AssignSeatsInput",
            json!({"sources": by_product, "userIds": few_once, "whenFull": "WAITLIST"}),
        ),
        1 => (
            "unassignSeats",
            "UnassignSeatsInput",
            json!({"userIds": few_once, "productId": product}),
        ),
        2 => ("disableUsers", "UserIdsInput", json!({"userIds": few_once})),
        3 => ("enableUsers", "UserIdsInput", json!({"userIds": few_once})),
        4 => (
            "assignSeats",
            "AssignSeatsInput",
            json!({"sources": [{"subscriptionId": subscription}], "userIds": [chosen(1)]}),
        ),
        5 => (
            "assignSeats",
            "AssignSeatsInput",
            json!({"sources": by_product, "userIds": [chosen(1)], "whenFull": "WAITLIST", "onError": "SKIP_FAILED"}),
        ),
        6 => (
            "unassignSeats",
            "UnassignSeatsInput",
            json!({"userIds": [chosen(1)], "productId": product, "onError": "REJECT_ALL"}),
        ),
        _ => (
            "inviteUser",
            "InviteUserInput",
            json!({"email": format!("late{round}-{number}@acme.example"), "subscriptionIds": [subscription]}),
        ),
    }
}

/// What is done with the line: whoever stands last comes first, and somebody leaves.
async fn stir(client: &Client) {
    let query = "{ account { waitlist(last: 2) { nodes { id } } } }";
    let line = client.ask(query, json!({})).await["account"]["waitlist"]["nodes"].clone();
    if let [leaving, coming] = line.as_array().unwrap().as_slice() {
        let first = json!({"entryId": coming["id"], "position": 1});
        patiently(client, "moveWaitlistEntry", "MoveWaitlistEntryInput", &first).await;
        let rest = json!({"entryIds": [leaving["id"]]});
        patiently(client, "leaveWaitlist", "LeaveWaitlistInput", &rest).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_and_twenty_changes_at_once_leave_every_seat_with_one_person_and_nobody_waiting_in_vain(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 8).await;
    let product = product_of(&team, &draw).await;
    let users = people(&team, "p", 24).await;
    house
        .force("UPDATE users SET status = 'ACTIVE' WHERE status = 'PENDING'")
        .await
        .unwrap();
    house
        .force("UPDATE accounts SET users_active = users_active + users_pending, users_pending = 0")
        .await
        .unwrap();
    // On SQLite there is one process.
    let elsewhere = match database {
        Database::Postgres => house.replica().await,
        Database::Sqlite => house.anonymous(),
    };
    let elsewhere = Client {
        token: team.admin.token.clone(),
        ..elsewhere
    };
    for round in 0..ROUNDS {
        let calls = (0..AT_ONCE).map(|number| {
            let client = if number % 2 == 0 { &team.admin } else { &elsewhere };
            let (mutation, kind, input) = mixed(number, round, &users, &draw, &product);
            async move {
                patiently(client, mutation, kind, &input).await;
            }
        });
        let sold = (0..6).map(|number| {
            let seats = SetSeats {
                account: "acme".into(),
                product: "DRAW".into(),
                contract_number: "C-DRAW".into(),
                seats: 6 + (number * 5 + i32::try_from(round).unwrap()) % 7,
            };
            let house = &house;
            async move {
                tokio::time::sleep(Duration::from_millis(u64::try_from(number).unwrap() * 120)).await;
                // Fewer than are held is refused.
                if let Err(error) = house.app.run(&Actor::Operator, seats).await {
                    assert_eq!(error.code(), "BAD_USER_INPUT", "{error:?}");
                }
            }
        });
        let stirred = (0..6).map(|number| {
            let client = &elsewhere;
            async move {
                tokio::time::sleep(Duration::from_millis(number * 100)).await;
                stir(client).await;
            }
        });
        tokio::join!(
            futures::future::join_all(calls),
            futures::future::join_all(sold),
            futures::future::join_all(stirred)
        );
        assert_seats_agree(&house).await;
    }
    let (total, used, _) = team.seats(&draw).await;
    assert!(used > 0 && used <= total);
    house.settle_mails().await;
    house.close().await;
}
