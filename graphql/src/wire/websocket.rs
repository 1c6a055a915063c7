//! GraphQL over a WebSocket: the protocol `graphql-transport-ws`, to the letter.
//!
//! One task reads and writes one socket: it reads the next message only when the last one is dealt with, and takes the next answer from the queue of its
//! operations only when the last one has been sent. So a slow client slows its own operations down and costs little memory; one that takes nothing is
//! closed.

mod close;
mod message;
mod operations;

use std::{
    net::SocketAddr,
    pin::Pin,
    sync::Arc,
    time::{Duration, SystemTime},
};

use async_graphql::Request;
use axum::{
    body::Bytes,
    extract::ws::{Message, WebSocket, WebSocketUpgrade},
    response::Response,
};
use futures::{
    FutureExt,
    future::{BoxFuture, select},
};
use http::HeaderMap;
use serde_json::value::RawValue;
use tokio::time::{Instant, Interval, Sleep, interval_at, sleep, timeout};

use self::{
    close::Close,
    message::Heard,
    operations::{Operations, Said},
};
use super::{
    Admitted, Application, Wire,
    answer::Answer,
    envelope::{Envelope, Unreadable},
    fault::Fault,
    operation::Operation,
};
use crate::admission::Party;

const SUBPROTOCOL: &str = "graphql-transport-ws";
const INITIALISATION: Duration = Duration::from_secs(3);
const PULSE: Duration = Duration::from_secs(25);
/// A client that takes nothing for this long is closed.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a client that was closed for being slow has to read why.
const LAST_CHANCE: Duration = Duration::from_secs(3);
/// How long we wait for a client to close its side after we closed ours.
const FAREWELL: Duration = Duration::from_secs(1);
pub(super) const LARGEST_MESSAGE: usize = 256 * 1024;
pub(super) const MOST_OPERATIONS: usize = 50;

/// The upgrade request a socket came from.
pub struct Caller {
    pub headers: HeaderMap,
    pub peer: Option<SocketAddr>,
}

/// Opens the socket; `None` if the client does not speak the protocol.
pub fn open<A: Application>(upgrade: WebSocketUpgrade, wire: Wire<A>, caller: Caller) -> Option<Response> {
    let upgrade = upgrade
        .protocols([SUBPROTOCOL])
        .max_message_size(LARGEST_MESSAGE)
        .max_frame_size(LARGEST_MESSAGE)
        // Buffers are there for the whole life of a socket, and most sockets are silent.
        .read_buffer_size(8 * 1024)
        .write_buffer_size(0);
    upgrade.selected_protocol()?;
    Some(upgrade.on_upgrade(move |socket| Conversation::new(wire, caller, socket).run()))
}

type Attach = Arc<dyn Fn(Request) -> Request + Send + Sync>;

/// How far the client has got in saying who it is.
enum Phase {
    /// It has until then.
    Silent(Pin<Box<Sleep>>),
    /// The application is thinking about it.
    Asking(BoxFuture<'static, Result<Option<Admitted>, crate::Fault>>),
    Admitted {
        attach: Attach,
        is_signed_in: bool,
        party: Party,
    },
}

impl Phase {
    /// Waits for the end of this phase; the last one has none.
    async fn end(&mut self) -> Result<Admitted, Close> {
        match self {
            Self::Silent(deadline) => {
                deadline.await;
                Err(Close::InitialisationTimeout)
            }
            Self::Asking(answer) => match answer.await {
                Ok(admitted) => admitted.ok_or(Close::Unauthorized),
                Err(error) => Err(Close::not_admitted(&error)),
            },
            Self::Admitted { .. } => std::future::pending().await,
        }
    }
}

struct Conversation<A> {
    wire: Wire<A>,
    caller: Arc<Caller>,
    socket: WebSocket,
    phase: Phase,
    /// Resolves when the caller's session is over.
    session: BoxFuture<'static, ()>,
    operations: Operations,
    pulse: Interval,
    /// Whether anything has been heard since the last pulse.
    alive: bool,
}

impl<A: Application> Conversation<A> {
    fn new(wire: Wire<A>, caller: Caller, socket: WebSocket) -> Self {
        Self {
            wire,
            caller: Arc::new(caller),
            socket,
            phase: Phase::Silent(Box::pin(sleep(INITIALISATION))),
            session: std::future::pending().boxed(),
            operations: Operations::new(),
            pulse: interval_at(Instant::now() + PULSE, PULSE),
            alive: true,
        }
    }

    async fn run(mut self) {
        let close = loop {
            if let Err(close) = self.turn().await {
                break close;
            }
        };
        // Ends the operations before a client that is slow to leave is waited for.
        self.operations.end_all();
        let Some(frame) = close.frame() else { return };
        if matches!(
            timeout(close.patience(), self.socket.send(Message::Close(Some(frame)))).await,
            Ok(Ok(()))
        ) {
            // Leaving with unread messages would reset the connection, and the client would never see why.
            let drained = async { while let Some(Ok(_)) = self.socket.recv().await {} };
            let _ = timeout(FAREWELL, drained).await;
        }
    }

    /// Waits for the next thing to happen and deals with it.
    async fn turn(&mut self) -> Result<(), Close> {
        tokio::select! {
            () = &mut self.session => Err(Close::Forbidden),
            admitted = self.phase.end() => self.welcome(admitted?).await,
            heard = self.socket.recv() => {
                self.alive = true;
                match heard {
                    Some(Ok(message)) => self.hear(message).await,
                    Some(Err(error)) => Err(Close::after(error)),
                    None => Err(Close::Gone),
                }
            }
            (id, said) = self.operations.next() => self.say(id, said).await,
            _ = self.pulse.tick() => {
                if !std::mem::take(&mut self.alive) {
                    return Err(Close::Gone);
                }
                self.send(Message::Ping(Bytes::new())).await
            }
        }
    }

    async fn welcome(&mut self, admitted: Admitted) -> Result<(), Close> {
        let Admitted {
            attach,
            is_signed_in,
            party,
            expires_at,
            ended,
        } = admitted;
        let ended = ended.unwrap_or_else(|| std::future::pending().boxed());
        let lapsed = async move {
            match expires_at {
                Some(at) => sleep(at.duration_since(SystemTime::now()).unwrap_or_default()).await,
                None => std::future::pending().await,
            }
        };
        self.session = select(ended, lapsed.boxed()).map(drop).boxed();
        self.phase = Phase::Admitted {
            attach,
            is_signed_in,
            party,
        };
        self.send(Message::text(message::ACKNOWLEDGEMENT)).await
    }

    async fn hear(&mut self, message: Message) -> Result<(), Close> {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return Err(Close::InvalidMessage),
            // The library answers pings and, while we go on reading, a close.
            Message::Ping(_) | Message::Pong(_) | Message::Close(_) => return Ok(()),
        };
        match Heard::read(&text).ok_or(Close::InvalidMessage)? {
            Heard::Init { payload } => self.initialise(payload),
            Heard::Ping { payload } => self.send(Message::text(message::pong(payload))).await,
            Heard::Pong => Ok(()),
            Heard::Subscribe { id, payload } => self.start(id, payload).await,
            Heard::Complete { id } => {
                self.operations.end(&id);
                Ok(())
            }
        }
    }

    fn initialise(&mut self, payload: serde_json::Value) -> Result<(), Close> {
        if !matches!(self.phase, Phase::Silent(_)) {
            return Err(Close::TooManyInitialisations);
        }
        let (application, caller) = (self.wire.application.clone(), self.caller.clone());
        let answer = async move {
            application
                .admit_socket(payload, &caller.headers, caller.peer)
                .await
        };
        self.phase = Phase::Asking(answer.boxed());
        Ok(())
    }

    async fn start(&mut self, id: String, payload: &RawValue) -> Result<(), Close> {
        let Phase::Admitted {
            attach,
            is_signed_in,
            party,
        } = &self.phase
        else {
            return Err(Close::Unauthorized);
        };
        if self.operations.has(&id) {
            return Err(Close::Duplicate(id));
        }
        let operation = match Envelope::read(payload.get().as_bytes()) {
            Ok(_) if self.operations.len() >= MOST_OPERATIONS => {
                let message = format!("A socket carries at most {MOST_OPERATIONS} operations at once.");
                Err(Fault::CostLimitExceeded.error(message, None))
            }
            Ok(envelope) => Operation::prepare(&self.wire.reader, envelope, *is_signed_in),
            Err(too_large @ Unreadable::VariablesTooLarge) => {
                Err(Fault::CostLimitExceeded.error(too_large.message(), None))
            }
            Err(nul @ Unreadable::NulInVariables) => Err(Fault::BadUserInput.error(nul.message(), None)),
            Err(Unreadable::NotJson | Unreadable::NotARequest(_)) => return Err(Close::InvalidMessage),
        };
        match operation {
            Ok(operation) => {
                let ticket = self.wire.admission.ticket(*party);
                self.operations
                    .start(id, &self.wire.application, operation, &**attach, ticket);
                Ok(())
            }
            Err(error) => self.say(id, Said::Error(Answer::refusal(error))).await,
        }
    }

    async fn say(&mut self, id: String, said: Said) -> Result<(), Close> {
        if !matches!(said, Said::Next(_)) {
            // Before it is sent: the client may use the id again as soon as it has read this.
            self.operations.end(&id);
        }
        self.send(Message::text(message::said(&id, &said))).await
    }

    async fn send(&mut self, message: Message) -> Result<(), Close> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Close::Gone),
            Err(_) => Err(Close::TooSlow),
        }
    }
}
