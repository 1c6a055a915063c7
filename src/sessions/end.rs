//! Ending sessions, one or all of a person's. Whoever serves them on any replica is woken and looks at the row again.

use entity::ids::Kind;
use entity::session::{Column, Entity};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::Result;
use crate::platform::events::Wake;
use crate::platform::secrets::Purpose;

/// Ends a session. Answers whether there was one to end.
pub async fn end_session(work: &mut Work, account_id: Uuid, session_id: Uuid) -> Result<bool> {
    let ending = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(work.now()))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::Id.eq(session_id))
        .filter(Column::EndedAt.is_null());
    let ended = work.update_returning(ending).await?;
    for session in &ended {
        work.touch(Kind::Account.text(session.account_id));
        work.touch(Kind::User.text(session.user_id));
        work.touch(Kind::Session.text(session.id));
        work.wake(Wake::User {
            account_id: session.account_id,
            id: session.user_id,
        });
    }
    Ok(!ended.is_empty())
}

/// Ends every session of these users, for a command that disables or removes them. Answers how many there were.
pub async fn end_sessions_of(work: &mut Work, account_id: Uuid, user_ids: &[Uuid]) -> Result<u64> {
    let ending = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(work.now()))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::UserId.is_in(user_ids.iter().copied()))
        .filter(Column::EndedAt.is_null());
    let ended = work.update(ending).await?;
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
    let mut ending = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(work.now()))
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::UserId.eq(user_id))
        .filter(Column::EndedAt.is_null())
        .filter(Column::ExpiresAt.gt(work.now()));
    if let Some(named) = named {
        ending = ending.filter(Column::Id.is_in(named.iter().copied()));
    } else if let Some(kept) = kept {
        ending = ending.filter(Column::Id.ne(kept));
    }
    let ended = work.update_returning(ending).await?;
    work.touch(Kind::User.text(user_id));
    for session in &ended {
        work.touch(Kind::Session.text(session.id));
    }
    work.wake(Wake::User {
        account_id,
        id: user_id,
    });
    Ok(ended.len())
}

/// Ends every session that rests on an identity, in whichever account, but for the one to be kept.
pub(super) async fn end_sessions_of_identity(
    work: &mut Work,
    identity_id: Uuid,
    kept: Option<Uuid>,
) -> Result<()> {
    let mut ending = Entity::update_many()
        .col_expr(Column::EndedAt, Expr::value(work.now()))
        .filter(Column::IdentityId.eq(identity_id))
        .filter(Column::EndedAt.is_null());
    if let Some(kept) = kept {
        ending = ending.filter(Column::Id.ne(kept));
    }
    for session in work.update_returning(ending).await? {
        work.wake(Wake::User {
            account_id: session.account_id,
            id: session.user_id,
        });
    }
    Ok(())
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
