//! Asking for another address.

use chrono::{DateTime, Duration, Utc};
use entity::ids::Kind;
use entity::{mail, session, user};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, Statement};

use super::{LINK_LIFETIME, rules};
use crate::access::{Action, Member};
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Work};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::limits;
use crate::person::EmailAddress;

const DAY: Duration = Duration::days(1);

/// Sends a link to the new address and a word to the present one. Nothing changes before the link comes back. One that was asked for before is dead.
#[derive(Clone, Debug)]
pub struct AskForAddress {
    pub email: String,
}

/// A change that waits for its link.
#[derive(Clone, Debug)]
pub struct Asked {
    pub email: String,
    pub expires_at: DateTime<Utc>,
}

#[derive(FromQueryResult)]
struct Counted {
    generation: i32,
}

impl Command for AskForAddress {
    type Output = Asked;
    const NAME: &'static str = "sessions.ask_email_change";

    fn action(&self) -> Action {
        Action::Own
    }

    async fn apply(self, work: &mut Work) -> Result<Asked> {
        let address = EmailAddress::parse(&self.email).map_err(|refusal| refusal.at("input.email"))?;
        let member = work.member()?.clone();
        let account = work.account(member.account_id).await?;
        let user = user::Entity::find_by_id((member.account_id, member.user_id));
        let user = user.one(work.reader()).await?.ok_or(Error::SessionExpired)?;
        require_password(work, &member).await?;
        rules::check(work, &account, &user, &address, "input.email").await?;
        let key = format!("email-change:{}", user.id);
        not_too_often(work, &member, &key).await?;
        let generation = note(work, &member, &address).await?;
        work.touch(Kind::User.text(user.id));
        let proof = Mail {
            key: format!("{key}:{generation}"),
            to_address: address.as_typed().to_owned(),
            to_name: user.given_name.clone(),
            letter: Letter::EmailChange {
                account_name: account.name.clone(),
                user_id: user.id,
                generation,
            },
        };
        let word = Mail {
            key: format!("email-change-asked:{}:{generation}", user.id),
            to_address: user.email,
            to_name: user.given_name,
            letter: Letter::EmailChangeAsked {
                account_name: account.name,
                present: address.as_typed().to_owned(),
            },
        };
        outbox::write(work, member.account_id, vec![proof, word]).await?;
        Ok(Asked {
            email: address.as_typed().to_owned(),
            expires_at: work.now() + LINK_LIFETIME,
        })
    }
}

/// What a provider vouches for opens its account alone, and what is changed here opens all of the person's.
async fn require_password(work: &Work, member: &Member) -> Result<()> {
    let session = session::Entity::find_by_id((member.account_id, member.session_id));
    let session = session.one(work.reader()).await?.ok_or(Error::SessionExpired)?;
    if session.ended_at.is_some() || session.expires_at <= work.now() {
        return Err(Error::SessionExpired);
    }
    if session.identity_provider_id.is_some() {
        let text = "You signed in at an identity provider, and your address is the one it names. Have it changed there.";
        return Err(Refusal::new(Code::UserManagedByIdp, text).into());
    }
    Ok(())
}

async fn not_too_often(work: &Work, member: &Member, key: &str) -> Result<()> {
    let sent = mail::Entity::find()
        .filter(mail::Column::AccountId.eq(member.account_id))
        .filter(outbox::told_of(key))
        .filter(mail::Column::CreatedAt.gt(work.now() - DAY))
        .count(work.reader())
        .await?;
    if sent < limits::EMAIL_CHANGES_A_DAY as u64 {
        return Ok(());
    }
    let detail = Detail::Quota {
        limit: i32::try_from(limits::EMAIL_CHANGES_A_DAY).unwrap_or(i32::MAX),
        retry_after_seconds: i32::try_from(DAY.num_seconds()).ok(),
    };
    let text = "So many links were sent for you in the last 24 hours. Use the latest, or try again tomorrow.";
    Err(Refusal::new(Code::QuotaExceeded, text).with(detail).into())
}

/// Counts the generation up: links sent before are dead.
async fn note(work: &Work, member: &Member, address: &EmailAddress) -> Result<i32> {
    let sql = "INSERT INTO email_changes AS c (account_id, id, session_id, email, email_key, generation, asked_at, expires_at) \
               VALUES ($1, $2, $3, $4, $5, 1, $6, $7) \
               ON CONFLICT (account_id, id) DO UPDATE SET session_id = excluded.session_id, email = excluded.email, \
               email_key = excluded.email_key, generation = c.generation + 1, asked_at = excluded.asked_at, \
               expires_at = excluded.expires_at, used_at = NULL RETURNING generation";
    let values = [
        member.account_id.into(),
        member.user_id.into(),
        member.session_id.into(),
        address.as_typed().into(),
        address.key().into(),
        work.now().into(),
        (work.now() + LINK_LIFETIME).into(),
    ];
    let statement = Statement::from_sql_and_values(work.backend(), sql, values);
    let counted: Vec<Counted> = work.fetch(statement).await?;
    let counted = counted
        .first()
        .ok_or_else(|| Error::internal("nothing was counted"))?;
    Ok(counted.generation)
}
