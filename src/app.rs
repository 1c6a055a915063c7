//! What every module is handed: the parts of a running Muster, behind one cheap handle.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use chrono::Duration;
use url::Url;

use crate::background::loops::Loops;
use crate::background::retention::Retention;
use crate::command::Turns;
use crate::error::{Error, Result};
use crate::platform::clock::Clock;
use crate::platform::db::{Db, Lane, Pulse};
use crate::platform::events::Events;
use crate::platform::mail::Mailer;
use crate::platform::outbound::Outbound;
use crate::platform::resolver::Resolver;
use crate::platform::secrets::Secrets;
use crate::platform::storage::Storage;

/// A running Muster. Clones share it.
#[derive(Clone)]
pub struct App {
    running: Arc<Running>,
    lane: Lane,
}

struct Running {
    parts: Parts,
    turns: Turns,
    loops: Loops,
    shared: RwLock<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

/// What a word of the domain keeps in memory for the whole process: made when first asked for, one for each running Muster.
pub trait Shared: Send + Sync + 'static {
    /// A runtime is there: what has to listen for changes starts listening here.
    fn start(app: &App) -> Self;
}

/// What a running Muster is put together from.
pub struct Parts {
    pub db: Db,
    pub pulse: Pulse,
    pub events: Events,
    pub clock: Clock,
    pub secrets: Secrets,
    pub storage: Storage,
    pub mailer: Mailer,
    pub resolver: Resolver,
    pub outbound: Outbound,
    pub settings: AppSettings,
}

/// What commands and workers go by.
#[derive(Clone, Debug)]
pub struct AppSettings {
    /// Where people reach us; links in mails begin with it, whatever a request claims.
    pub public_url: Url,
    /// How long a worker may be silent before its job is given to another.
    pub job_lease: Duration,
    /// How long sending a mail may take, from connecting to the relay's last answer.
    pub mail_within: Duration,
    /// How long history is kept.
    pub retention: Retention,
    /// Where requests for support go.
    pub support_address: String,
}

impl App {
    /// Puts the parts together.
    pub fn new(parts: Parts) -> Self {
        Self {
            running: Arc::new(Running {
                parts,
                turns: Turns::default(),
                loops: Loops::default(),
                shared: RwLock::default(),
            }),
            lane: Lane::Requests,
        }
    }

    /// The same Muster for what works in the background: with connections of its own, and with more patience.
    pub fn in_background(&self) -> Self {
        Self {
            lane: Lane::Background,
            ..self.clone()
        }
    }

    pub(crate) fn lane(&self) -> Lane {
        self.lane
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.running.turns
    }

    /// Whether the loops of this process live.
    pub fn loops(&self) -> &Loops {
        &self.running.loops
    }

    /// The one of its kind that belongs to this Muster.
    pub fn shared<S: Shared>(&self) -> Arc<S> {
        let kind = TypeId::of::<S>();
        let known = |known: &HashMap<TypeId, Arc<dyn Any + Send + Sync>>| {
            known.get(&kind).cloned().and_then(|found| found.downcast().ok())
        };
        let found = known(&self.running.shared.read().unwrap_or_else(PoisonError::into_inner));
        if let Some(found) = found {
            return found;
        }
        let mut shared = self
            .running
            .shared
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        // Somebody else may have made it meanwhile.
        if let Some(found) = known(&shared) {
            return found;
        }
        let made = Arc::new(S::start(self));
        shared.insert(kind, made.clone());
        made
    }

    /// For reading. Writes go through [`App::run`].
    pub fn reader(&self) -> &crate::platform::db::Reader {
        self.running.parts.db.reader(self.lane)
    }

    /// Comes back when the database has been silent for too long to go on waiting for it.
    pub async fn away(&self) {
        self.running.parts.pulse.lost(self.lane).await;
    }

    /// Does something with the database, and gives it up when the database falls silent over it: whether it came about is not known then.
    pub async fn unless_away<T>(&self, act: impl Future<Output = Result<T>>) -> Result<T> {
        tokio::select! {
            biased;
            done = act => done,
            () = self.away() => Err(Error::Unavailable("the database fell silent".into())),
        }
    }

    pub(crate) fn db(&self) -> &Db {
        &self.running.parts.db
    }

    /// Statements sent to the database so far, for the tests that hold requests to a fixed number of them.
    pub fn statements(&self) -> u64 {
        self.db().statements()
    }

    pub fn events(&self) -> &Events {
        &self.running.parts.events
    }

    pub fn clock(&self) -> &Clock {
        &self.running.parts.clock
    }

    pub fn secrets(&self) -> &Secrets {
        &self.running.parts.secrets
    }

    pub fn storage(&self) -> &Storage {
        &self.running.parts.storage
    }

    pub fn mailer(&self) -> &Mailer {
        &self.running.parts.mailer
    }

    /// For asking what a domain's owner has published.
    pub fn resolver(&self) -> &Resolver {
        &self.running.parts.resolver
    }

    /// For talking to servers an administrator named; nothing else may.
    pub fn outbound(&self) -> &Outbound {
        &self.running.parts.outbound
    }

    pub fn settings(&self) -> &AppSettings {
        &self.running.parts.settings
    }
}
