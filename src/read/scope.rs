//! One request: who asks, and the parts to answer with. Reads start here, so that none starts without an account.

use std::sync::Arc;

use entity::user;
use sea_orm::EntityTrait;
use uuid::Uuid;

use crate::access::{Action, Actor, Member, role_may};
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

    /// Runs a command as whoever asks and takes it back: what it would come to.
    pub async fn rehearse<C: Command>(&self, command: C) -> Result<C::Output> {
        self.app.rehearse(&self.actor, command).await
    }

    /// Whether whoever watches something may still see it: rights that are lost end the watching.
    pub async fn may_still(&self, action: Action) -> Result<()> {
        let role = self.role_now().await?.ok_or(Error::SessionExpired)?;
        match role_may(role, action) {
            true => Ok(()),
            false => Err(Error::Forbidden),
        }
    }

    /// The role of the member who reads, as their row has it at this moment; `None` if they are not active any more.
    pub async fn role_now(&self) -> Result<Option<user::Role>> {
        let member = self.member()?;
        let user = user::Entity::find_by_id((member.account_id, member.user_id))
            .one(self.db())
            .await?;
        let active = user.filter(|user| user.status == user::Status::Active);
        Ok(active.map(|user| user.role))
    }

    pub fn db(&self) -> &crate::platform::db::Reader {
        self.app.reader()
    }
}
