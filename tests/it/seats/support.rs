//! People and seats, for the tests of seats.

use serde_json::{Value, json};

use crate::support::Team;

pub const ASSIGN: &str = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
    summary { applied unchanged failed } affectedSubscriptions { id }
    results { index userId sourceIndex status assignment { id version product { code } components { isEnabled component { code } } } userErrors { code field } }
    userErrors { code field ... on SeatLimitError { requested available } } } }";
pub const UNASSIGN: &str = "mutation($input: UnassignSeatsInput!) { unassignSeats(input: $input) {
    summary { applied failed } affectedSubscriptions { id } results { status assignmentId userId userErrors { code field } } userErrors { code field } } }";
pub const CUSTOMISE: &str =
    "mutation($input: CustomizeAssignmentInput!) { customizeAssignment(input: $input) {
    assignment { version components { isEnabled component { code } } } userErrors { code field message } } }";

/// What a mutation answers.
pub async fn send(team: &Team, mutation: &str, input: Value) -> Value {
    let answer = team.admin.ask(mutation, json!({"input": input})).await;
    let payload = answer.as_object().unwrap().values().next();
    payload.unwrap().clone()
}

/// Invites so many people; answers their ids.
pub async fn people(team: &Team, name: &str, count: usize) -> Vec<String> {
    let invite =
        "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { user { id } } } }";
    let mut users = Vec::new();
    let emails: Vec<String> = (0..count)
        .map(|number| format!("{name}{number}@acme.example"))
        .collect();
    for chunk in emails.chunks(200) {
        let invited = send(team, invite, json!({"recipients": {"emails": chunk}})).await;
        let results = invited["results"].as_array().unwrap();
        users.extend(
            results
                .iter()
                .map(|result| result["user"]["id"].as_str().unwrap().to_owned()),
        );
    }
    users
}

/// Gives seats of one subscription.
pub async fn assign(team: &Team, subscription: &str, users: &[String]) -> Value {
    let input = json!({"sources": [{"subscriptionId": subscription}], "userIds": users});
    let answer = send(team, ASSIGN, input).await;
    assert_eq!(answer["userErrors"], json!([]), "{answer}");
    answer
}

/// The product of a subscription.
pub async fn product_of(team: &Team, subscription: &str) -> String {
    let query = "query($id: ID!) { subscription(id: $id) { product { id } } }";
    let answer = team.admin.ask(query, json!({"id": subscription})).await;
    answer["subscription"]["product"]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// The id of a component of a subscription's product.
pub async fn part(team: &Team, subscription: &str, code: &str) -> String {
    let query = "query($id: ID!) { subscription(id: $id) { product { components { id code } } } }";
    let answer = team.admin.ask(query, json!({"id": subscription})).await;
    let parts = answer["subscription"]["product"]["components"]
        .as_array()
        .unwrap()
        .clone();
    let part = parts.iter().find(|part| part["code"] == code).unwrap();
    part["id"].as_str().unwrap().to_owned()
}

/// The codes of the components that are on in a seat.
pub fn on(assignment: &Value) -> Vec<&str> {
    let parts = assignment["components"].as_array().unwrap().iter();
    parts
        .filter(|part| part["isEnabled"] == true)
        .map(|part| part["component"]["code"].as_str().unwrap())
        .collect()
}
