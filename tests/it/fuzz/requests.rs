//! GraphQL over HTTP.

use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use entity::account::Plan;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::documents::document;
use super::{LONGEST, edited, edits, fuzz_live, json_value};
use crate::support::{Client, Database, House};
use crate::tenancy::lived_in;

const NAMES: &[&str] = &[
    "v",
    "input",
    "id",
    "ids",
    "first",
    "after",
    "filter",
    "search",
    "email",
    "eq",
    "in",
    "contains",
    "emails",
    "list",
    "userIds",
    "onError",
    "recipients",
    "importId",
    "orderBy",
];

/// Sends a body as it is; what is wrong with the answer.
async fn send(client: &Client, body: String) -> Result<Value, String> {
    let begun = Instant::now();
    let sent = client
        .http
        .post(format!("{}/graphql", client.url))
        .header("content-type", "application/json")
        .bearer_auth(client.token.as_deref().unwrap())
        .body(body)
        .send();
    let response = sent.await.map_err(|error| format!("no answer: {error}"))?;
    let status = response.status();
    let text = response.text().await.map_err(|error| error.to_string())?;
    let answer: Value = serde_json::from_str(&text).map_err(|error| format!("{status} {error}: {text}"))?;
    let codes = answer["errors"].as_array().into_iter().flatten();
    let ours = ["INTERNAL", "UNAVAILABLE"];
    let is_ours = |error: &Value| {
        let code = error["extensions"]["code"].as_str();
        code.is_none_or(|code| ours.contains(&code))
    };
    if status.is_server_error() || codes.into_iter().any(is_ours) {
        return Err(format!("{status} {answer}"));
    }
    if begun.elapsed() > LONGEST {
        return Err(format!("took {:?}", begun.elapsed()));
    }
    Ok(answer)
}

/// Variables as JSON text, also such as no program would make.
fn variables() -> impl Strategy<Value = String> {
    let nest = (prop::sample::select(&["[", "{\"a\":"][..]), 1_usize..20_000)
        .prop_map(|(open, levels)| format!("{{\"v\":{}", open.repeat(levels)));
    let deep = (1_usize..20_000)
        .prop_map(|levels| format!("{{\"v\":{}{}}}", "[".repeat(levels), "]".repeat(levels)));
    let real = json_value(NAMES).prop_map(|value| value.to_string());
    prop_oneof![6 => real, 1 => nest, 1 => deep]
}

#[tokio::test(flavor = "multi_thread")]
async fn no_document_and_no_variables_are_a_fault_of_ours() {
    let house = House::open(Database::Postgres).await;
    let team = lived_in(&house, "one", Plan::Premium).await;
    let given = (document(), variables(), any::<bool>());
    fuzz_live(&given, async |(document, variables, has_name)| {
        let name = if has_name { "\"UsersPageQuery\"" } else { "null" };
        let query = json!(document);
        let body = format!("{{\"query\":{query},\"variables\":{variables},\"operationName\":{name}}}");
        send(&team.admin, body).await.map(drop)
    });
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_body_is_a_fault_of_ours() {
    let house = House::open(Database::Sqlite).await;
    let team = lived_in(&house, "one", Plan::Premium).await;
    let whole = json!({"query": "query($v: ID!) { node(id: $v) { id } }", "variables": {"v": team.admin_id}, "extensions": {}});
    let body = edits(".{0,6}").prop_map(move |edits| edited(&whole.to_string(), &edits));
    fuzz_live(&body, async |body| send(&team.admin, body).await.map(drop));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cursor_nobody_was_given_is_refused_or_stands_somewhere_in_the_list() {
    let house = House::open(Database::Postgres).await;
    let team = lived_in(&house, "one", Plan::Premium).await;
    let page = "query($after: String, $order: UserOrder) { account { users(first: 1, after: $after, orderBy: $order) { pageInfo { endCursor } } } }";
    let first = team.admin.ask(page, json!({})).await;
    let known = first["account"]["users"]["pageInfo"]["endCursor"]
        .as_str()
        .unwrap()
        .to_owned();
    let bytes = URL_SAFE_NO_PAD.decode(&known).unwrap();
    let changed =
        prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4).prop_map(move |changes| {
            let mut bytes = bytes.clone();
            for (place, byte) in changes {
                let place = place.index(bytes.len());
                bytes[place] = byte;
            }
            URL_SAFE_NO_PAD.encode(bytes)
        });
    let longer = (prop::collection::vec(any::<u8>(), 0..80), any::<bool>()).prop_map(move |(tail, keeps)| {
        let mut bytes = URL_SAFE_NO_PAD.decode(&known).unwrap();
        // Behind version, binding and id stands the key.
        bytes.truncate(if keeps { 25 } else { 0 });
        bytes.extend(tail);
        URL_SAFE_NO_PAD.encode(bytes)
    });
    let cursor = prop_oneof![2 => changed, 2 => longer, 1 => ".{0,40}"];
    let fields = vec![
        "CREATED_AT",
        "EMAIL",
        "DISPLAY_NAME",
        "FAMILY_NAME",
        "LAST_SIGNED_IN_AT",
        "ROLE",
        "STATUS",
    ];
    let order = prop::sample::select(fields);
    fuzz_live(&(cursor, order), async |(cursor, order)| {
        let variables = json!({"after": cursor, "order": {"field": order}});
        let answer = send(
            &team.admin,
            json!({"query": page, "variables": variables}).to_string(),
        )
        .await?;
        let code = &answer["errors"][0]["extensions"]["code"];
        match answer["data"].is_object() || code == "INVALID_CURSOR" || code == "BAD_USER_INPUT" {
            true => Ok(()),
            false => Err(answer.to_string()),
        }
    });
    house.close().await;
}
