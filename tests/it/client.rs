//! The client's watching of an import: dropped connections, heartbeats, refusals, and lines that let no WebSocket pass.
//!
//! The server here is written out by hand, so that it can behave badly at a chosen moment.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Json, Response};
use axum::routing::get;
use muster::client::{Api, ClientError, Patience, Progress, watch};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::net::TcpListener;

const TOKEN: &str = "token-of-the-test";
const IMPORT: &str = "imp_1";

/// What the server does with one connection.
#[derive(Clone)]
enum Act {
    /// Sends events, then hangs up without a word.
    Drop(Vec<Value>),
    /// Pings and waits for the pong, sends events, then says that there are no more.
    PingAndComplete(Vec<Value>),
    /// Sends events, then nothing any more.
    FallSilent(Vec<Value>),
    /// Answers the subscription with an error of this code.
    Refuse(&'static str),
    /// Closes with this code.
    Close(u16),
    /// Lets no WebSocket pass.
    NotFound,
}

#[derive(Clone, Default)]
struct Script(Arc<Mutex<Played>>);

#[derive(Default)]
struct Played {
    /// For each connection in turn; the last for all that follow.
    acts: Vec<Act>,
    /// For each poll in turn.
    polls: Vec<Vec<Value>>,
    connections: usize,
    /// `afterSequence` of every subscription and poll.
    asked_after: Vec<Value>,
    polled_after: Vec<Value>,
    pongs: usize,
}

impl Script {
    fn new(acts: Vec<Act>, polls: Vec<Vec<Value>>) -> Self {
        Self(Arc::new(Mutex::new(Played {
            acts,
            polls,
            ..Played::default()
        })))
    }

    fn with<T>(&self, look: impl FnOnce(&mut Played) -> T) -> T {
        look(&mut self.0.lock().unwrap())
    }

    fn next_act(&self) -> Act {
        self.with(|played| {
            let act = played.connections.min(played.acts.len() - 1);
            played.connections += 1;
            played.acts[act].clone()
        })
    }
}

fn event(sequence: u32, status: &str, is_final: bool) -> Value {
    let progress = json!({
        "phase": "APPLYING", "processed": sequence * 10, "total": 50, "percent": sequence * 20,
        "succeeded": sequence * 10, "failed": 0, "skipped": 0,
    });
    json!({
        "sequence": sequence, "isFinal": is_final,
        "import": { "status": status, "progress": progress },
    })
}

fn running(sequence: u32) -> Value {
    event(sequence, "RUNNING", false)
}

/// Serves the script on a port of its own for as long as the test runs.
async fn serve(script: Script) -> Api {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = Router::new()
        .route("/graphql", get(connect).post(poll))
        .with_state(script);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Api::new(&format!("http://{address}"), &SecretString::from(TOKEN)).unwrap()
}

async fn connect(
    State(script): State<Script>,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response {
    let act = script.next_act();
    let (Ok(upgrade), false) = (upgrade, matches!(act, Act::NotFound)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    upgrade
        .protocols(["graphql-transport-ws"])
        .on_upgrade(move |socket| async move {
            assert_eq!(
                socket.protocol().and_then(|name| name.to_str().ok()),
                Some("graphql-transport-ws")
            );
            play(socket, act, script).await;
        })
}

async fn play(mut socket: WebSocket, act: Act, script: Script) {
    let init = receive(&mut socket).await;
    assert_eq!(init["type"], "connection_init");
    assert_eq!(init["payload"]["Authorization"], format!("Bearer {TOKEN}"));
    if let Act::Close(code) = act {
        let reason = "Bye".into();
        let _ = socket
            .send(Message::Close(Some(CloseFrame { code, reason })))
            .await;
        return;
    }
    send(&mut socket, json!({ "type": "connection_ack" })).await;
    let subscribe = receive(&mut socket).await;
    assert_eq!(subscribe["type"], "subscribe");
    let variables = &subscribe["payload"]["variables"];
    assert_eq!(variables["importId"], IMPORT);
    script.with(|played| played.asked_after.push(variables["afterSequence"].clone()));
    let id = subscribe["id"].clone();

    match act {
        Act::Drop(events) => send_events(&mut socket, &id, events).await,
        Act::PingAndComplete(events) => {
            send(&mut socket, json!({ "type": "ping" })).await;
            assert_eq!(receive(&mut socket).await["type"], "pong");
            script.with(|played| played.pongs += 1);
            send_events(&mut socket, &id, events).await;
            send(&mut socket, json!({ "type": "complete", "id": id })).await;
            let _ = socket.recv().await;
        }
        Act::FallSilent(events) => {
            send_events(&mut socket, &id, events).await;
            let _ = socket.recv().await;
        }
        Act::Refuse(code) => {
            let errors = json!([{ "message": "No.", "extensions": { "code": code } }]);
            send(
                &mut socket,
                json!({ "type": "error", "id": id, "payload": errors }),
            )
            .await;
            let _ = socket.recv().await;
        }
        Act::Close(_) | Act::NotFound => {}
    }
}

async fn receive(socket: &mut WebSocket) -> Value {
    match socket.recv().await {
        Some(Ok(Message::Text(text))) => serde_json::from_str(&text).unwrap(),
        other => panic!("{other:?}"),
    }
}

async fn send(socket: &mut WebSocket, message: Value) {
    let _ = socket.send(Message::text(message.to_string())).await;
}

async fn send_events(socket: &mut WebSocket, id: &Value, events: Vec<Value>) {
    for event in events {
        let payload = json!({ "data": { "importProgress": event } });
        send(socket, json!({ "type": "next", "id": id, "payload": payload })).await;
    }
}

async fn poll(State(script): State<Script>, Json(request): Json<Value>) -> Response {
    let events = script.with(|played| {
        played
            .polled_after
            .push(request["variables"]["afterSequence"].clone());
        (!played.polls.is_empty()).then(|| played.polls.remove(0))
    });
    match events {
        Some(events) => Json(json!({ "data": { "importEvents": events } })).into_response(),
        None => StatusCode::BAD_GATEWAY.into_response(),
    }
}

fn patience() -> Patience {
    Patience {
        first_pause: Duration::from_millis(5),
        longest_pause: Duration::from_millis(20),
        silence: Duration::from_millis(300),
        failed_connections: 3,
        poll_every: Duration::from_millis(5),
        unanswered: Duration::from_millis(100),
    }
}

/// Watches, and gives back the sequences seen beside how it ended.
async fn follow(script: &Script) -> (Vec<u32>, Result<Progress, ClientError>) {
    let api = serve(script.clone()).await;
    let mut seen = Vec::new();
    let patience = patience();
    let watching = watch(&api, IMPORT, &patience, |progress| seen.push(progress.sequence));
    let end = tokio::time::timeout(Duration::from_secs(20), watching)
        .await
        .expect("the watching ends");
    (seen, end)
}

#[tokio::test]
async fn after_a_dropped_connection_the_client_goes_on_where_it_stood_and_sees_every_event_once() {
    let script = Script::new(
        vec![
            Act::Drop(vec![running(1), running(2)]),
            Act::Drop(vec![running(2), running(3)]),
            Act::PingAndComplete(vec![running(3), running(4), event(5, "SUCCEEDED", true)]),
        ],
        Vec::new(),
    );
    let (seen, end) = follow(&script).await;
    assert_eq!(seen, [1, 2, 3, 4, 5]);
    let end = end.unwrap();
    assert!(end.is_final);
    assert_eq!(
        (end.status.as_str(), end.percent, end.total),
        ("SUCCEEDED", 100, Some(50))
    );
    script.with(|played| {
        assert_eq!(played.asked_after, [Value::Null, json!(2), json!(3)]);
        assert_eq!(played.pongs, 1);
        assert!(played.polled_after.is_empty());
    });
}

#[tokio::test]
async fn a_connection_that_falls_silent_is_given_up_for_a_new_one() {
    let script = Script::new(
        vec![
            Act::FallSilent(vec![running(1)]),
            Act::PingAndComplete(vec![event(2, "FAILED", true)]),
        ],
        Vec::new(),
    );
    let (seen, end) = follow(&script).await;
    assert_eq!(seen, [1, 2]);
    assert_eq!(end.unwrap().status, "FAILED");
    script.with(|played| assert_eq!(played.asked_after, [Value::Null, json!(1)]));
}

#[tokio::test]
async fn a_dry_run_is_followed_until_it_waits_for_confirmation() {
    let script = Script::new(
        vec![Act::FallSilent(vec![
            running(1),
            event(2, "AWAITING_CONFIRMATION", false),
        ])],
        Vec::new(),
    );
    let (seen, end) = follow(&script).await;
    assert_eq!(seen, [1, 2]);
    assert!(end.unwrap().is_settled());
    script.with(|played| assert_eq!(played.connections, 1));
}

#[tokio::test]
async fn where_websockets_do_not_pass_the_events_are_polled_from_where_the_last_connection_stood() {
    let script = Script::new(
        vec![Act::Drop(vec![running(1)]), Act::NotFound],
        vec![
            vec![running(2), running(3)],
            Vec::new(),
            vec![event(4, "SUCCEEDED_WITH_ERRORS", true)],
        ],
    );
    let (seen, end) = follow(&script).await;
    assert_eq!(seen, [1, 2, 3, 4]);
    assert_eq!(end.unwrap().status, "SUCCEEDED_WITH_ERRORS");
    script.with(|played| {
        assert_eq!(played.polled_after, [json!(1), json!(3), json!(3)]);
        assert_eq!(played.connections, 4);
    });
}

#[tokio::test]
async fn a_server_that_stays_away_is_given_up_in_the_end() {
    let script = Script::new(vec![Act::NotFound], Vec::new());
    let (seen, end) = follow(&script).await;
    assert!(seen.is_empty());
    assert!(matches!(end.unwrap_err(), ClientError::Status { .. }));
    script.with(|played| assert!(played.polled_after.len() > 1));
}

#[tokio::test]
async fn an_ended_session_ends_the_watching_at_once() {
    for act in [Act::Refuse("FORBIDDEN"), Act::Close(4403), Act::Close(4401)] {
        let script = Script::new(vec![act], Vec::new());
        let (_, end) = follow(&script).await;
        assert!(matches!(end.unwrap_err(), ClientError::Failed(_)));
        script.with(|played| {
            assert_eq!(played.connections, 1);
            assert!(played.polled_after.is_empty());
        });
    }
}
