//! Proving once more who one is by a code that comes by mail: for sessions that began at an identity provider, which may be unable to ask anew or to say that it
//! did. Whoever signed in with a password gives that.
//!
//! A code is made of the session and a number that every new one counts up, so nothing that opens anything is stored. It is good once, for ten minutes, and until the
//! next one is sent.

use chrono::Duration;
use entity::ids::Kind;
use entity::{session, user};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Work};
use crate::error::{Error, Result};
use crate::platform::events::Wake;
use crate::platform::secrets::{Claim, Purpose, is_same_code};
use crate::rate_limit::rates::{CODES_SENT, GUESSES_OF_A_BEARER};
use crate::rate_limit::{self, Counters};

/// How long a code is good.
pub const CODE_LIFETIME: Duration = Duration::minutes(10);

/// What the code of a session is made of; it names nothing to whoever reads it.
pub const fn code_claim(account_id: Uuid, session_id: Uuid, generation: i32) -> Claim {
    Claim {
        account_id,
        id: session_id,
        generation,
    }
}

/// Why there is no proof by mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoCode {
    /// The session began with a password.
    ByPassword,
    /// It is not the latest one, was used, or is too old.
    Wrong,
}

/// Sends a code to the address the account has for the person.
#[derive(Debug)]
pub struct SendCode;

impl Command for SendCode {
    type Output = Result<(), NoCode>;
    const NAME: &'static str = "sessions.send_code";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let session = own_session(work).await?;
        if session.identity_provider_id.is_none() {
            return Ok(Err(NoCode::ByPassword));
        }
        rate_limit::take(work, &Counters::each(CODES_SENT, &session.user_id.to_string())).await?;
        let user = user::Entity::find_by_id((session.account_id, session.user_id))
            .one(work.reader())
            .await?
            .ok_or(Error::SessionExpired)?;
        let account = work.account(session.account_id).await?;
        let generation = session.code_generation + 1;
        let sent = update(&session)
            .col_expr(session::Column::CodeGeneration, Expr::value(generation))
            .col_expr(session::Column::CodeSentAt, Expr::value(work.now()));
        work.update(sent).await?;
        work.touch(Kind::Session.text(session.id));
        let mail = Mail {
            key: format!("code:{}:{generation}", session.id),
            to_address: user.email,
            to_name: user.given_name,
            letter: Letter::SignInCode {
                account_name: account.name,
                session_id: session.id,
                generation,
            },
        };
        outbox::write(work, session.account_id, vec![mail]).await?;
        Ok(Ok(()))
    }
}

/// Renews the time at which the person of this session proved who they are, by the code they were sent.
#[derive(Debug)]
pub struct ConfirmByCode {
    pub code: String,
}

impl Command for ConfirmByCode {
    type Output = Result<(), NoCode>;
    const NAME: &'static str = "sessions.confirm";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        let session = own_session(work).await?;
        work.touch(Kind::Session.text(session.id));
        let guesses = Counters::each(GUESSES_OF_A_BEARER, &format!("code {}", session.id));
        rate_limit::hold(work, &guesses).await?;
        if !self.is_right(work, &session)? {
            rate_limit::record(work, &guesses).await?;
            work.refuse();
            return Ok(Err(NoCode::Wrong));
        }
        let confirmed = update(&session)
            .col_expr(session::Column::AuthenticatedAt, Expr::value(work.now()))
            .col_expr(
                session::Column::CodeSentAt,
                Expr::value(None::<chrono::DateTime<chrono::Utc>>),
            );
        work.update(confirmed).await?;
        work.wake(Wake::User {
            account_id: session.account_id,
            id: session.user_id,
        });
        Ok(Ok(()))
    }
}

impl ConfirmByCode {
    fn is_right(&self, work: &Work, session: &session::Model) -> Result<bool> {
        let is_good = session
            .code_sent_at
            .is_some_and(|sent| work.now() - sent < CODE_LIFETIME);
        let claim = code_claim(session.account_id, session.id, session.code_generation);
        let code = work.app().secrets().digits(Purpose::SignInCode, claim)?;
        // People copy blanks along.
        let given: String = self.code.chars().filter(|c| !c.is_whitespace()).collect();
        Ok(is_good && is_same_code(&code, &given))
    }
}

async fn own_session(work: &Work) -> Result<session::Model> {
    let member = work.member()?;
    let found = session::Entity::find_by_id((member.account_id, member.session_id));
    found.one(work.reader()).await?.ok_or(Error::SessionExpired)
}

fn update(session: &session::Model) -> sea_orm::UpdateMany<session::Entity> {
    session::Entity::update_many()
        .filter(session::Column::AccountId.eq(session.account_id))
        .filter(session::Column::Id.eq(session.id))
}
