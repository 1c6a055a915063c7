//! Going over to another account without signing in again.
//!
//! Only a session that rests on the identity itself can do so: the person proved to be somebody who has users in several accounts. What an identity
//! provider of one account vouched for is good for that account alone; whoever came that way enters another account by its own sign-in. The session
//! here ends, and the new one is as old as the proof it rests on.

use entity::ids::Kind;
use entity::user::{self, Status};
use entity::{account, session};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::attempts::renewing;
use super::begin::{Begun, Ground, begin_session};
use super::end::EndSession;
use super::password::guess::hold_identity;
use super::places::AccountName;
use super::rotate::{Spent, spend};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::directory::{people, slugs};
use crate::enforcement::requires_sso;
use crate::error::Result;
use crate::platform::constants::Constants;
use crate::platform::secrets::{Claim, Purpose};
use crate::rate_limit::rates::{SWITCHES, SWITCHES_OF_A_PERSON};
use crate::rate_limit::{self, Counters, of_account, of_person};

/// Spends a refresh token for a session in another account.
#[derive(Debug)]
pub struct SwitchAccount {
    refresh_token: SecretString,
    /// Slug or global id.
    account: String,
}

/// What came of it.
#[derive(Debug)]
pub enum Switched {
    Over {
        begun: Begun,
        account: AccountName,
    },
    /// The person has no active user there, or there is no such account, or it wants single sign-on of them.
    NotOpen,
    NotByPassword,
    /// The token is worth nothing any more.
    Ended,
}

impl SwitchAccount {
    pub fn new(refresh_token: SecretString, account: String) -> Self {
        Self {
            refresh_token,
            account,
        }
    }
}

impl Command for SwitchAccount {
    type Output = Switched;
    const NAME: &'static str = "sessions.switch";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<Switched> {
        let token = self.refresh_token.expose_secret();
        let Some(claim) = work.app().secrets().open(Purpose::Refresh, token)? else {
            return Ok(Switched::Ended);
        };
        // Anybody can name any account: one in which the person has no place is neither locked nor waited for.
        let destination = match find(work, &self.account).await? {
            Some(account) if has_place(work, account.id, claim).await? => Some(account),
            _ => None,
        };
        lock_both(work, claim.account_id, destination.as_ref().map(|found| found.id)).await?;
        // As in renewing: who has a token of ours is counted by its session.
        let renewals = renewing(claim.id);
        rate_limit::check(work.reader(), &renewals, work.now()).await?;
        rate_limit::record(work, &renewals).await?;
        let session = match spend(work, claim).await? {
            Spent::Current(session) | Spent::Just(session) => session,
            Spent::Nothing => return Ok(Switched::Ended),
        };
        rate_limit::take(work, &switches(&session)).await?;
        let Some(identity_id) = session.identity_id else {
            return Ok(Switched::NotByPassword);
        };
        let user = match &destination {
            Some(account) => user_in(work, account.id, identity_id).await?,
            None => None,
        };
        let (Some(account), Some(user)) = (destination, user) else {
            return Ok(Switched::NotOpen);
        };
        let ground = Ground::identity(session.auth_method, session.authenticated_at);
        // A password changed in this very moment ends the session here, and then nothing is begun there.
        hold_identity(work, identity_id).await?;
        let refresh_token = self.refresh_token;
        if !work.run(EndSession { refresh_token }).await? {
            return Ok(Switched::Ended);
        }
        work.touch(Kind::Account.text(account.id));
        work.touch(Kind::User.text(user.id));
        let begun = begin_session(work, &user, ground).await?;
        let account = AccountName {
            id: account.id,
            name: account.name,
            slug: account.slug,
        };
        Ok(Switched::Over { begun, account })
    }
}

/// Each one locks two accounts: nobody keeps those of others waiting by going to and fro.
fn switches(session: &session::Model) -> Counters {
    let session::Model {
        account_id, user_id, ..
    } = *session;
    of_account(SWITCHES, account_id).and(of_person(SWITCHES_OF_A_PERSON, account_id, user_id))
}

async fn find(work: &Work, named: &str) -> Result<Option<account::Model>> {
    if let Some(account) = slugs::find(work.reader(), named).await? {
        return Ok(Some(account));
    }
    let Some(id) = Kind::Account.parse(named) else {
        return Ok(None);
    };
    Ok(account::Entity::find_by_id(id).one(work.reader()).await?)
}

/// Whether whoever the session belongs to has a user in an account. Looked at without a lock, to be looked at again under it.
async fn has_place(work: &Work, account_id: Uuid, claim: Claim) -> Result<bool> {
    let session = session::Entity::find_by_id((claim.account_id, claim.id));
    let session = session.one(work.reader()).await?;
    match session.and_then(|session| session.identity_id) {
        Some(identity_id) => Ok(user_in(work, account_id, identity_id).await?.is_some()),
        None => Ok(false),
    }
}

/// Two people who go over in opposite directions at once must not wait for each other: accounts are locked in one order everywhere.
async fn lock_both(work: &Work, here: Uuid, there: Option<Uuid>) -> Result<()> {
    let mut ids: Vec<Uuid> = std::iter::once(here).chain(there).collect();
    ids.sort_unstable();
    ids.dedup();
    for id in ids {
        work.lock(id).await?;
    }
    Ok(())
}

/// The person's user in an account that a password opens.
async fn user_in(work: &Work, account_id: Uuid, identity_id: Uuid) -> Result<Option<user::Model>> {
    let mut places = people::of_identity(work.reader(), identity_id).await?;
    places.retain(|place| place.account_id == account_id);
    let Some(which) = people::users(&places) else {
        return Ok(None);
    };
    let found = user::Entity::find()
        .filter(which)
        .filter(user::Column::IdentityId.eq(identity_id))
        .filter(user::Column::Status.eq_constant(Status::Active));
    match found.one(work.reader()).await? {
        Some(user) if !requires_sso(work.reader(), &user).await? => Ok(Some(user)),
        _ => Ok(None),
    }
}
