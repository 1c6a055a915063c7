//! The password of whoever acts, given once more: for what a browser left open must not be enough.
//!
//! Guesses are counted as they are when signing in, but apart from those of strangers: who is signed in is not to be kept from this by what others do. Only a session that rests on the identity can be confirmed so: what an identity provider vouched
//! for, it must vouch for again.

use entity::{identity, session};
use sea_orm::EntityTrait;
use secrecy::SecretString;

use super::guess::Guess;
use crate::access::{Actor, Member};
use crate::app::App;
use crate::command::Work;
use crate::error::{Error, Result};
use crate::sessions::attempts::guess_signed_in;

/// A password and, once looked at, whether it is the right one.
pub(super) struct PasswordProof {
    password: SecretString,
    guess: Option<Guess>,
}

/// Why a password proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    WrongPassword,
    /// The session began at an identity provider.
    NotByPassword,
}

impl PasswordProof {
    pub fn new(password: SecretString) -> Self {
        Self {
            password,
            guess: None,
        }
    }

    /// Looks at the password, before the transaction: hashing takes long.
    pub async fn look(&mut self, app: &App, actor: &Actor) -> Result<()> {
        let member = actor.member().ok_or(Error::Unauthenticated)?;
        let session = session::Entity::find_by_id((member.account_id, member.session_id));
        let session = session.one(app.reader()).await?.ok_or(Error::SessionExpired)?;
        let Some(identity_id) = session.identity_id else {
            return Ok(());
        };
        let identity = identity::Entity::find_by_id(identity_id)
            .one(app.reader())
            .await?;
        let identity = identity.ok_or(Error::SessionExpired)?;
        self.guess =
            Some(Guess::look(app, identity, self.password.clone(), guess_signed_in(identity_id)).await?);
        Ok(())
    }

    /// The identity as it was looked at; none when the session does not rest on one.
    pub fn identity(&self) -> Option<&identity::Model> {
        self.guess.as_ref().map(Guess::identity)
    }

    /// The identity that is proven, under its lock. A wrong password counts against the next guess, and the command reads as refused.
    pub async fn judge(&self, work: &mut Work) -> Result<Result<identity::Model, Unproven>> {
        let member = work.member()?.clone();
        let Some(guess) = &self.guess else {
            work.refuse();
            return Ok(Err(Unproven::NotByPassword));
        };
        guess.hold(work).await?;
        require_standing(work, &member).await?;
        let identity = guess.judge(work).await?;
        Ok(identity.ok_or(Unproven::WrongPassword))
    }
}

/// A session that was ended since the request was admitted proves nothing and renews nothing.
async fn require_standing(work: &Work, member: &Member) -> Result<()> {
    let session = session::Entity::find_by_id((member.account_id, member.session_id));
    let session = session.one(work.reader()).await?;
    let stands = session.is_some_and(|session| session.ended_at.is_none() && session.expires_at > work.now());
    if stands {
        Ok(())
    } else {
        Err(Error::SessionExpired)
    }
}
