//! Ending sessions: one, a person's, a provider's. Whoever serves them on any replica is woken and looks at the row again.

use entity::ids::Kind;
use entity::session::{Column, Entity, Model};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, UpdateMany};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Work};
use crate::directory::people;
use crate::error::Result;
use crate::platform::events::Wake;
use crate::platform::secrets::Purpose;

/// What becomes of a session that ends: whom a provider took the person for is of no more use.
fn ending(work: &Work) -> UpdateMany<Entity> {
    Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(work.now()))
        .col_expr(Column::SealedIdToken, Expr::value(None::<Vec<u8>>))
        .filter(Column::EndedAt.is_null())
}

/// Ends the sessions of which this is so. Answers them.
pub async fn end_sessions_where(work: &mut Work, which: Condition) -> Result<Vec<Model>> {
    let ended = work.update_returning(ending(work).filter(which)).await?;
    for session in &ended {
        work.wake(Wake::User {
            account_id: session.account_id,
            id: session.user_id,
        });
    }
    Ok(ended)
}

/// Ends a session. Answers whether there was one to end.
pub async fn end_session(work: &mut Work, account_id: Uuid, session_id: Uuid) -> Result<bool> {
    let which = Condition::all()
        .add(Column::AccountId.eq(account_id))
        .add(Column::Id.eq(session_id));
    let ended = end_sessions_where(work, which).await?;
    for session in &ended {
        work.touch(Kind::Account.text(session.account_id));
        work.touch(Kind::User.text(session.user_id));
        work.touch(Kind::Session.text(session.id));
    }
    Ok(!ended.is_empty())
}

/// Ends every session an identity provider began, that of whoever does so among them: its word signs nobody in any more.
pub async fn end_sessions_begun_by(work: &mut Work, account_id: Uuid, provider_id: Uuid) -> Result<()> {
    end_sessions_where(work, begun_by(account_id, provider_id))
        .await
        .map(drop)
}

/// The sessions an identity provider of an account began.
pub fn begun_by(account_id: Uuid, provider_id: Uuid) -> Condition {
    Condition::all()
        .add(Column::AccountId.eq(account_id))
        .add(Column::IdentityProviderId.eq(provider_id))
}

/// Ends every session of these users, for a command that disables or removes them. Answers how many there were.
pub async fn end_sessions_of(work: &mut Work, account_id: Uuid, user_ids: &[Uuid]) -> Result<u64> {
    let of_users = ending(work)
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::UserId.is_in(user_ids.iter().copied()));
    let ended = work.update(of_users).await?;
    for id in user_ids {
        work.wake(Wake::User { account_id, id: *id });
    }
    Ok(ended)
}

/// Ends sessions of one user: those named, or all but the one to be kept. Answers how many there were.
pub(super) async fn end_some(
    work: &mut Work,
    account_id: Uuid,
    user_id: Uuid,
    named: Option<&[Uuid]>,
    kept: Option<Uuid>,
) -> Result<usize> {
    let mut which = Condition::all()
        .add(Column::AccountId.eq(account_id))
        .add(Column::UserId.eq(user_id))
        .add(Column::ExpiresAt.gt(work.now()));
    if let Some(named) = named {
        which = which.add(Column::Id.is_in(named.iter().copied()));
    } else if let Some(kept) = kept {
        which = which.add(Column::Id.ne(kept));
    }
    let ended = end_sessions_where(work, which).await?;
    work.touch(Kind::User.text(user_id));
    for session in &ended {
        work.touch(Kind::Session.text(session.id));
    }
    Ok(ended.len())
}

/// Ends every session that rests on an identity, in whichever account, but for the one to be kept.
pub(super) async fn end_sessions_of_identity(
    work: &mut Work,
    identity_id: Uuid,
    kept: Option<Uuid>,
) -> Result<()> {
    let places = people::of_identity(work.reader(), identity_id).await?;
    if places.is_empty() {
        return Ok(());
    }
    let mut which = Condition::all()
        .add(Column::AccountId.is_in(places.iter().map(|place| place.account_id)))
        .add(Column::UserId.is_in(places.iter().map(|place| place.user_id)))
        .add(Column::IdentityId.eq(identity_id));
    if let Some(kept) = kept {
        which = which.add(Column::Id.ne(kept));
    }
    end_sessions_where(work, which).await.map(drop)
}

/// Signs out. Any token the session ever gave out will do, and signing out twice is no error.
#[derive(Debug)]
pub struct EndSession {
    pub refresh_token: SecretString,
}

impl Command for EndSession {
    /// Whether there was one to end.
    type Output = bool;
    const NAME: &'static str = "sessions.end";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let token = self.refresh_token.expose_secret();
        match work.app().secrets().open(Purpose::Refresh, token)? {
            Some(claim) => end_session(work, claim.account_id, claim.id).await,
            None => Ok(false),
        }
    }
}
