//! Signing in with e-mail and password.
//!
//! Unknown e-mail, wrong password, disabled user, an account one is not in or that wants single sign-on: all are answered alike and cost a hash. The password is looked at before the
//! transaction begins; within it, under the locks, everything the answer rests on is looked at again.

use entity::identity;
use entity::ids::Kind;
use entity::session::AuthMethod;
use entity::user::{self, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::SecretString;
use uuid::Uuid;

use super::Entry;
use super::attempts::{self, email_key};
use super::begin::{Begun, Ground, begin_session};
use super::device::Device;
use super::end::EndSession;
use super::password::guess::hold_identity;
use super::password::hash::verify;
use super::places::{AccountName, Place, places};
use crate::access::{Action, Actor, Origin};
use crate::app::App;
use crate::command::{Command, Work};
use crate::enforcement::requires_sso;
use crate::error::Result;
use crate::rate_limit::{self, Counters};

/// Begins a session for whoever knows the password.
pub struct SignIn {
    email_key: String,
    password: SecretString,
    /// The slug or global id of the account to enter; without it, the one entered last.
    account: Option<String>,
    /// The session this browser had until now; it ends when the new one begins.
    replaced: Option<SecretString>,
    /// What the browser shows to be known as the person's own.
    device: Option<SecretString>,
    counters: Counters,
    known: Option<Known>,
}

/// The identity behind the e-mail, as it was when the password was looked at.
struct Known {
    identity_id: Uuid,
    password_hash: Option<String>,
    has_proven: bool,
}

/// A session begun, in which account, and which others the person could have entered.
#[derive(Debug)]
pub struct SignedIn {
    pub begun: Begun,
    pub account: AccountName,
    pub others: Vec<AccountName>,
}

impl SignIn {
    pub fn new(email: &str, password: SecretString, account: Option<String>) -> Self {
        Self {
            email_key: email_key(email),
            password,
            account,
            replaced: None,
            device: None,
            counters: Counters::default(),
            known: None,
        }
    }

    /// Ends the session of this refresh token when the new one begins.
    pub fn replacing(self, refresh_token: Option<SecretString>) -> Self {
        Self {
            replaced: refresh_token,
            ..self
        }
    }

    /// Counts wrong passwords of a browser that is known to be the person's own apart from those of strangers.
    pub fn from_device(self, token: Option<SecretString>) -> Self {
        Self {
            device: token,
            ..self
        }
    }

    /// What a wrong password counts against.
    fn counters_of(
        &self,
        app: &App,
        origin: &Origin,
        identity: Option<&identity::Model>,
    ) -> Result<Counters> {
        let device = match (&self.device, identity) {
            (Some(token), Some(identity)) => Device::of(app.secrets(), token, identity, app.clock().now())?,
            _ => None,
        };
        Ok(match device {
            Some(device) => attempts::guess_from(device),
            None => attempts::guess(&self.email_key, origin),
        })
    }

    fn names(&self, place: &Place) -> bool {
        self.account.as_deref().is_none_or(|account| {
            account == place.slug || Kind::Account.parse(account) == Some(place.account_id)
        })
    }
}

impl Command for SignIn {
    type Output = Entry<SignedIn>;
    const NAME: &'static str = "sessions.sign_in";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        let identity = identity::Entity::find()
            .filter(identity::Column::EmailKey.eq(&self.email_key))
            .one(app.reader())
            .await?;
        self.counters = self.counters_of(app, &actor.origin(), identity.as_ref())?;
        rate_limit::check(app.reader(), &self.counters, app.clock().now()).await?;
        let hash = identity
            .as_ref()
            .and_then(|identity| identity.password_hash.clone());
        let has_proven = verify(self.password.clone(), hash).await?;
        self.known = identity.map(|identity| Known {
            identity_id: identity.id,
            password_hash: identity.password_hash,
            has_proven,
        });
        Ok(())
    }

    async fn apply(mut self, work: &mut Work) -> Result<Entry<SignedIn>> {
        let Some(known) = self.known.take() else {
            rate_limit::take(work, &self.counters).await?;
            return Ok(Entry::Refused);
        };
        let places = places(work, known.identity_id).await?;
        let mut open = places.iter().filter(|place| place.is_open());
        let place = open.find(|place| known.has_proven && self.names(place));
        // The account first, then what is counted, then the identity: whoever is signed in begins with their account, and nobody waits in a ring.
        if let Some(place) = place {
            work.lock(place.account_id).await?;
        }
        rate_limit::hold(work, &self.counters).await?;
        if let Some(place) = place
            && let Some(user) = user_at(work, &known, place).await?
        {
            let begun = self.enter(work, &user).await?;
            let others = places.iter().filter(|other| other.account_id != place.account_id);
            return Ok(Entry::Granted(SignedIn {
                begun,
                account: place.account_name(),
                others: others
                    .filter(|other| other.is_open())
                    .map(Place::account_name)
                    .collect(),
            }));
        }
        rate_limit::record(work, &self.counters).await?;
        for place in places.iter().filter(|place| self.names(place)) {
            let refused = NoteRefused {
                account_id: place.account_id,
                user_id: place.user_id,
            };
            work.run(refused).await?;
        }
        Ok(Entry::Refused)
    }
}

impl SignIn {
    async fn enter(&self, work: &mut Work, user: &user::Model) -> Result<Begun> {
        work.touch(Kind::Account.text(user.account_id));
        work.touch(Kind::User.text(user.id));
        let begun = begin_session(work, user, Ground::identity(AuthMethod::Password, work.now())).await?;
        if let Some(replaced) = &self.replaced {
            work.run(EndSession {
                refresh_token: replaced.clone(),
            })
            .await?;
        }
        Ok(begun)
    }
}

/// The user to go on as, read under the account's lock; `None` when the password was changed meanwhile, or the account stands open no more.
async fn user_at(work: &Work, known: &Known, place: &Place) -> Result<Option<user::Model>> {
    if !is_unchanged(work, known).await? {
        return Ok(None);
    }
    let user = user::Entity::find_by_id((place.account_id, place.user_id))
        .one(work.reader())
        .await?;
    let user =
        user.filter(|user| user.status == Status::Active && user.identity_id == Some(known.identity_id));
    match user {
        // What was required a moment ago may be required no more, and the other way round: under the lock it stands.
        Some(user) if !requires_sso(work.reader(), &user).await? => Ok(Some(user)),
        _ => Ok(None),
    }
}

/// Whether the password that was looked at is still the identity's, and stays so until the session has begun.
async fn is_unchanged(work: &Work, known: &Known) -> Result<bool> {
    let identity = hold_identity(work, known.identity_id).await?;
    Ok(identity.is_some_and(|identity| identity.password_hash == known.password_hash))
}

/// Tells an account's audit log that somebody tried to sign in as one of its users and was refused.
struct NoteRefused {
    account_id: Uuid,
    user_id: Uuid,
}

impl Command for NoteRefused {
    type Output = ();
    const NAME: &'static str = "sessions.refuse_sign_in";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.refuse();
        work.touch(Kind::Account.text(self.account_id));
        work.touch(Kind::User.text(self.user_id));
        Ok(())
    }
}
