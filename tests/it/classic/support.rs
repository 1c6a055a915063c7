//! What the tests of this module share.

use entity::account::{Plan, View};
use serde_json::{Value, json};

use crate::support::{Client, Database, House, Team, accept, team_in};

/// An account that works with the classic view, with its contract manager.
pub async fn classic(database: Database) -> (House, Team) {
    let house = House::open(database).await;
    let team = team_in(&house, "acme", Plan::Premium, View::Classic).await;
    (house, team)
}

/// Calls a mutation for what is selected, and for its problems.
pub async fn call(client: &Client, mutation: &str, selected: &str, input: Value) -> Value {
    let kind = format!("{}{}Input", mutation[..1].to_uppercase(), &mutation[1..]);
    let errors = "userErrors { __typename code message field ... on WrongViewError { requiredView } }";
    let query =
        format!("mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selected} {errors} }} }}");
    client.ask(&query, json!({"input": input})).await[mutation].clone()
}

/// The codes of a payload's problems.
pub fn codes(payload: &Value) -> Vec<&str> {
    let errors = payload["userErrors"].as_array().unwrap().iter();
    errors.map(|error| error["code"].as_str().unwrap()).collect()
}

/// Adds somebody; answers the payload.
pub async fn add(client: &Client, email: &str) -> Value {
    let input = json!({"email": email, "givenName": "Kim", "familyName": "Lee"});
    call(
        client,
        "classicAddUser",
        "user { id status role } invitation { status }",
        input,
    )
    .await
}

/// Adds somebody who accepts at once and signs in, as a software coordinator.
pub async fn coordinator(house: &House, team: &Team, email: &str) -> (Client, String) {
    let added = add(&team.admin, email).await;
    assert_eq!(codes(&added), [""; 0]);
    let id = added["user"]["id"].as_str().unwrap().to_owned();
    accept(house, email).await;
    let input = json!({"userId": id, "role": "SOFTWARE_COORDINATOR"});
    let changed = call(&team.admin, "changeUserRole", "user { role }", input).await;
    assert_eq!(changed["user"]["role"], "SOFTWARE_COORDINATOR", "{changed}");
    (house.sign_in(email, crate::support::PASSWORD).await, id)
}

/// Everybody of the account with their role, by address.
pub async fn roles(client: &Client) -> Value {
    let query = "{ account { view primaryAdmin { email } users(first: 50, orderBy: {field: EMAIL, direction: ASC}) { nodes { email role } } } }";
    client.ask(query, json!({})).await["account"].clone()
}

/// The account's contracts with their managers.
pub async fn managers(client: &Client) -> Value {
    let query = "{ account { contracts { nodes { id number manager { email } } totalCount } } }";
    client.ask(query, json!({})).await["account"]["contracts"].clone()
}
