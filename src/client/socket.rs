//! One subscription over one WebSocket, in the protocol `graphql-transport-ws`.
//!
//! The socket begins as a request of the same HTTP client as everything else, so proxies and trusted certificates are the
//! same for `wss:` as for `https:`. What is lost here is not repaired here: see `watch`.

use std::marker::PhantomData;
use std::time::Duration;

use futures::{SinkExt, StreamExt};
use reqwest::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION,
    UPGRADE,
};
use reqwest::{StatusCode, Upgraded};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error as SocketError, Message};

use super::api::{Answer, Api};
use super::error::{ClientError, Extensions, TopLevelError};

const PROTOCOL: &str = "graphql-transport-ws";
const MAX_MESSAGE_BYTES: usize = 1024 * 1024;
/// Id of the only operation on the socket.
const OPERATION: &str = "1";
/// The server's close codes for "sign in first" and "you may not" (protocol, and the API's for a session that ended).
const UNAUTHORIZED: u16 = 4401;
const FORBIDDEN: u16 = 4403;

/// A running subscription whose events are of type `T`.
pub(super) struct Subscription<T> {
    socket: WebSocketStream<Upgraded>,
    /// A connection that says nothing for so long is dead, whatever the operating system believes.
    silence: Duration,
    events: PhantomData<fn() -> T>,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum ServerMessage {
    ConnectionAck,
    Next { payload: Value },
    Error { payload: Vec<TopLevelError> },
    Complete,
    Ping,
    Pong,
}

impl<T: DeserializeOwned> Subscription<T> {
    /// Connects, introduces itself and subscribes.
    pub(super) async fn open(
        api: &Api,
        document: &str,
        variables: Value,
        silence: Duration,
    ) -> Result<Self, ClientError> {
        let mut subscription = Self {
            socket: connect(api).await?,
            silence,
            events: PhantomData,
        };
        let authorization = api.authorization().to_str().map_err(|_| ClientError::Token)?;
        subscription
            .send(json!({ "type": "connection_init", "payload": { "Authorization": authorization } }))
            .await?;
        match subscription.receive().await? {
            ServerMessage::ConnectionAck => {}
            other => return Err(lost(format!("{other:?} came instead of an acknowledgement"))),
        }
        let payload = json!({ "query": document, "variables": variables });
        subscription
            .send(json!({ "id": OPERATION, "type": "subscribe", "payload": payload }))
            .await?;
        Ok(subscription)
    }

    /// The next event; `None` when the server says that there are no more.
    pub(super) async fn next(&mut self) -> Result<Option<T>, ClientError> {
        match self.receive().await? {
            ServerMessage::Next { payload } => serde_json::from_value::<Answer>(payload)
                .map_err(|error| ClientError::Answer(error.to_string()))?
                .into_data()
                .map(Some),
            ServerMessage::Error { payload } => Err(ClientError::Failed(payload)),
            ServerMessage::Complete => Ok(None),
            other => Err(lost(format!("{other:?} came out of turn"))),
        }
    }

    /// Takes leave. The server notices a broken line anyway, so nothing can go wrong here.
    pub(super) async fn close(mut self) {
        let _ = self.socket.close(None).await;
    }

    /// The next message that is neither ping nor pong; pings are answered.
    async fn receive(&mut self) -> Result<ServerMessage, ClientError> {
        loop {
            let frame = tokio::time::timeout(self.silence, self.socket.next())
                .await
                .map_err(|_| lost("the server has fallen silent"))?
                .ok_or_else(|| lost("the server hung up"))?
                .map_err(|error| broken(&error))?;
            let text = match frame {
                Message::Text(text) => text,
                Message::Close(frame) => return Err(closed(frame)),
                // Answered by the WebSocket library, or of no meaning in this protocol.
                Message::Ping(_) | Message::Pong(_) | Message::Binary(_) | Message::Frame(_) => continue,
            };
            match serde_json::from_str(&text).map_err(|error| ClientError::Answer(error.to_string()))? {
                ServerMessage::Ping => self.send(json!({ "type": "pong" })).await?,
                ServerMessage::Pong => {}
                message => return Ok(message),
            }
        }
    }

    async fn send(&mut self, message: Value) -> Result<(), ClientError> {
        self.socket
            .send(Message::text(message.to_string()))
            .await
            .map_err(|error| broken(&error))
    }
}

/// The opening handshake (RFC 6455, section 4.1). A refusal of any kind counts as a lost connection: a proxy that lets no
/// WebSocket pass must not keep anybody from following by polling, and a refused token shows there too.
async fn connect(api: &Api) -> Result<WebSocketStream<Upgraded>, ClientError> {
    let key = generate_key();
    let response = api
        .http()
        .get(api.endpoint().clone())
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        .header(SEC_WEBSOCKET_KEY, &key)
        .header(SEC_WEBSOCKET_PROTOCOL, PROTOCOL)
        .send()
        .await
        .map_err(|error| ClientError::unreachable(api.endpoint(), error))?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(lost(format!("the server answered {}", response.status())));
    }
    let says = |name, value: &str| response.headers().get(name).is_some_and(|found| found == value);
    if !says(SEC_WEBSOCKET_ACCEPT, &derive_accept_key(key.as_bytes()))
        || !says(SEC_WEBSOCKET_PROTOCOL, PROTOCOL)
    {
        return Err(lost(format!("the server does not speak {PROTOCOL}")));
    }
    let line = response
        .upgrade()
        .await
        .map_err(|error| ClientError::unreachable(api.endpoint(), error))?;
    let config = WebSocketConfig::default()
        .max_message_size(Some(MAX_MESSAGE_BYTES))
        .max_frame_size(Some(MAX_MESSAGE_BYTES));
    Ok(WebSocketStream::from_raw_socket(line, Role::Client, Some(config)).await)
}

fn lost(why: impl Into<String>) -> ClientError {
    ClientError::Connection(why.into())
}

fn broken(error: &SocketError) -> ClientError {
    lost(error.to_string())
}

fn closed(frame: Option<CloseFrame>) -> ClientError {
    let Some(frame) = frame else {
        return lost("the server closed it");
    };
    let code = match u16::from(frame.code) {
        UNAUTHORIZED => "UNAUTHENTICATED",
        FORBIDDEN => "FORBIDDEN",
        other => return lost(format!("the server closed it ({other} {})", frame.reason)),
    };
    ClientError::Failed(vec![TopLevelError {
        message: format!("The server ended the session: {}.", frame.reason),
        extensions: Extensions {
            code: code.into(),
            request_id: None,
        },
    }])
}
