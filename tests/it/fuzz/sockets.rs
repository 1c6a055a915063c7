//! Messages of a WebSocket.

use std::time::Duration;

use entity::account::Plan;
use futures::{SinkExt, StreamExt};
use proptest::prelude::*;
use serde_json::{Value, json};
use tokio::time::timeout;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use super::documents::document;
use super::{edited, edits, fuzz_live, json_value};
use crate::support::{Client, Database, House, team};

const TYPES: &[&str] = &[
    "connection_init",
    "subscribe",
    "complete",
    "ping",
    "pong",
    "next",
    "error",
    "start",
    "",
];
const NAMES: &[&str] = &[
    "type",
    "id",
    "payload",
    "query",
    "variables",
    "operationName",
    "Authorization",
];

fn message() -> impl Strategy<Value = Message> {
    let id = prop_oneof![
        Just("1".to_owned()),
        ".{0,6}",
        (0_usize..70_000).prop_map(|length| "x".repeat(length))
    ];
    let known = (prop::sample::select(TYPES), id.clone(), json_value(NAMES))
        .prop_map(|(of, id, payload)| json!({"type": of, "id": id, "payload": payload}).to_string());
    let subscribe = (id, document(), json_value(&["v", "id"])).prop_map(|(id, query, variables)| {
        json!({"type": "subscribe", "id": id, "payload": {"query": query, "variables": variables}})
            .to_string()
    });
    let broken = edits(".{0,4}").prop_map(|edits| {
        edited(
            r#"{"type":"subscribe","id":"1","payload":{"query":"{ __typename }"}}"#,
            &edits,
        )
    });
    let nested = (1_usize..50_000)
        .prop_map(|levels| format!("{{\"type\":\"ping\",\"payload\":{}", "[".repeat(levels)));
    let text = prop_oneof![4 => known, 4 => subscribe, 2 => broken, 1 => nested, 1 => json_value(NAMES).prop_map(|any| any.to_string())];
    prop_oneof![
        12 => text.prop_map(Message::text),
        1 => prop::collection::vec(any::<u8>(), 0..200).prop_map(Message::binary),
        1 => prop::collection::vec(any::<u8>(), 0..100).prop_map(|bytes| Message::Ping(bytes.into())),
    ]
}

/// Says it all and hangs up; what is wrong with what came back.
async fn talk(client: &Client, is_admitted: bool, messages: Vec<Message>) -> Result<(), String> {
    let url = format!("{}/graphql", client.url.replacen("http", "ws", 1));
    let mut request = url.into_client_request().unwrap();
    let protocol = "graphql-transport-ws".parse().unwrap();
    request.headers_mut().insert("sec-websocket-protocol", protocol);
    let opened = timeout(Duration::from_secs(5), connect_async(request)).await;
    let (mut socket, _) = opened
        .map_err(|_| "cannot be opened any more")?
        .map_err(|error| error.to_string())?;
    if is_admitted {
        let payload = json!({"Authorization": format!("Bearer {}", client.token.as_deref().unwrap())});
        let hello = json!({"type": "connection_init", "payload": payload});
        // A socket that has been closed takes nothing more, which is its right.
        let _ = socket.send(Message::text(hello.to_string())).await;
    }
    for message in messages {
        let _ = socket.send(message).await;
    }
    let _ = socket.close(None).await;
    let hear = async {
        while let Some(heard) = socket.next().await {
            let Ok(Message::Text(text)) = heard else { continue };
            let heard: Value = serde_json::from_str(&text).map_err(|_| format!("no JSON: {text}"))?;
            if ["INTERNAL", "UNAVAILABLE"]
                .iter()
                .any(|code| text.contains(&format!("\"{code}\"")))
            {
                return Err(format!("a fault of ours: {heard}"));
            }
        }
        Ok(())
    };
    timeout(Duration::from_secs(5), hear)
        .await
        .map_err(|_| "does not end".to_owned())?
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_said_over_a_socket_it_ends_and_the_next_one_opens() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let given = (any::<bool>(), prop::collection::vec(message(), 0..8));
    fuzz_live(&given, async |(is_admitted, messages)| {
        talk(&team.admin, is_admitted, messages).await
    });
    house.settle_mails().await;
    house.close().await;
}
