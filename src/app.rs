//! What every room is handed: the parts of a running Muster, behind one cheap handle.

use std::sync::Arc;

use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::events::Events;
use crate::platform::secrets::Secrets;

/// A running Muster. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Parts>);

struct Parts {
    db: Db,
    events: Events,
    clock: Clock,
    secrets: Secrets,
}

impl App {
    pub fn from_parts(db: Db, events: Events, clock: Clock, secrets: Secrets) -> Self {
        Self(Arc::new(Parts {
            db,
            events,
            clock,
            secrets,
        }))
    }

    /// For reading. Writes go through [`App::run`].
    pub fn reader(&self) -> &sea_orm::DatabaseConnection {
        self.0.db.reader()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.db
    }

    pub fn events(&self) -> &Events {
        &self.0.events
    }

    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    pub fn secrets(&self) -> &Secrets {
        &self.0.secrets
    }
}
