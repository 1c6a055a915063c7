//! Renewing: a refresh token buys the next one, once.
//!
//! The tokens of a session differ by generation, and a generation always gives the same token. So when two tabs send the one they share, both get the
//! same successor, and the session stays one family. A spent token that comes later is a copy in other hands: the session ends at once (RFC 9700
//! section 4.14.2).

use entity::session;
use entity::user::{self, Status};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::Entry;
use super::attempts::renewing;
use super::begin::Begun;
use super::end::end_session;
use super::rules::{Worth, worth};
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::enforcement::required_provider;
use crate::error::Result;
use crate::platform::secrets::{Claim, Purpose};
use crate::rate_limit;

/// Spends a refresh token.
#[derive(Debug)]
pub struct RotateSession {
    pub refresh_token: SecretString,
}

impl Command for RotateSession {
    type Output = Entry<Begun>;
    const NAME: &'static str = "sessions.rotate";
    // Every browser does so every few minutes, without anybody deciding it.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<Entry<Begun>> {
        let token = self.refresh_token.expose_secret();
        let Some(claim) = work.app().secrets().open(Purpose::Refresh, token)? else {
            return Ok(Entry::Refused);
        };
        // Under the account's lock nobody renews, ends or disables at the same time.
        work.lock(claim.account_id).await?;
        // Who has no token of ours costs no look at a row; who has one is counted by its session, so that an office behind one address is many.
        let renewals = renewing(claim.id);
        rate_limit::check(work.reader(), &renewals, work.now()).await?;
        rate_limit::record(work, &renewals).await?;
        let session = match spend(work, claim).await? {
            Spent::Current(session) => renew(work, session).await?,
            Spent::Just(session) => session,
            Spent::Nothing => return Ok(Entry::Refused),
        };
        Ok(Entry::Granted(Begun::of(&session, work.app().secrets())?))
    }
}

/// What presenting a refresh token comes to.
pub(super) enum Spent {
    Current(session::Model),
    /// The one before, moments after it was spent.
    Just(session::Model),
    Nothing,
}

/// Looks what a refresh token is worth, under the account's lock. One that comes too late ends its session.
pub(super) async fn spend(work: &mut Work, claim: Claim) -> Result<Spent> {
    let Some(session) = of_active_user(work, claim).await? else {
        return Ok(Spent::Nothing);
    };
    Ok(match worth(&session, claim.generation, work.now()) {
        Worth::Current => Spent::Current(session),
        Worth::JustSpent => Spent::Just(session),
        Worth::Reused => {
            let ended = EndReused {
                account_id: session.account_id,
                session_id: session.id,
            };
            work.run(ended).await?;
            Spent::Nothing
        }
        Worth::Nothing => Spent::Nothing,
    })
}

async fn of_active_user(work: &Work, claim: Claim) -> Result<Option<session::Model>> {
    let found = session::Entity::find_by_id((claim.account_id, claim.id))
        .one(work.reader())
        .await?;
    let Some(session) = found else {
        return Ok(None);
    };
    let user = user::Entity::find_by_id((session.account_id, session.user_id))
        .one(work.reader())
        .await?;
    let Some(user) = user.filter(|user| user.status == Status::Active) else {
        return Ok(None);
    };
    // What keeps somebody from beginning a session so keeps one from going on, however it came to be required.
    let required = required_provider(work.reader(), &user).await?;
    if required.is_some() && required != session.identity_provider_id {
        return Ok(None);
    }
    Ok(Some(session))
}

async fn renew(work: &Work, session: session::Model) -> Result<session::Model> {
    let renewed = session::Model {
        generation: session.generation + 1,
        rotated_at: work.now(),
        last_seen_at: work.now(),
        ..session
    };
    let update = session::Entity::update_many()
        .col_expr(session::Column::Generation, Expr::value(renewed.generation))
        .col_expr(session::Column::RotatedAt, Expr::value(renewed.rotated_at))
        .col_expr(session::Column::LastSeenAt, Expr::value(renewed.last_seen_at))
        .filter(session::Column::AccountId.eq(renewed.account_id))
        .filter(session::Column::Id.eq(renewed.id));
    work.update(update).await?;
    Ok(renewed)
}

/// Ends a session whose spent token came back, and leaves word of it in the audit log.
struct EndReused {
    account_id: Uuid,
    session_id: Uuid,
}

impl Command for EndReused {
    type Output = ();
    const NAME: &'static str = "sessions.end_reused";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        tracing::warn!(session_id = %self.session_id, "a spent refresh token came back; its session was ended");
        end_session(work, self.account_id, self.session_id).await?;
        Ok(())
    }
}
