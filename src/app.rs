//! What every room is handed: the parts of a running Muster, behind one cheap handle.

use std::sync::Arc;

use chrono::Duration;
use url::Url;

use crate::error::Result;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::platform::events::Events;
use crate::platform::mail::Mailer;
use crate::platform::outbound::Outbound;
use crate::platform::resolver::Resolver;
use crate::platform::secrets::Secrets;
use crate::platform::storage::Storage;
use crate::products::{Catalogue, CatalogueCache};
use crate::sso::Directory;

/// A running Muster. Clones share it.
#[derive(Clone)]
pub struct App(Arc<Running>);

struct Running {
    parts: Parts,
    catalogue: CatalogueCache,
    directory: Directory,
}

/// What a running Muster is put together from.
pub struct Parts {
    pub db: Db,
    pub events: Events,
    pub clock: Clock,
    pub secrets: Secrets,
    pub storage: Storage,
    pub mailer: Mailer,
    pub resolver: Resolver,
    pub outbound: Outbound,
    pub settings: Settings,
}

/// What commands and workers go by.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where people reach us; links in mails begin with it, whatever a request claims.
    pub public_url: Url,
    /// How long a worker may be silent before its job is given to another.
    pub job_lease: Duration,
}

impl App {
    /// Puts the parts together. The catalogue starts listening for changes, so a runtime must be there.
    pub fn new(parts: Parts) -> Self {
        let catalogue = CatalogueCache::start(parts.db.reader().clone(), &parts.events);
        Self(Arc::new(Running {
            parts,
            catalogue,
            directory: Directory::default(),
        }))
    }

    /// For reading. Writes go through [`App::run`].
    pub fn reader(&self) -> &sea_orm::DatabaseConnection {
        self.0.parts.db.reader()
    }

    pub(crate) fn db(&self) -> &Db {
        &self.0.parts.db
    }

    /// Statements sent to the database so far, for the tests that hold requests to a fixed number of them.
    pub fn statements(&self) -> u64 {
        self.db().statements()
    }

    pub fn events(&self) -> &Events {
        &self.0.parts.events
    }

    pub fn clock(&self) -> &Clock {
        &self.0.parts.clock
    }

    pub fn secrets(&self) -> &Secrets {
        &self.0.parts.secrets
    }

    pub fn storage(&self) -> &Storage {
        &self.0.parts.storage
    }

    pub fn mailer(&self) -> &Mailer {
        &self.0.parts.mailer
    }

    /// For asking what a domain's owner has published.
    pub fn resolver(&self) -> &Resolver {
        &self.0.parts.resolver
    }

    /// For talking to servers an administrator named; nothing else may.
    pub fn outbound(&self) -> &Outbound {
        &self.0.parts.outbound
    }

    pub fn settings(&self) -> &Settings {
        &self.0.parts.settings
    }

    /// What identity providers publish of themselves, from memory.
    pub fn directory(&self) -> &Directory {
        &self.0.directory
    }

    /// Products and components, from memory.
    pub async fn catalogue(&self) -> Result<Arc<Catalogue>> {
        self.0.catalogue.get().await
    }

    /// The same for who looks for something in particular: read anew, once a second at most, when `is_there` does not find it. Another process may have
    /// defined it a moment ago.
    pub async fn catalogue_holding(
        &self,
        is_there: impl Fn(&Catalogue) -> bool + Send + Sync,
    ) -> Result<Arc<Catalogue>> {
        self.0.catalogue.holding(is_there).await
    }
}
