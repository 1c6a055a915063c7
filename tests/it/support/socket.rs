//! A socket of `graphql-transport-ws`, as a browser's client opens it.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::Client;

/// An open socket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Opens a socket and introduces the client; what the server says to that is still to be heard.
    pub async fn open(client: &Client) -> Self {
        let url = format!("{}/graphql", client.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let (socket, _) = connect_async(request).await.unwrap();
        let mut socket = Self(socket);
        let payload = match &client.token {
            Some(token) => json!({"Authorization": format!("Bearer {token}")}),
            None => json!(null),
        };
        let hello = json!({"type": "connection_init", "payload": payload});
        socket.say(&hello).await;
        socket
    }

    /// A socket whose client was admitted.
    pub async fn admitted(client: &Client) -> Self {
        let mut socket = Self::open(client).await;
        assert_eq!(socket.hear().await.unwrap()["type"], "connection_ack");
        socket
    }

    pub async fn say(&mut self, message: &Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message, or the code with which the server closed.
    pub async fn hear(&mut self) -> Result<Value, u16> {
        loop {
            let next = timeout(Duration::from_secs(8), self.0.next()).await;
            match next.expect("the server says something").unwrap().unwrap() {
                Message::Text(text) => return Ok(serde_json::from_str(&text).unwrap()),
                Message::Close(frame) => return Err(frame.expect("a close has a code").code.into()),
                _ => {}
            }
        }
    }
}
