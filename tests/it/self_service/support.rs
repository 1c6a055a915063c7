//! What every test of self-service does: somebody asks, somebody decides.

use serde_json::{Value, json};

use crate::support::{Client, Team};

pub const ASK: &str = "mutation($input: RequestAccessInput!) { requestAccess(input: $input) {
    accessRequest { id status note answer decidedAt product { code } user { email } } userErrors { code field ... on QuotaError { limit retryAfterSeconds } } } }";
pub const APPROVE: &str = "mutation($input: ApproveAccessRequestsInput!) { approveAccessRequests(input: $input) {
    results { index requestId status request { status answer decidedBy { email } } assignment { user { email } product { code } } waitlistEntry { position }
        userErrors { code field ... on SeatLimitError { requested available } } }
    summary { applied unchanged failed } userErrors { code field } } }";
pub const DECLINE: &str = "mutation($input: DeclineAccessRequestsInput!) { declineAccessRequests(input: $input) {
    results { status request { status answer } userErrors { code field } } summary { applied unchanged failed } userErrors { code field } } }";

pub async fn send(client: &Client, mutation: &str, input: Value) -> Value {
    let answer = client.ask(mutation, json!({"input": input})).await;
    answer.as_object().unwrap().values().next().unwrap().clone()
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

/// Asks for a product; answers the id of the request.
pub async fn ask(client: &Client, product: &str) -> String {
    let asked = send(client, ASK, json!({"productId": product})).await;
    assert_eq!(asked["userErrors"], json!([]), "{asked}");
    asked["accessRequest"]["id"].as_str().unwrap().to_owned()
}

/// The titles of what somebody was told of one kind, the latest first.
pub async fn told(client: &Client, kind: &str) -> Vec<String> {
    let query = "query($kind: [NotificationKind!]) { viewer { notifications(filter: {kind: $kind}) { nodes { title } } } }";
    let seen = client.ask(query, json!({"kind": [kind]})).await;
    let nodes = seen["viewer"]["notifications"]["nodes"].as_array().unwrap();
    nodes
        .iter()
        .map(|node| node["title"].as_str().unwrap().to_owned())
        .collect()
}
