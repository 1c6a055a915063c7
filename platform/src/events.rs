//! Wake-ups. Rows are the truth; a wake only says where to look again.
//!
//! On PostgreSQL a wake is a `NOTIFY`, sent to every replica when what it tells of is committed and durable (`db::durable`). On SQLite it is a
//! broadcast within the process, sent after the commit. Whoever listens subscribes first and reads afterwards; whoever may have missed
//! something (a lost connection, a full buffer) hears [`Wake::Resync`] and reads again.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use sea_orm::DatabaseBackend;
use sqlx::postgres::PgListener;
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::db::{Db, Notification};
use crate::error::Result;

const CHANNEL: &str = "muster";
/// Wakes a slow listener may be behind before it is told to read everything again.
const BUFFER: usize = 1024;
const RECONNECT_AFTER: Duration = Duration::from_millis(500);
const CONNECT_WITHIN: Duration = Duration::from_secs(5);
/// After so long without a notification the connection is tried out.
const SILENCE: Duration = Duration::from_secs(10);
const ANSWER_WITHIN: Duration = Duration::from_secs(2);

/// Where to look again. Ids only.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Wake {
    /// A job became due.
    Jobs,
    /// A mail became due.
    Mails,
    /// An import has a new event.
    Import { account_id: Uuid, id: Uuid },
    /// An export is further than it was.
    Export { account_id: Uuid, id: Uuid },
    /// A job for many people has a new event.
    BulkJob { account_id: Uuid, id: Uuid },
    /// Seats of a product were taken, freed, bought or sold.
    Seats { account_id: Uuid, id: Uuid },
    /// A user was told something, or has read it.
    Notices { account_id: Uuid, id: Uuid },
    /// A user's session ended or rights changed.
    User { account_id: Uuid, id: Uuid },
    /// Something of an account changed that is kept in memory: its name, plan, view or settings.
    Account { id: Uuid },
    /// Products or components changed.
    Catalogue,
    /// The keys that sign access tokens changed.
    SigningKeys,
    /// Anything may have happened: read again.
    Resync,
}

impl Wake {
    fn to_text(self) -> String {
        match self {
            Self::Jobs => "jobs".into(),
            Self::Mails => "mails".into(),
            Self::Import { account_id, id } => format!("import {account_id} {id}"),
            Self::Export { account_id, id } => format!("export {account_id} {id}"),
            Self::BulkJob { account_id, id } => format!("bulk-job {account_id} {id}"),
            Self::Seats { account_id, id } => format!("seats {account_id} {id}"),
            Self::Notices { account_id, id } => format!("notices {account_id} {id}"),
            Self::User { account_id, id } => format!("user {account_id} {id}"),
            Self::Account { id } => format!("account {id}"),
            Self::Catalogue => "catalogue".into(),
            Self::SigningKeys => "signing-keys".into(),
            Self::Resync => "resync".into(),
        }
    }

    /// A text no version of ours wrote means that something happened we cannot name.
    fn from_text(text: &str) -> Self {
        let words: Vec<&str> = text.split(' ').collect();
        match words.as_slice() {
            ["jobs"] => Self::Jobs,
            ["mails"] => Self::Mails,
            ["catalogue"] => Self::Catalogue,
            ["signing-keys"] => Self::SigningKeys,
            ["account", id] => id.parse().map_or(Self::Resync, |id| Self::Account { id }),
            [
                kind @ ("import" | "export" | "bulk-job" | "seats" | "notices" | "user"),
                account_id,
                id,
            ] => match (account_id.parse(), id.parse()) {
                (Ok(account_id), Ok(id)) => match *kind {
                    "import" => Self::Import { account_id, id },
                    "export" => Self::Export { account_id, id },
                    "bulk-job" => Self::BulkJob { account_id, id },
                    "seats" => Self::Seats { account_id, id },
                    "notices" => Self::Notices { account_id, id },
                    _ => Self::User { account_id, id },
                },
                _ => Self::Resync,
            },
            _ => Self::Resync,
        }
    }
}

#[derive(Clone)]
pub struct Events {
    local: Local,
    backend: DatabaseBackend,
}

/// Those in this process who hear of wakes.
#[derive(Clone)]
struct Local {
    listeners: broadcast::Sender<Wake>,
    observers: Arc<RwLock<Vec<Observer>>>,
}

type Observer = Box<dyn Fn(Wake) + Send + Sync>;

impl Local {
    fn tell(&self, wake: Wake) {
        self.tell_observers(wake);
        // No listener is no error.
        let _ = self.listeners.send(wake);
    }

    fn tell_observers(&self, wake: Wake) {
        let observers = self.observers.read().unwrap_or_else(PoisonError::into_inner);
        for observer in observers.iter() {
            observer(wake);
        }
    }
}

impl Events {
    /// Starts listening; on PostgreSQL a task keeps the connection alive for as long as the process lives.
    pub fn start(db: &Db) -> Self {
        let events = Self {
            local: Local {
                listeners: broadcast::Sender::new(BUFFER),
                observers: Arc::default(),
            },
            backend: db.backend(),
        };
        if events.backend == DatabaseBackend::Postgres {
            tokio::spawn(listen(db.url().to_owned(), events.local.clone()));
        }
        events
    }

    pub fn subscribe(&self) -> Listener {
        Listener(self.local.listeners.subscribe())
    }

    /// Has `heard` called with each wake at once: for what this process commits, before the commit is answered. For what is kept in memory, so that whoever
    /// changed something never reads it as it was. It must not wait for anything.
    pub fn observe(&self, heard: impl Fn(Wake) + Send + Sync + 'static) {
        let mut observers = self
            .local
            .observers
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        observers.push(Box::new(heard));
    }

    /// What to notify of, where the database can carry wakes.
    pub fn carried(&self, wakes: &[Wake]) -> Vec<Notification> {
        if self.backend != DatabaseBackend::Postgres {
            return Vec::new();
        }
        wakes.iter().map(|wake| (CHANNEL, wake.to_text())).collect()
    }

    /// Tells observers after the commit, and broadcasts where the database could not carry the wakes.
    pub fn committed(&self, wakes: &[Wake]) {
        for wake in wakes.iter().copied() {
            match self.backend {
                DatabaseBackend::Postgres => self.local.tell_observers(wake),
                _ => self.local.tell(wake),
            }
        }
    }
}

/// Hears wakes from the moment it was made.
#[derive(Debug)]
pub struct Listener(broadcast::Receiver<Wake>);

impl Listener {
    /// The next wake; `None` when the process is shutting down.
    pub async fn next(&mut self) -> Option<Wake> {
        match self.0.recv().await {
            Ok(wake) => Some(wake),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Wake::Resync),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// Waits for a wake that `concerns` the caller, or for [`Wake::Resync`].
    pub async fn wait_for(&mut self, concerns: impl Fn(Wake) -> bool) -> Option<Wake> {
        loop {
            let wake = self.next().await?;
            if wake == Wake::Resync || concerns(wake) {
                return Some(wake);
            }
        }
    }
}

/// Listens for ever. A connection that broke is made anew at once, and everybody reads again, because what was notified meanwhile is lost.
async fn listen(url: String, local: Local) {
    loop {
        match connect(&url).await {
            Ok(mut listener) => {
                local.tell(Wake::Resync);
                hear(&mut listener, &local).await;
                tracing::warn!("the notification connection broke; connecting again");
                local.tell(Wake::Resync);
            }
            Err(error) => {
                tracing::warn!(%error, "cannot listen for notifications yet");
                tokio::time::sleep(RECONNECT_AFTER).await;
            }
        }
    }
}

/// Passes on what is notified until the connection breaks. One on which nothing comes may be broken without a word, so it is tried out.
async fn hear(listener: &mut PgListener, local: &Local) {
    loop {
        match tokio::time::timeout(SILENCE, listener.try_recv()).await {
            Ok(Ok(Some(notification))) => {
                local.tell(Wake::from_text(notification.payload()));
            }
            // `recv` would connect again without a word, and lose what was notified meanwhile.
            Ok(Ok(None) | Err(_)) => return,
            Err(_) => {
                let tried = sqlx::query("SELECT 1").execute(&mut *listener);
                if !matches!(tokio::time::timeout(ANSWER_WITHIN, tried).await, Ok(Ok(_))) {
                    return;
                }
            }
        }
    }
}

async fn connect(url: &str) -> Result<PgListener, sqlx::Error> {
    let connecting = async {
        let mut listener = PgListener::connect(url).await?;
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(listener)
    };
    match tokio::time::timeout(CONNECT_WITHIN, connecting).await {
        Ok(connected) => connected,
        Err(_) => Err(sqlx::Error::PoolTimedOut),
    }
}

#[cfg(test)]
mod tests {
    use super::Wake;
    use uuid::Uuid;

    #[test]
    fn wakes_survive_the_journey_and_unknown_ones_mean_resync() {
        let (account_id, id) = (Uuid::from_u128(1), Uuid::from_u128(2));
        for wake in [
            Wake::Jobs,
            Wake::Mails,
            Wake::Import { account_id, id },
            Wake::Export { account_id, id },
            Wake::BulkJob { account_id, id },
            Wake::Seats { account_id, id },
            Wake::Notices { account_id, id },
            Wake::User { account_id, id },
            Wake::Account { id },
            Wake::Catalogue,
            Wake::SigningKeys,
            Wake::Resync,
        ] {
            assert_eq!(Wake::from_text(&wake.to_text()), wake);
        }
        for text in ["", "import", "import x y", "account x", "tomorrow's wake 1 2"] {
            assert_eq!(Wake::from_text(text), Wake::Resync);
        }
    }
}
