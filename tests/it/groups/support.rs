//! What every test of groups does.

use serde_json::{Value, json};

pub use crate::seats::support::{people, product_of, send};
use crate::support::{House, Team};

pub const CREATE: &str = "mutation($input: CreateGroupInput!) { createGroup(input: $input) {
    group { id version name description memberCount source members(first: 50) { nodes { email } totalCount } subscriptions { id } } userErrors { code field message } } }";
pub const UPDATE: &str = "mutation($input: UpdateGroupInput!) { updateGroup(input: $input) { group { version name description } userErrors { code field } } }";
pub const DELETE: &str = "mutation($input: DeleteGroupInput!) { deleteGroup(input: $input) {
    deletedGroupId seats { product { code } required given waiting released } userErrors { code field } } }";
pub const SET: &str = "mutation($input: SetGroupSubscriptionsInput!) { setGroupSubscriptions(input: $input) {
    group { version memberCount subscriptions { id } } seats { product { code seats { available } } required given waiting released } userErrors { code field } } }";
const MEMBERS: &str = "group { memberCount } seats { product { code } required given waiting released } summary { applied unchanged failed }
    results { userId status releasedSeats userErrors { code field } } userErrors { code field }";

pub fn add() -> String {
    format!("mutation($input: GroupMembersInput!) {{ addGroupMembers(input: $input) {{ {MEMBERS} }} }}")
}

pub fn remove() -> String {
    format!("mutation($input: GroupMembersInput!) {{ removeGroupMembers(input: $input) {{ {MEMBERS} }} }}")
}

/// Makes a group with members and subscriptions; answers its id.
pub async fn group(team: &Team, name: &str, members: &[String], subscriptions: &[&str]) -> String {
    let made = send(team, CREATE, json!({"name": name, "memberIds": members})).await;
    assert_eq!(made["userErrors"], json!([]), "{made}");
    let id = made["group"]["id"].as_str().unwrap().to_owned();
    if !subscriptions.is_empty() {
        equip(team, &id, subscriptions).await;
    }
    id
}

/// Has a group give just these; answers what it came to in seats.
pub async fn equip(team: &Team, group: &str, subscriptions: &[&str]) -> Value {
    let answer = send(
        team,
        SET,
        json!({"groupId": group, "subscriptionIds": subscriptions}),
    )
    .await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer["seats"].clone()
}

pub async fn join(team: &Team, group: &str, users: &[String]) -> Value {
    let answer = send(team, &add(), json!({"groupId": group, "userIds": users})).await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer
}

pub async fn leave(team: &Team, group: &str, users: &[String]) -> Value {
    let answer = send(team, &remove(), json!({"groupId": group, "userIds": users})).await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer
}

/// What somebody has, as `CODE source` each, and what they wait for, as `CODE ...`; by code.
pub async fn has(team: &Team, user: &str) -> Vec<String> {
    let query =
        "query($id: ID!) { user(id: $id) { assignments(first: 50) { nodes { source product { id code } } } }
        account { waitlist(first: 100) { nodes { user { id } product { code } } } } }";
    let answer = team.admin.ask(query, json!({"id": user})).await;
    let seats = answer["user"]["assignments"]["nodes"].as_array().unwrap();
    let seat = |seat: &Value| {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        format!("{} {}", text(&seat["product"]["code"]), text(&seat["source"]))
    };
    let waiting = answer["account"]["waitlist"]["nodes"].as_array().unwrap().iter();
    let waiting = waiting.filter(|entry| entry["user"]["id"] == user);
    let waits = |entry: &Value| format!("{} ...", entry["product"]["code"].as_str().unwrap());
    let mut all: Vec<String> = seats.iter().map(seat).chain(waiting.map(waits)).collect();
    all.sort();
    all
}

/// Makes people active whom nobody has given anything yet.
pub async fn activate(house: &House) {
    for sql in [
        "UPDATE users SET status = 'ACTIVE' WHERE status = 'PENDING'",
        "UPDATE accounts SET users_active = users_active + users_pending, users_pending = 0",
    ] {
        house.force(sql).await.unwrap();
    }
}

/// The figures of one product: required, given, waiting, released.
pub fn figures(seats: &Value, code: &str) -> [i64; 4] {
    let mut all = seats.as_array().unwrap().iter();
    let Some(found) = all.find(|change| change["product"]["code"] == code) else {
        return [0; 4];
    };
    ["required", "given", "waiting", "released"].map(|name| found[name].as_i64().unwrap())
}
