//! Groups changed from everywhere at once, with seats given by hand and people coming and going.

use std::time::Duration;

use entity::account::Plan;
use muster::access::Actor;
use muster::admin::SetSeats;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{activate, group, people, product_of};
use crate::support::seats::assert_seats_agree;
use crate::support::{Client, Database, House, add_product, patiently, team};

const ROUNDS: usize = 3;
const AT_ONCE: usize = 100;

/// Who and what the calls are about.
struct Stage {
    users: Vec<String>,
    groups: [String; 3],
    subscriptions: [String; 2],
    product: String,
}

impl Stage {
    /// The mutations that are mixed, by number. Numbers are not random: a failure comes again.
    fn mixed(&self, number: usize, round: usize) -> (&'static str, &'static str, Value) {
        let chosen = |step: usize| &self.users[(number * step + round * 5) % self.users.len()];
        let mut few: Vec<&String> = vec![chosen(3), chosen(5), chosen(7)];
        few.sort();
        few.dedup();
        let group = &self.groups[(number / 3 + round) % 3];
        let of_group = json!({"groupId": group, "userIds": few});
        let set = |subscriptions: &[String]| json!({"groupId": group, "subscriptionIds": subscriptions});
        let by_hand = json!({"sources": [{"subscriptionId": self.subscriptions[number % 2]}], "userIds": few,
            "whenFull": if number.is_multiple_of(3) { "REFUSE" } else { "WAITLIST" }, "onError": "SKIP_FAILED"});
        match number % 11 {
            0 | 1 => ("addGroupMembers", "GroupMembersInput", of_group),
            2 | 3 => ("removeGroupMembers", "GroupMembersInput", of_group),
            4 => ("assignSeats", "AssignSeatsInput", by_hand),
            5 => (
                "unassignSeats",
                "UnassignSeatsInput",
                json!({"userIds": few, "productId": self.product}),
            ),
            6 => ("disableUsers", "UserIdsInput", json!({"userIds": few})),
            7 => ("enableUsers", "UserIdsInput", json!({"userIds": few})),
            8 => (
                "setGroupSubscriptions",
                "SetGroupSubscriptionsInput",
                set(&self.subscriptions[..number % 3]),
            ),
            9 => (
                "inviteUsers",
                "InviteUsersInput",
                json!({"recipients": {"emails": [format!("late{round}-{number}@acme.example")]}, "groupIds": self.groups}),
            ),
            _ => (
                "setGroupSubscriptions",
                "SetGroupSubscriptionsInput",
                set(&self.subscriptions[1..]),
            ),
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_changes_of_groups_and_seats_at_once_leave_everybody_with_just_what_is_theirs(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 7).await;
    let ink = add_product(&house, "acme", "INK", 30).await;
    let users = people(&team, "p", 18).await;
    activate(&house).await;
    let stage = Stage {
        groups: [
            group(&team, "One", &users[..6], &[&draw]).await,
            group(&team, "Two", &users[3..9], &[&draw, &ink]).await,
            group(&team, "Three", &[], &[]).await,
        ],
        product: product_of(&team, &draw).await,
        subscriptions: [draw, ink],
        users,
    };
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
            let (mutation, kind, input) = stage.mixed(number, round);
            async move {
                patiently(client, mutation, kind, &input).await;
            }
        });
        let sold = (0..4_i32).map(|number| {
            let seats = SetSeats {
                account: "acme".into(),
                product: "DRAW".into(),
                contract_number: "C-DRAW".into(),
                seats: 6 + (number * 5 + i32::try_from(round).unwrap()) % 7,
            };
            let house = &house;
            async move {
                tokio::time::sleep(Duration::from_millis(u64::try_from(number).unwrap() * 150)).await;
                // Fewer than are held is refused.
                if let Err(error) = house.app.run(&Actor::Operator, seats).await {
                    assert_eq!(error.code(), "BAD_USER_INPUT", "{error:?}");
                }
            }
        });
        tokio::join!(futures::future::join_all(calls), futures::future::join_all(sold));
        assert_seats_agree(&house).await;
    }
    // When everything is taken off and everybody is back, only what hands hold is held.
    for id in &stage.groups {
        patiently(
            &team.admin,
            "setGroupSubscriptions",
            "SetGroupSubscriptionsInput",
            &json!({"groupId": id, "subscriptionIds": []}),
        )
        .await;
    }
    let by_group = "SELECT count(*) FROM assignments WHERE source = 'GROUP'";
    assert_eq!(house.number(by_group).await, 0);
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}
