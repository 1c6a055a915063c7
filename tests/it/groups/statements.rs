//! Whatever is done with a group takes as many statements for one as for a hundred.

use entity::account::Plan;
use rstest::rstest;
use serde_json::json;

use super::support::{SET, add, group, people, remove, send};
use crate::support::{Database, House, add_product, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_ten_and_a_hundred_members_come_and_go_in_as_many_statements(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 250).await;
    let ink = add_product(&house, "acme", "INK", 250).await;
    let users = people(&team, "p", 400).await;
    let other = group(&team, "Other", &[], &[&ink]).await;
    let mut costs: Vec<[u64; 6]> = Vec::new();
    let mut from = 0;
    for (name, count) in [("Warm", 1), ("One", 1), ("Ten", 10), ("Hundred", 100)] {
        let some = &users[from..from + count];
        from += count;
        let id = group(&team, name, &[], &[&draw]).await;
        house.settle_mails().await;
        let counted = async |mutation: &str, input: serde_json::Value| {
            // Who asks is looked at again now and then: the least of two is the command's own.
            let before = house.app.statements();
            let answer = send(&team, mutation, input).await;
            assert_eq!(answer["userErrors"], json!([]), "{answer}");
            house.app.statements() - before
        };
        let members = json!({"groupId": id, "userIds": some});
        let came = counted(&add(), members.clone()).await;
        let equipped = counted(SET, json!({"groupId": id, "subscriptionIds": [draw, ink]})).await;
        let stripped = counted(SET, json!({"groupId": id, "subscriptionIds": []})).await;
        counted(SET, json!({"groupId": id, "subscriptionIds": [draw]})).await;
        let left = counted(&remove(), members.clone()).await;
        counted(&add(), members).await;
        let deleted = counted(super::support::DELETE, json!({"groupId": id})).await;
        let waiting = counted(&add(), json!({"groupId": other, "userIds": some})).await;
        counted(&remove(), json!({"groupId": other, "userIds": some})).await;
        costs.push([came, equipped, stripped, left, deleted, waiting]);
    }
    for place in 0..6 {
        let [one, ten, hundred] = [1, 2, 3].map(|row| costs[row][place]);
        let most = one.max(ten).max(hundred);
        // Who asks is looked at again every two seconds, and on SQLite the background counts too.
        assert!(
            most - one.min(ten).min(hundred) <= 4 && most <= 24,
            "{place}: {costs:?}"
        );
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_groups_with_members_and_subscriptions_takes_as_many_statements_as_one_group(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 50).await;
    let users = people(&team, "p", 10).await;
    for number in 0..12 {
        group(&team, &format!("G{number:02}"), &users[..=number % 10], &[&draw]).await;
    }
    house.settle_mails().await;
    let query = "query($first: Int) { account { groups(first: $first) { totalCount nodes { name memberCount subscriptions { id }
        members(first: 3) { totalCount nodes { email groups(first: 2) { nodes { name } } assignments { nodes { groups { name } } } } } } } } }";
    let mut costs = Vec::new();
    for first in [1, 12, 1, 12] {
        let before = house.app.statements();
        team.admin.ask(query, json!({"first": first})).await;
        costs.push(house.app.statements() - before);
    }
    let (one, all) = (costs[0].min(costs[2]), costs[1].min(costs[3]));
    assert!(all <= one + 4, "{costs:?}");
    house.close().await;
}
