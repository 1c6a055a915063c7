//! A password somebody gives for an identity that is known already: looked at before the transaction, judged and counted within it.
//!
//! Whoever asks for such a password takes the same three steps, so that there is one rate limit and nowhere to go around it.

use entity::identity;
use sea_orm::sea_query::LockType;
use sea_orm::{DatabaseBackend, EntityTrait, QuerySelect};
use secrecy::SecretString;
use uuid::Uuid;

use super::hash::verify;
use crate::app::App;
use crate::command::Work;
use crate::error::Result;
use crate::rate_limit::{self, Counters};

/// A password that was looked at, and the identity as it was then.
pub struct Guess {
    identity: identity::Model,
    counters: Counters,
    is_right: bool,
}

impl Guess {
    /// Compares a password with the identity's; hashing takes long. `RateLimited` after too many wrong ones of what this one is counted with.
    pub async fn look(
        app: &App,
        identity: identity::Model,
        password: SecretString,
        counters: Counters,
    ) -> Result<Self> {
        rate_limit::check(app.reader(), &counters, app.clock().now()).await?;
        let is_right = verify(password, identity.password_hash.clone()).await?;
        Ok(Self {
            identity,
            counters,
            is_right,
        })
    }

    /// The identity as it was looked at.
    pub fn identity(&self) -> &identity::Model {
        &self.identity
    }

    /// Waits for guesses that are being counted, and has later ones wait. `RateLimited` when there were too many meanwhile. The account is locked before
    /// this, as it is for whoever is signed in: otherwise two could wait for one another.
    pub async fn hold(&self, work: &Work) -> Result<()> {
        rate_limit::hold(work, &self.counters).await
    }

    /// The identity that is proven, under its lock. A wrong password counts against the next guess, and the command reads as refused; the command has to
    /// end well all the same, because an error would take the count back.
    pub async fn judge(&self, work: &mut Work) -> Result<Option<identity::Model>> {
        let identity = hold_identity(work, self.identity.id).await?;
        let unchanged = identity.filter(|identity| identity.password_hash == self.identity.password_hash);
        if self.is_right && unchanged.is_some() {
            return Ok(unchanged);
        }
        rate_limit::record(work, &self.counters).await?;
        work.refuse();
        Ok(None)
    }
}

/// Reads an identity so that its password cannot change before the transaction ends. Accounts are locked before identities, everywhere.
pub async fn hold_identity(work: &Work, id: Uuid) -> Result<Option<identity::Model>> {
    let mut query = identity::Entity::find_by_id(id);
    if work.backend() == DatabaseBackend::Postgres {
        query = query.lock(LockType::Share);
    }
    Ok(query.one(work.reader()).await?)
}
