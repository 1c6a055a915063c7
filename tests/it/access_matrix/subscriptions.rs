//! Every subscription, opened over a socket by somebody of each role.

use rstest::rstest;
use serde_json::json;

use super::contract::Contract;
use super::people::{gather, may_call};
use crate::support::{Client, Database, Socket};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn every_subscription_is_for_whom_its_rule_names(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, everybody) = gather(database).await;
    let contract = Contract::read();
    // Products are everybody's, so none is among what this account has; what it has bought of one is its own.
    let bought = "{ account { subscriptions(first: 1) { nodes { product { id } } } } }";
    let bought = everybody.members[0].client.ask(bought, json!({})).await;
    let product = &bought["account"]["subscriptions"]["nodes"][0]["product"]["id"];
    let mut known = everybody.known.clone();
    known.insert("Product".to_owned(), product.as_str().unwrap().to_owned());
    for field in &contract.objects["Subscription"] {
        let query = format!("subscription {{ {} }}", contract.ask(field, &known));
        for person in &everybody.members {
            let expected = if may_call(person.role, &field.rule) {
                "next"
            } else {
                "FORBIDDEN"
            };
            assert_eq!(
                watch(&person.client, &query).await,
                expected,
                "{}: {query}",
                person.role
            );
        }
        if field.needs_args {
            let as_foreigner = watch(&everybody.foreign.admin, &query).await;
            assert_ne!(as_foreigner, "next", "another account's administrator: {query}");
        }
    }
    let refused = Socket::open(&house.anonymous()).await.hear().await;
    assert_eq!(refused, Err(4401), "signed out: no socket at all");
    let refused = Socket::open(&everybody.disabled).await.hear().await;
    assert_eq!(refused, Err(4403), "disabled: the socket");
    house.close().await;
}

/// What a subscription says first: `next`, or the code of its refusal.
async fn watch(client: &Client, query: &str) -> String {
    let mut socket = Socket::admitted(client).await;
    let subscribe = json!({"id": "1", "type": "subscribe", "payload": {"query": query}});
    socket.say(&subscribe).await;
    let said = socket.hear().await.unwrap();
    match said["type"].as_str().unwrap() {
        "error" => said["payload"][0]["extensions"]["code"]
            .as_str()
            .unwrap()
            .to_owned(),
        other => other.to_owned(),
    }
}
