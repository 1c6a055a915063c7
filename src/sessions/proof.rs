//! The password of whoever acts, given once more: for what a browser left open must not be enough.
//!
//! Guesses are counted as they are when signing in. Only a session that rests on the identity can be confirmed so: what an identity provider vouched
//! for, it must vouch for again.

use entity::{identity, session};
use sea_orm::sea_query::LockType;
use sea_orm::{DatabaseBackend, EntityTrait, QuerySelect};
use secrecy::SecretString;
use uuid::Uuid;

use super::attempts::{self, Keys};
use super::password;
use crate::access::{Actor, Member};
use crate::app::App;
use crate::command::Work;
use crate::error::{Error, Result};

/// A password and, once looked at, whether it is the right one.
pub(super) struct Proof {
    password: SecretString,
    looked_at: Option<LookedAt>,
}

struct LookedAt {
    identity: identity::Model,
    is_right: bool,
}

/// Why a password proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unproven {
    WrongPassword,
    /// The session began at an identity provider.
    NotByPassword,
}

impl Proof {
    pub fn new(password: SecretString) -> Self {
        Self {
            password,
            looked_at: None,
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
        let keys = Keys::new(&identity.email_key, &member.origin);
        attempts::check(app.reader(), &keys, app.clock().now()).await?;
        let is_right = password::verify(self.password.clone(), identity.password_hash.clone()).await?;
        self.looked_at = Some(LookedAt { identity, is_right });
        Ok(())
    }

    /// The identity as it was looked at; none when the session does not rest on one.
    pub fn identity(&self) -> Option<&identity::Model> {
        self.looked_at.as_ref().map(|looked_at| &looked_at.identity)
    }

    /// The identity that is proven, under its lock. A wrong password counts against the next guess, and the command reads as refused.
    pub async fn judge(&self, work: &mut Work) -> Result<Result<identity::Model, Unproven>> {
        let member = work.member()?.clone();
        let Some(looked_at) = &self.looked_at else {
            work.refuse();
            return Ok(Err(Unproven::NotByPassword));
        };
        let keys = Keys::new(&looked_at.identity.email_key, &member.origin);
        attempts::hold(work, &keys).await?;
        let identity = hold_identity(work, looked_at.identity.id).await?;
        require_standing(work, &member).await?;
        let unchanged =
            identity.filter(|identity| identity.password_hash == looked_at.identity.password_hash);
        match unchanged {
            Some(identity) if looked_at.is_right => Ok(Ok(identity)),
            _ => {
                attempts::record(work, &keys).await?;
                work.refuse();
                Ok(Err(Unproven::WrongPassword))
            }
        }
    }
}

/// Reads an identity so that its password cannot change before the transaction ends. Accounts are locked before identities, everywhere.
pub(super) async fn hold_identity(work: &Work, id: Uuid) -> Result<Option<identity::Model>> {
    let mut query = identity::Entity::find_by_id(id);
    if work.backend() == DatabaseBackend::Postgres {
        query = query.lock(LockType::Share);
    }
    Ok(query.one(work.reader()).await?)
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
