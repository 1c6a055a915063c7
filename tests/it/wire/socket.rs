//! `graphql-transport-ws`, message by message and close code by close code.

use std::{
    sync::atomic::Ordering,
    time::{Duration, Instant},
};

use futures::{SinkExt, StreamExt};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::timeout};
use tokio_tungstenite::{
    MaybeTlsStream, WebSocketStream, connect_async,
    tungstenite::{self, Message, client::IntoClientRequest},
};

use super::server::{ORIGIN, SECRET, Server, eventually};

struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    async fn open(server: &Server, headers: &[(&'static str, &str)]) -> Result<Self, tungstenite::Error> {
        let mut request = format!("ws://{}/graphql", server.address)
            .into_client_request()
            .unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        connect_async(request).await.map(|(socket, _)| Self(socket))
    }

    /// A socket on which nothing has been said yet.
    async fn silent(server: &Server) -> Self {
        Self::open(server, &[("sec-websocket-protocol", "graphql-transport-ws")])
            .await
            .unwrap()
    }

    /// A socket whose client is admitted.
    async fn of(server: &Server, token: &str) -> Self {
        let mut socket = Self::silent(server).await;
        let payload = json!({"Authorization": format!("Bearer {token}")});
        socket
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(socket.hear().await, json!({"type": "connection_ack"}));
        socket
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    async fn subscribe(&mut self, id: &str, query: &str) {
        self.say(json!({"type": "subscribe", "id": id, "payload": {"query": query}}))
            .await;
    }

    async fn next(&mut self) -> Message {
        let next = timeout(Duration::from_secs(5), self.0.next())
            .await
            .expect("the server says something");
        next.expect("the socket is open").unwrap()
    }

    async fn hear(&mut self) -> Value {
        match self.next().await {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            other => panic!("not a message: {other:?}"),
        }
    }

    async fn hears_nothing(&mut self) {
        assert!(timeout(Duration::from_millis(200), self.0.next()).await.is_err());
    }

    /// The code and the reason with which the server closes, after whatever else it says.
    async fn closed(&mut self) -> (u16, String) {
        loop {
            if let Message::Close(frame) = self.next().await {
                let frame = frame.expect("a close has a code");
                return (frame.code.into(), frame.reason.to_string());
            }
        }
    }
}

#[rstest]
#[case(&[])]
#[case(&[("sec-websocket-protocol", "graphql-ws")])]
#[case(&[("sec-websocket-protocol", "soap, graphql-ws")])]
#[tokio::test]
async fn only_the_living_subprotocol_is_spoken(#[case] headers: &[(&'static str, &str)]) {
    let server = Server::start().await;
    let Err(tungstenite::Error::Http(refusal)) = Socket::open(&server, headers).await else {
        panic!("it was opened")
    };
    assert_eq!(refusal.status(), 400);
    let both = [("sec-websocket-protocol", "graphql-ws, graphql-transport-ws")];
    assert!(Socket::open(&server, &both).await.is_ok());
}

#[tokio::test]
async fn foreign_pages_open_no_socket() {
    let server = Server::start().await;
    let protocol = ("sec-websocket-protocol", "graphql-transport-ws");
    for origin in [
        "https://evil.example",
        "https://muster.example.evil.example",
        "null",
    ] {
        let opened = Socket::open(&server, &[protocol, ("origin", origin)]).await;
        let Err(tungstenite::Error::Http(refusal)) = opened else {
            panic!("{origin} was admitted")
        };
        assert_eq!(refusal.status(), 403);
    }
    assert!(
        Socket::open(&server, &[protocol, ("origin", ORIGIN)])
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn who_does_not_introduce_themselves_is_closed_with_4408_after_three_seconds() {
    let server = Server::start().await;
    let began = Instant::now();
    let mut socket = Socket::silent(&server).await;
    assert_eq!(
        socket.closed().await,
        (4408, "Connection initialisation timeout".into())
    );
    assert!((2_900..15_000).contains(&began.elapsed().as_millis()));
}

#[tokio::test]
async fn a_second_introduction_is_closed_with_4429_even_before_the_first_is_answered() {
    let server = Server::start().await;
    let expected = (4429, "Too many initialisation requests".to_owned());
    let mut socket = Socket::of(&server, "alice").await;
    socket.say(json!({"type": "connection_init"})).await;
    assert_eq!(socket.closed().await, expected);

    let mut socket = Socket::silent(&server).await;
    for _ in 0..2 {
        let payload = json!({"Authorization": "Bearer undecided"});
        socket
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
    }
    assert_eq!(socket.closed().await, expected);
}

#[tokio::test]
async fn asking_before_being_admitted_is_closed_with_4401() {
    let server = Server::start().await;
    let mut socket = Socket::silent(&server).await;
    socket.subscribe("1", "mutation {count}").await;
    assert_eq!(socket.closed().await, (4401, "Unauthorized".into()));

    let mut socket = Socket::silent(&server).await;
    socket
        .say(json!({"type": "connection_init", "payload": {"Authorization": "Bearer undecided"}}))
        .await;
    socket.subscribe("1", "mutation {count}").await;
    assert_eq!(socket.closed().await, (4401, "Unauthorized".into()));
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 0);
}

#[tokio::test]
async fn a_stranger_whom_the_application_gives_no_socket_is_closed_with_4401() {
    let server = Server::start().await;
    let mut socket = Socket::silent(&server).await;
    let payload = json!({"Authorization": "Nothing"});
    socket
        .say(json!({"type": "connection_init", "payload": payload}))
        .await;
    assert_eq!(socket.closed().await, (4401, "Unauthorized".into()));
}

#[rstest]
#[case("unknown", 4403, "Forbidden")]
#[case("lapsed", 4403, "Forbidden")]
#[case("foreign", 4403, "Forbidden")]
#[case("unlucky", 1013, "Try again later")]
#[case("cursed", 4500, "Internal server error")]
#[tokio::test]
async fn who_is_not_admitted_is_closed(#[case] token: &str, #[case] code: u16, #[case] reason: &str) {
    let server = Server::start().await;
    let mut socket = Socket::silent(&server).await;
    let payload = json!({"Authorization": format!("Bearer {token}")});
    socket
        .say(json!({"type": "connection_init", "payload": payload}))
        .await;
    assert_eq!(socket.closed().await, (code, reason.into()));
}

#[rstest]
#[case(Message::text("no json"))]
#[case(Message::text("[]"))]
#[case(Message::text(r#"{"type":"start","id":"1","payload":{"query":"{hello}"}}"#))]
#[case(Message::text(r#"{"type":"subscribe","payload":{"query":"{hello}"}}"#))]
#[case(Message::text(r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#))]
#[case(Message::text(r#"{"type":"subscribe","id":"1","payload":{}}"#))]
#[case(Message::text(r#"{"type":"subscribe","id":"1","payload":{"query":"{hello}","variables":[]}}"#))]
#[case(Message::text(r#"{"type":"connection_ack"}"#))]
#[case(Message::binary(br#"{"type":"ping"}"#.to_vec()))]
#[tokio::test]
async fn an_invalid_message_is_closed_with_4400(#[case] message: Message) {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    socket.0.send(message).await.unwrap();
    assert_eq!(socket.closed().await, (4400, "Invalid message received".into()));
}

#[tokio::test]
async fn a_message_over_256_kibibytes_is_closed_with_1009() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    socket
        .say(json!({"type": "ping", "payload": {"x": "x".repeat(250 * 1024)}}))
        .await;
    assert_eq!(socket.hear().await["type"], "pong");
    socket
        .say(json!({"type": "ping", "payload": {"x": "x".repeat(257 * 1024)}}))
        .await;
    assert_eq!(socket.closed().await.0, 1009);
}

#[tokio::test]
async fn a_subscription_says_next_for_each_event_and_then_complete() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    socket.subscribe("a", "subscription { upto(last: 2) }").await;
    for number in [1, 2] {
        let expected = json!({"id": "a", "type": "next", "payload": {"data": {"upto": number}}});
        assert_eq!(socket.hear().await, expected);
    }
    assert_eq!(socket.hear().await, json!({"id": "a", "type": "complete"}));
    // The id is free again.
    socket.subscribe("a", "{ who }").await;
    assert_eq!(socket.hear().await["payload"], json!({"data": {"who": "alice"}}));
    assert_eq!(socket.hear().await["type"], "complete");
}

#[tokio::test]
async fn queries_and_mutations_say_one_next_and_then_complete() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    for query in ["{ hello }", "mutation { count }", "{ hello broken }"] {
        socket.subscribe("q", query).await;
        let next = socket.hear().await;
        assert_eq!(next["type"], "next");
        assert!(next["payload"].as_object().unwrap().contains_key("data"));
        assert_eq!(socket.hear().await, json!({"id": "q", "type": "complete"}));
    }
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn variables_that_could_not_be_stored_end_the_operation_and_not_the_socket() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    let payload =
        json!({"query": "query($name: String) { hello(name: $name) }", "variables": {"name": "\0"}});
    socket
        .say(json!({"type": "subscribe", "id": "n", "payload": payload}))
        .await;
    let error = socket.hear().await;
    assert_eq!((&error["id"], &error["type"]), (&json!("n"), &json!("error")));
    assert_eq!(error["payload"][0]["extensions"]["code"], "BAD_USER_INPUT");
    socket.subscribe("n", "{ hello }").await;
    assert_eq!(socket.hear().await["type"], "next");
}

#[rstest]
#[case("{", "GRAPHQL_PARSE_FAILED")]
#[case("{ nothing }", "GRAPHQL_VALIDATION_FAILED")]
#[case("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED")]
#[case("{ costly }", "COST_LIMIT_EXCEEDED")]
#[case("subscription { refused }", "INTERNAL")]
#[tokio::test]
async fn what_cannot_be_executed_says_error_and_nothing_more(#[case] query: &str, #[case] code: &str) {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    socket.subscribe("e", query).await;
    let error = socket.hear().await;
    assert_eq!((&error["id"], &error["type"]), (&json!("e"), &json!("error")));
    assert_eq!(error["payload"][0]["extensions"]["code"], code);
    assert!(!error.to_string().contains(SECRET));
    socket.hears_nothing().await;
}

#[tokio::test]
async fn an_id_in_use_is_closed_with_4409_and_a_reason_that_fits() {
    let server = Server::start().await;
    for id in ["x".to_owned(), "ü".repeat(300)] {
        let mut socket = Socket::of(&server, "alice").await;
        socket.subscribe(&id, "subscription { forever }").await;
        socket.hear().await;
        socket.subscribe(&id, "{ hello }").await;
        let (code, reason) = socket.closed().await;
        assert_eq!(code, 4409);
        assert!(reason.len() <= 123 && reason.starts_with("Subscriber for "));
        assert!(id != "x" || reason == "Subscriber for x already exists");
        eventually(|| server.application.listeners.0.load(Ordering::SeqCst) == 0).await;
    }
}

#[tokio::test]
async fn complete_ends_the_subscription_and_frees_its_id() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    for _ in 0..3 {
        socket.subscribe("s", "subscription { forever }").await;
        assert_eq!(socket.hear().await["type"], "next");
        assert_eq!(server.application.listeners.0.load(Ordering::SeqCst), 1);
        socket.say(json!({"type": "complete", "id": "s"})).await;
        eventually(|| server.application.listeners.0.load(Ordering::SeqCst) == 0).await;
    }
    socket
        .say(json!({"type": "complete", "id": "never heard of"}))
        .await;
    socket.hears_nothing().await;
}

#[tokio::test]
async fn leaving_ends_all_subscriptions() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    for id in ["1", "2"] {
        socket.subscribe(id, "subscription { forever }").await;
        socket.hear().await;
    }
    assert_eq!(server.application.listeners.0.load(Ordering::SeqCst), 2);
    drop(socket);
    eventually(|| server.application.listeners.0.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn pings_are_answered_with_their_payload_even_before_the_introduction() {
    let server = Server::start().await;
    let mut socket = Socket::silent(&server).await;
    socket.say(json!({"type": "ping"})).await;
    assert_eq!(socket.hear().await, json!({"type": "pong"}));
    socket.say(json!({"type": "ping", "payload": {"a": [1]}})).await;
    assert_eq!(
        socket.hear().await,
        json!({"type": "pong", "payload": {"a": [1]}})
    );
    socket.say(json!({"type": "pong"})).await;
    socket.0.send(Message::Ping(vec![1].into())).await.unwrap();
    assert_eq!(socket.next().await, Message::Pong(vec![1].into()));
}

#[tokio::test]
async fn fifty_operations_run_at_once_and_the_next_is_refused() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    for id in 0..50 {
        socket
            .subscribe(&id.to_string(), "subscription { forever }")
            .await;
        assert_eq!(socket.hear().await["type"], "next");
    }
    socket.subscribe("one more", "mutation { count }").await;
    let error = socket.hear().await;
    assert_eq!(error["payload"][0]["extensions"]["code"], "COST_LIMIT_EXCEEDED");
    assert_eq!(server.application.mutations.load(Ordering::SeqCst), 0);
    socket.say(json!({"type": "complete", "id": "7"})).await;
    socket.subscribe("one more", "mutation { count }").await;
    assert_eq!(socket.hear().await["type"], "next");
}

#[tokio::test]
async fn a_lapsed_token_closes_the_socket_with_4403() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "short").await;
    let began = Instant::now();
    socket.subscribe("s", "subscription { forever }").await;
    assert_eq!(socket.closed().await, (4403, "Forbidden".into()));
    assert!(began.elapsed() < Duration::from_secs(1));
}

#[tokio::test]
async fn an_ended_session_closes_the_socket_with_4403_within_a_second() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "ending").await;
    socket.subscribe("s", "subscription { forever }").await;
    assert_eq!(socket.hear().await["type"], "next");
    let began = Instant::now();
    server.application.end.notify_waiters();
    assert_eq!(socket.closed().await, (4403, "Forbidden".into()));
    assert!(began.elapsed() < Duration::from_secs(1));
    eventually(|| server.application.listeners.0.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_slow_client_slows_its_own_operations_down_and_nothing_piles_up() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    socket.subscribe("f", "subscription { flood }").await;
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let sent = server.application.sent.0.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(
        server.application.sent.0.load(Ordering::SeqCst),
        sent,
        "more was made than the client took"
    );
    assert_eq!(socket.hear().await["type"], "next");
}

#[tokio::test]
async fn sockets_that_do_not_read_hold_up_none_of_their_operations() {
    let server = Server::start().await;
    let mut sockets = Vec::new();
    for _ in 0..10 {
        let mut socket = Socket::of(&server, "alice").await;
        socket.subscribe("f", "subscription { flood }").await;
        sockets.push(socket);
    }
    // By then all that the network takes without being read is full.
    tokio::time::sleep(Duration::from_millis(1_500)).await;
    let sent = server.application.sent.0.load(Ordering::SeqCst);
    assert!(sent > 0);
    drop(sockets);

    let mut sockets = Vec::new();
    for _ in 0..10 {
        let mut socket = Socket::of(&server, "alice").await;
        // Begun while the writing still goes on; nothing is read from here on.
        socket.subscribe("m", "mutation { hold }").await;
        socket.subscribe("f", "subscription { flood }").await;
        sockets.push(socket);
    }
    eventually(|| server.application.open.0.load(Ordering::SeqCst) > 0).await;
    eventually(|| server.application.open.0.load(Ordering::SeqCst) == 0).await;
}

#[tokio::test]
async fn a_client_that_takes_nothing_is_closed_with_4410() {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    socket.subscribe("f", "subscription { flood }").await;
    tokio::time::sleep(Duration::from_millis(11_800)).await;
    assert_eq!(socket.closed().await, (4410, "Client too slow".into()));
}

#[rstest]
#[case("{ panics }")]
#[case("subscription { panicking }")]
#[tokio::test]
async fn a_panic_ends_its_operation_and_the_socket_goes_on(#[case] query: &str) {
    let server = Server::start().await;
    let mut socket = Socket::of(&server, "alice").await;
    socket.subscribe("p", query).await;
    let mut said = socket.hear().await;
    if said["payload"]["data"]["panicking"] == 1 {
        said = socket.hear().await;
    }
    assert_eq!(said["id"], "p");
    let text = said.to_string();
    assert!(text.contains("\"INTERNAL\"") && !text.contains(SECRET), "{text}");
    socket.subscribe("q", "{ hello }").await;
    while said["id"] != "q" {
        said = socket.hear().await;
    }
    assert_eq!(said["payload"]["data"]["hello"], "world");
}
