//! Records, for the tests of usage.

use chrono::{Days, NaiveDate};
use entity::account::Plan;
use serde_json::{Value, json};

use crate::support::{Client, Database, House, Team, add_product, team};

pub const RECORD: &str = "mutation($input: RecordUsageInput!) { recordUsage(input: $input) {
    summary { applied unchanged failed } results { index status userErrors { code field } } userErrors { code field } } }";

/// An account with two products, and people who are called `p0@acme.example` and so on.
pub async fn opening(database: Database, people: usize) -> (House, Team, Vec<String>) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Premium).await;
    add_product(&house, "acme", "DRAW", 200).await;
    add_product(&house, "acme", "INK", 200).await;
    let users = invite(&team, people).await;
    (house, team, users)
}

async fn invite(team: &Team, people: usize) -> Vec<String> {
    if people == 0 {
        return Vec::new();
    }
    let invite =
        "mutation($input: InviteUsersInput!) { inviteUsers(input: $input) { results { user { id } } } }";
    let emails: Vec<String> = (0..people)
        .map(|number| format!("p{number}@acme.example"))
        .collect();
    let input = json!({"recipients": {"emails": emails}});
    let invited = team.admin.ask(invite, json!({"input": input})).await;
    let results = invited["inviteUsers"]["results"].as_array().unwrap().iter();
    results
        .map(|result| result["user"]["id"].as_str().unwrap().to_owned())
        .collect()
}

pub fn today(house: &House) -> NaiveDate {
    house.app.clock().now().date_naive()
}

pub fn ago(house: &House, days: u64) -> String {
    (today(house) - Days::new(days)).to_string()
}

/// A record of a launch and ten minutes.
pub fn one(person: usize, product: &str, day: &str, key: &str) -> Value {
    json!({"email": format!("p{person}@acme.example"), "productCode": product, "day": day, "minutes": 10, "launches": 1, "key": key})
}

pub async fn record(client: &Client, records: &[Value]) -> Value {
    client.ask(RECORD, json!({"input": {"records": records}})).await["recordUsage"].clone()
}

/// Records that must all be new.
pub async fn add(team: &Team, records: &[Value]) {
    for chunk in records.chunks(1_000) {
        let done = record(&team.admin, chunk).await;
        assert_eq!(done["summary"]["applied"], chunk.len(), "{done}");
    }
}

/// The id of a product.
pub async fn product(team: &Team, code: &str) -> String {
    let products = "{ account { products(first: 50) { nodes { id code } } } }";
    let products = team.admin.ask(products, json!({})).await;
    let products = products["account"]["products"]["nodes"]
        .as_array()
        .unwrap()
        .clone();
    let product = products.iter().find(|product| product["code"] == code).unwrap();
    product["id"].as_str().unwrap().to_owned()
}

/// What somebody may be, with a token of some scopes.
pub async fn script(house: &House, team: &Team, scopes: &[&str]) -> Client {
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret userErrors { code } } }";
    let until = house.app.clock().now() + chrono::Duration::days(30);
    let input = json!({"name": "metering", "scopes": scopes, "expiresAt": until.to_rfc3339()});
    let made = team.admin.ask(create, json!({"input": input})).await;
    let mut client = team.admin.clone();
    client.token = Some(made["createApiToken"]["secret"].as_str().unwrap().to_owned());
    client
}
