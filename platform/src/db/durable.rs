//! Commits made durable together.
//!
//! PostgreSQL answers a commit when its record is on the disk, and until then holds what the transaction has locked; transactions that notify even keep all others
//! that notify waiting meanwhile. So an account could change no faster than the disk turns, and neither could all accounts together. Here a transaction commits
//! without waiting (`synchronous_commit = off` for whoever writes), which takes no time and frees its locks, and is answered for afterwards: one
//! connection of its own commits a record in the usual way, which is on the disk only when all records before it are, and carries the notifications of
//! everything that was committed before. While one such commit is under way, the next gathers.
//!
//! A crash of the server may lose what was committed and not yet answered for, and then nobody was told that it had come about. A server that crashed takes all connections
//! with it. Therefore a transaction takes a [`Promise`] before it begins, which holds for as long as the connection it was given on.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout;

use crate::error::{Error, Result};

/// A connection that answered a moment ago is not tried out.
const TRUSTED_FOR: Duration = Duration::from_millis(500);
/// How long the disk may take. Who waits for the answer of a request gives up long before.
const FLUSH_WITHIN: Duration = Duration::from_secs(30);
/// Transactions that are made durable by one commit.
const MOST_TOGETHER: usize = 1_000;
/// A record whose commit is waited for, and the notifications with it: channels and texts.
const FLUSH: &str = "SELECT pg_logical_emit_message(true, 'muster', '')::text, \
    (SELECT count(pg_notify(n.channel, n.text)) FROM unnest($1::text[], $2::text[]) AS n(channel, text))";

/// A channel and a text.
pub type Notification = (&'static str, String);

/// Clones share the connection.
#[derive(Clone, Debug)]
pub struct Durability {
    asks: mpsc::UnboundedSender<Ask>,
    seen: Seen,
}

/// The number of the connection that is there, and when it last answered.
type Seen = Arc<Mutex<Option<(u64, Instant)>>>;

/// That a commit to come can be made durable.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Promise {
    connection: u64,
}

#[derive(Debug)]
enum Ask {
    Promise(oneshot::Sender<Result<Promise>>),
    Flush {
        promise: Promise,
        notifications: Vec<Notification>,
        done: oneshot::Sender<Result<()>>,
    },
}

impl Durability {
    /// Connects nothing yet. Lasts for as long as somebody has it.
    pub fn start(options: PgConnectOptions, connect_within: Duration) -> Self {
        let (asks, asked) = mpsc::unbounded_channel();
        let seen = Seen::default();
        let flusher = Flusher {
            options: options.application_name("muster durability"),
            connect_within,
            connection: None,
            number: 0,
            seen: seen.clone(),
        };
        tokio::spawn(flusher.run(asked));
        Self { asks, seen }
    }

    /// To be had before a transaction begins.
    pub async fn promise(&self) -> Result<Promise> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((connection, at)) = seen
            && at.elapsed() < TRUSTED_FOR
        {
            return Ok(Promise { connection });
        }
        let (answer, answered) = oneshot::channel();
        self.asks.send(Ask::Promise(answer)).map_err(|_| gone())?;
        answered.await.map_err(|_| gone())?
    }

    /// Comes back when everything that was committed before is on the disk; the notifications are sent then. An error means that this is not known.
    pub async fn flush(&self, promise: Promise, notifications: Vec<Notification>) -> Result<()> {
        let (done, waited) = oneshot::channel();
        let ask = Ask::Flush {
            promise,
            notifications,
            done,
        };
        self.asks.send(ask).map_err(|_| gone())?;
        waited.await.map_err(|_| gone())?
    }
}

struct Flusher {
    options: PgConnectOptions,
    connect_within: Duration,
    connection: Option<PgConnection>,
    /// Of the connection that is there, or was there last.
    number: u64,
    seen: Seen,
}

impl Flusher {
    async fn run(mut self, mut asked: mpsc::UnboundedReceiver<Ask>) {
        let mut asks = Vec::new();
        while asked.recv_many(&mut asks, MOST_TOGETHER).await > 0 {
            let (mut promises, mut flushes, mut notifications) = (Vec::new(), Vec::new(), HashSet::new());
            for ask in asks.drain(..) {
                match ask {
                    Ask::Promise(answer) => promises.push(answer),
                    Ask::Flush {
                        promise,
                        notifications: texts,
                        done,
                    } => {
                        notifications.extend(texts);
                        flushes.push((promise, done));
                    }
                }
            }
            if !flushes.is_empty() {
                // Another connection than the promised one says nothing of what was committed before.
                let number = self.number;
                let flushed = self.flush(notifications).await;
                for (promise, done) in flushes {
                    let kept = flushed.is_ok() && promise.connection == number;
                    // Whoever waited may have gone.
                    let _ = done.send(if kept { Ok(()) } else { Err(unknown()) });
                }
            }
            if !promises.is_empty() {
                let ready = self.ready().await;
                for answer in promises {
                    let promise = match &ready {
                        Ok(()) => Ok(Promise {
                            connection: self.number,
                        }),
                        Err(error) => Err(Error::unavailable(error.to_string())),
                    };
                    let _ = answer.send(promise);
                }
            }
        }
    }

    async fn flush(&mut self, notifications: HashSet<Notification>) -> sqlx::Result<()> {
        let (channels, texts): (Vec<&str>, Vec<String>) = notifications.into_iter().unzip();
        let mut connection = self.connection.take().ok_or(sqlx::Error::PoolClosed)?;
        let flush = sqlx::query(FLUSH).bind(channels).bind(texts);
        let flushed = timeout(FLUSH_WITHIN, flush.execute(&mut connection)).await;
        let flushed = flushed.unwrap_or(Err(sqlx::Error::PoolTimedOut)).map(drop);
        self.answered(flushed.is_ok().then_some(connection));
        flushed
    }

    /// A connection that answers.
    async fn ready(&mut self) -> sqlx::Result<()> {
        let within = self.connect_within;
        if let Some(mut connection) = self.connection.take() {
            let ping = timeout(within, connection.ping()).await;
            let is_there = matches!(ping, Ok(Ok(())));
            self.answered(is_there.then_some(connection));
            if is_there {
                return Ok(());
            }
        }
        let connected = timeout(within, self.options.connect()).await;
        let connection = connected.unwrap_or(Err(sqlx::Error::PoolTimedOut))?;
        self.number += 1;
        self.answered(Some(connection));
        Ok(())
    }

    /// Keeps a connection that answered.
    fn answered(&mut self, connection: Option<PgConnection>) {
        self.connection = connection;
        let seen = self.connection.is_some().then(|| (self.number, Instant::now()));
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = seen;
    }
}

fn unknown() -> Error {
    Error::unavailable("the connection broke before it was known whether a commit is durable")
}

fn gone() -> Error {
    Error::unavailable("nobody makes commits durable any more")
}
