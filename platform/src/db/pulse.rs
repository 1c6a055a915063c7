//! Whether the database answers at all: asked again and again, on a connection of its own.
//!
//! A way on which packets are lost says nothing, and a statement under way would wait for as long as the kernel goes on trying: a quarter of an hour, or for
//! ever. No limit of the server's reaches whoever waits there. So whoever waits asks the pulse beside, and gives up when it has stopped for too long.

use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgConnection};
use sqlx::{ConnectOptions, Connection};
use tokio::sync::watch;
use tokio::time::{Instant, timeout, timeout_at};

use super::{Db, Lane};

const BETWEEN: Duration = Duration::from_millis(150);
/// Nobody is told of an answer that comes within this time.
const UNREMARKABLE: Duration = Duration::from_millis(50);
/// A question that is not answered by then is asked again on a new connection.
const ASK_AGAIN_AFTER: Duration = Duration::from_secs(2);
/// How long the background goes on believing in a database that says nothing: nobody waits for it.
const BACKGROUND_PATIENCE: Duration = Duration::from_secs(10);

/// Clones watch the same database.
#[derive(Clone, Debug)]
pub struct Pulse {
    silent_since: watch::Receiver<Option<Instant>>,
    patience: Duration,
}

impl Pulse {
    /// Starts asking, for as long as somebody has the pulse. A SQLite file is always there.
    pub fn start(db: &Db) -> Self {
        let (silent_since, heard) = watch::channel(None);
        if db.is_shared() {
            tokio::spawn(beat(db.url().to_owned(), silent_since));
        }
        Self {
            silent_since: heard,
            patience: db.patience,
        }
    }

    /// Comes back when the database has been silent for longer than a lane waits: requests for as long as for a connection.
    pub async fn lost(&self, lane: Lane) {
        let patience = match lane {
            Lane::Requests => self.patience,
            Lane::Background => self.patience.max(BACKGROUND_PATIENCE),
        };
        let mut heard = self.silent_since.clone();
        loop {
            let silent_since = *heard.borrow_and_update();
            let is_watched = match silent_since {
                None => heard.changed().await.is_ok(),
                Some(since) => match timeout_at(since + patience, heard.changed()).await {
                    Ok(changed) => changed.is_ok(),
                    Err(_) => return,
                },
            };
            if !is_watched {
                std::future::pending::<()>().await;
            }
        }
    }
}

async fn beat(url: String, silent_since: watch::Sender<Option<Instant>>) {
    let Ok(options) = PgConnectOptions::from_str(&url) else {
        return;
    };
    let options = options.application_name("muster pulse");
    let mut connection = None;
    loop {
        let asked = Instant::now();
        let is_silent = || {
            silent_since.send_if_modified(|since| {
                let begins = since.is_none();
                since.get_or_insert(asked);
                begins
            });
        };
        let mut asking = Box::pin(ask(&options, connection.take()));
        let answered = match timeout(UNREMARKABLE, &mut asking).await {
            Ok(answered) => answered,
            Err(_) => {
                is_silent();
                timeout(ASK_AGAIN_AFTER, &mut asking).await.unwrap_or(Err(()))
            }
        };
        match answered {
            Ok(kept) => {
                connection = kept;
                silent_since.send_if_modified(|since| since.take().is_some());
            }
            Err(()) => is_silent(),
        }
        tokio::select! {
            () = tokio::time::sleep(BETWEEN) => {}
            () = silent_since.closed() => return,
        }
    }
}

/// The connection again, when it is still good. A server that refuses has answered.
async fn ask(options: &PgConnectOptions, known: Option<PgConnection>) -> Result<Option<PgConnection>, ()> {
    let answered = async {
        let mut connection = match known {
            Some(connection) => connection,
            None => options.connect().await?,
        };
        connection.ping().await?;
        Ok(connection)
    };
    match answered.await {
        Ok(connection) => Ok(Some(connection)),
        Err(sqlx::Error::Database(_)) => Ok(None),
        Err(_) => Err(()),
    }
}
