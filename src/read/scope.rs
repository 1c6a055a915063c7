//! One request: who asks, and the parts to answer with. Reads start here, so that none starts without an account.

use std::sync::Arc;

use uuid::Uuid;

use crate::access::{Actor, Member};
use crate::app::App;
use crate::command::Command;
use crate::error::{Error, Result};

#[derive(Clone)]
pub struct Scope {
    app: App,
    actor: Arc<Actor>,
}

impl Scope {
    pub fn new(app: App, actor: Actor) -> Self {
        Self {
            app,
            actor: Arc::new(actor),
        }
    }

    pub fn app(&self) -> &App {
        &self.app
    }

    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    pub fn member(&self) -> Result<&Member> {
        self.actor.member().ok_or(Error::Unauthenticated)
    }

    /// The account everything is read from.
    pub fn account_id(&self) -> Result<Uuid> {
        Ok(self.member()?.account_id)
    }

    /// Runs a command as whoever asks.
    pub async fn run<C: Command>(&self, command: C) -> Result<C::Output> {
        self.app.run(&self.actor, command).await
    }

    pub fn db(&self) -> &crate::platform::db::Reader {
        self.app.reader()
    }
}
