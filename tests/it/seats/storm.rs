//! Everything at once: whatever comes in between, no seat is given twice, none is lost, and nobody waits while one is free.

use std::time::Duration;

use axum::http::StatusCode;
use entity::account::Plan;
use entity::ids::Kind;
use futures::future::join_all;
use muster::access::Actor;
use muster::admin::SetSeats;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{people, product_of};
use crate::groups::support::{activate, group};
use crate::imports::support::settled;
use crate::sso_sign_in::setting::Setting;
use crate::support::seats::assert_seats_agree;
use crate::support::{Client, Database, add_product, patiently};

const ROUNDS: usize = 10;
/// Calls of a round, beside what imports, sign-ins and the operator do meanwhile.
const AT_ONCE: usize = 200;

/// The account in the storm.
struct Stormed {
    setting: Setting,
    /// A session of the administrator on either replica; on SQLite there is one process.
    clients: [Client; 2],
    users: Vec<String>,
    subscription: String,
    product: String,
    /// Two that give the product, some of whose members are in both.
    groups: [String; 2],
}

impl Stormed {
    async fn open(database: Database) -> Self {
        let setting = Setting::with(database, Plan::Premium, |_| {}).await;
        let (house, team) = (&setting.house, &setting.team);
        let subscription = add_product(house, "acme", "DRAW", 8).await;
        let product = product_of(team, &subscription).await;
        let users = people(team, "p", 24).await;
        activate(house).await;
        let groups = [
            group(team, "One", &users[..3], &[&subscription]).await,
            group(team, "Two", &users[2..5], &[&subscription]).await,
        ];
        let seats = Kind::Subscription.parse(&subscription).unwrap();
        setting.with_default_seats(vec![seats]).await;
        setting.provider.desk().is_crowded = true;
        let elsewhere = match database {
            Database::Postgres => house.replica().await,
            Database::Sqlite => house.anonymous(),
        };
        let elsewhere = Client {
            token: team.admin.token.clone(),
            ..elsewhere
        };
        Self {
            clients: [team.admin.clone(), elsewhere],
            setting,
            users,
            subscription,
            product,
            groups,
        }
    }

    /// The call of a number. It is not random: a failure comes again.
    fn call(&self, number: usize, round: usize) -> (&'static str, &'static str, Value) {
        let chosen = |step: usize| self.users[(number * step + round * 7) % self.users.len()].clone();
        let mut few = vec![chosen(3), chosen(5), chosen(11)];
        few.sort();
        few.dedup();
        let (product, subscription) = (&self.product, &self.subscription);
        let by_product = json!([{"productId": product}]);
        let group = &self.groups[number / 12 % 2];
        match number % 12 {
            0 => (
                "assignSeats",
                "AssignSeatsInput",
                json!({"sources": by_product, "userIds": few, "whenFull": "WAITLIST"}),
            ),
            1 => (
                "unassignSeats",
                "UnassignSeatsInput",
                json!({"userIds": few, "productId": product}),
            ),
            2 => ("disableUsers", "UserIdsInput", json!({"userIds": few})),
            3 => ("enableUsers", "UserIdsInput", json!({"userIds": few})),
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
            7 => (
                "addGroupMembers",
                "GroupMembersInput",
                json!({"groupId": group, "userIds": [chosen(1)]}),
            ),
            8 => (
                "removeGroupMembers",
                "GroupMembersInput",
                json!({"groupId": group, "userIds": few}),
            ),
            9 => (
                "setGroupSubscriptions",
                "SetGroupSubscriptionsInput",
                json!({"groupId": group, "subscriptionIds": if number.is_multiple_of(5) { json!([]) } else { json!([subscription]) }}),
            ),
            10 => (
                "inviteUsers",
                "InviteUsersInput",
                json!({"recipients": {"emails": [format!("grouped{round}-{number}@acme.example")]}, "groupIds": [group]}),
            ),
            _ => (
                "inviteUser",
                "InviteUserInput",
                json!({"email": format!("late{round}-{number}@acme.example"), "subscriptionIds": [subscription]}),
            ),
        }
    }

    /// All calls of a round, on both replicas.
    async fn calls(&self, round: usize) {
        let calls = (0..AT_ONCE).map(|number| {
            let client = &self.clients[number % 2];
            let (mutation, kind, input) = self.call(number, round);
            async move {
                patiently(client, mutation, kind, &input).await;
            }
        });
        join_all(calls).await;
    }

    /// The operator sells more seats and fewer; fewer than are held is refused.
    async fn sell(&self, round: usize) {
        for number in 0..6 {
            let seats = SetSeats {
                account: "acme".into(),
                product: "DRAW".into(),
                contract_number: "C-DRAW".into(),
                seats: i32::try_from(6 + (number * 5 + round) % 7).unwrap(),
            };
            if let Err(error) = self.setting.house.app.run(&Actor::Operator, seats).await {
                assert_eq!(error.code(), "BAD_USER_INPUT", "{error:?}");
            }
            tokio::time::sleep(Duration::from_millis(120)).await;
        }
    }

    /// Whoever stands last in the line comes first, and somebody leaves.
    async fn stir(&self) {
        let client = &self.clients[1];
        for _ in 0..6 {
            let query = "{ account { waitlist(last: 2) { nodes { id } } } }";
            let line = client.ask(query, json!({})).await["account"]["waitlist"]["nodes"].clone();
            if let [leaving, coming] = line.as_array().unwrap().as_slice() {
                let first = json!({"entryId": coming["id"], "position": 1});
                patiently(client, "moveWaitlistEntry", "MoveWaitlistEntryInput", &first).await;
                let rest = json!({"entryIds": [leaving["id"]]});
                patiently(client, "leaveWaitlist", "LeaveWaitlistInput", &rest).await;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// A file with people who are there and new ones, ready to be imported.
    async fn file(&self, round: usize) -> String {
        let known = (0..12).map(|number| format!("p{}@acme.example", (number * 5 + round) % 24));
        let new = (0..12).map(|number| format!("file{round}-{number}@acme.example"));
        let rows = known.chain(new).map(|email| format!("Some,Body,{email}\n"));
        let rows = rows.collect::<Vec<_>>().concat();
        let csv = format!("First Name,Last Name,Email\n{rows}");
        self.clients[0].upload("people.csv", csv.as_bytes()).await
    }

    /// Everybody of a file is given the product, while the import of the round before is taken back.
    async fn import(&self, file: &str, last: Option<&str>) -> String {
        let [here, there] = &self.clients;
        let input = json!({"uploadId": file, "mode": "APPLY", "kind": "ASSIGNMENTS", "onError": "SKIP_FAILED",
            "sources": [{"productId": self.product}], "whenFull": "WAITLIST"});
        let started = patiently(here, "startImport", "StartImportInput", &input).await;
        let id = started["import"]["id"].as_str().unwrap();
        if let Some(last) = last {
            patiently(there, "undoImport", "UndoImportInput", &json!({"importId": last})).await;
            assert_eq!(settled(there, last).await["status"], "UNDONE");
        }
        let import = settled(here, id).await;
        assert!(import["failure"].is_null(), "{import:#}");
        id.to_owned()
    }

    /// New people sign in through the provider, four at a time, and get a seat where there is one. Whoever meets a busy account begins again.
    async fn sign_in(&self) {
        let query = format!("provider={}", self.setting.idp_id());
        let arrivals = (0..4).map(|_| async {
            loop {
                let mut browser = self.setting.browser();
                let page = browser.sign_in(&query).await;
                if browser.has_cookie("muster-refresh") {
                    return;
                }
                assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{page:?}");
            }
        });
        join_all(arrivals).await;
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn ten_rounds_of_two_hundred_changes_leave_every_seat_with_one_person_and_nobody_waiting_in_vain(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let stormed = Stormed::open(database).await;
    let mut last: Option<String> = None;
    for round in 0..ROUNDS {
        let file = stormed.file(round).await;
        let (import, ..) = tokio::join!(
            stormed.import(&file, last.as_deref()),
            stormed.calls(round),
            stormed.sell(round),
            stormed.stir(),
            stormed.sign_in(),
        );
        last = Some(import);
        assert_seats_agree(&stormed.setting.house).await;
    }
    let (total, used, _) = stormed.setting.team.seats(&stormed.subscription).await;
    assert!(used > 0 && used <= total);
    let joined = stormed.setting.links().await.len();
    assert_eq!(joined, 4 * ROUNDS, "people came through the provider");
    stormed.setting.house.settle_mails().await;
    stormed.setting.close().await;
}
