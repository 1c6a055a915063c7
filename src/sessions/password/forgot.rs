//! Asking for a link to set a new password.
//!
//! Whoever asks is told nothing, whether the address is known or not, and it takes as long: what is done in the request ([`CountAsking`]) is the same for
//! all, and the rest ([`SendReset`]) is done when the answer has left. The link is good for an hour and once; a newer one supersedes it. Somebody who
//! never had a password, because an identity provider let them in, gets their first one by it ([`super::unclaimed`]).

use chrono::Duration;
use entity::ids::Kind;
use entity::{identity, mail};
use sea_orm::{ColumnTrait, EntityTrait, FromQueryResult, PaginatorTrait, QueryFilter, Statement};
use uuid::Uuid;

use super::unclaimed::{Unclaimed, unclaimed};
use crate::access::Action;
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};
use crate::person::EmailAddress;
use crate::rate_limit;
use crate::sessions::attempts::{asking, email_key};
use crate::sessions::places::entered_last;

/// How long a link is good.
pub const RESET_LIFETIME: Duration = Duration::hours(1);
/// Mails one address gets in an hour at most, whoever asks for them.
const MOST_AN_HOUR: u64 = 3;

/// Counts that somebody asks, whatever the address.
#[derive(Debug)]
pub struct CountAsking {
    pub email: String,
}

impl Command for CountAsking {
    type Output = ();
    const NAME: &'static str = "sessions.count_asking";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        rate_limit::take(work, &asking(&email_key(&self.email), &work.actor().origin())).await
    }
}

/// Writes the mail with the link, if the address is that of somebody who has an account to enter with a password.
#[derive(Debug)]
pub struct SendReset {
    pub email: String,
}

#[derive(FromQueryResult)]
struct Counted {
    generation: i32,
}

impl Command for SendReset {
    type Output = ();
    const NAME: &'static str = "sessions.ask_password_reset";

    fn action(&self) -> Action {
        Action::Enter
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let Ok(email) = EmailAddress::parse(&self.email) else {
            return Ok(());
        };
        let Some(place) = place_of(work, email.key()).await? else {
            return Ok(());
        };
        let (account_id, user_id) = place.names();
        work.touch(Kind::Account.text(account_id));
        work.touch(Kind::User.text(user_id));
        // Whoever asks in the same moment waits here for their turn.
        work.lock(account_id).await?;
        let identity = match place {
            Place::Entered { identity, .. } => identity,
            Place::Unclaimed(user) => user.identity(work).await?,
        };
        if is_enough(work, account_id, identity.id).await? {
            work.refuse();
            return Ok(());
        }
        let generation = next_generation(work, identity.id).await?;
        let mail = Mail {
            key: format!("{}:{generation}", mail_key(identity.id)),
            to_address: identity.email,
            to_name: None,
            letter: Letter::PasswordReset {
                identity_id: identity.id,
                generation,
            },
        };
        outbox::write(work, account_id, vec![mail]).await
    }
}

/// What a password would open.
enum Place {
    /// A password opens it already.
    Entered {
        identity: identity::Model,
        account_id: Uuid,
        user_id: Uuid,
    },
    /// The first one will.
    Unclaimed(Unclaimed),
}

impl Place {
    const fn names(&self) -> (Uuid, Uuid) {
        match self {
            Self::Entered {
                account_id, user_id, ..
            } => (*account_id, *user_id),
            Self::Unclaimed(user) => (user.account_id, user.id),
        }
    }
}

async fn place_of(work: &Work, email_key: &str) -> Result<Option<Place>> {
    let known = identity::Entity::find()
        .filter(identity::Column::EmailKey.eq(email_key))
        .filter(identity::Column::PasswordHash.is_not_null());
    if let Some(identity) = known.one(work.reader()).await?
        && let Some((account_id, user_id)) = entered_last(work, identity.id).await?
    {
        return Ok(Some(Place::Entered {
            identity,
            account_id,
            user_id,
        }));
    }
    let unclaimed = unclaimed(work, email_key).await?;
    Ok(unclaimed.into_iter().next().map(Place::Unclaimed))
}

fn mail_key(identity_id: Uuid) -> String {
    format!("password-reset:{identity_id}")
}

/// Counts the generation up: links sent before are dead.
async fn next_generation(work: &Work, identity_id: Uuid) -> Result<i32> {
    let sql = "INSERT INTO password_resets AS r (identity_id, generation, asked_at, expires_at) VALUES ($1, 1, $2, $3) \
               ON CONFLICT (identity_id) DO UPDATE SET generation = r.generation + 1, \
               asked_at = excluded.asked_at, expires_at = excluded.expires_at, used_at = NULL RETURNING generation";
    let (asked_at, expires_at) = (work.now(), work.now() + RESET_LIFETIME);
    let values = [identity_id.into(), asked_at.into(), expires_at.into()];
    let statement = Statement::from_sql_and_values(work.backend(), sql, values);
    let counted: Vec<Counted> = work.fetch(statement).await?;
    let counted = counted
        .first()
        .ok_or_else(|| Error::internal("nothing was counted"))?;
    Ok(counted.generation)
}

/// Whether the address has had its share of mails. The link it was sent last stays the good one.
async fn is_enough(work: &Work, account_id: Uuid, identity_id: Uuid) -> Result<bool> {
    let sent = mail::Entity::find()
        .filter(mail::Column::AccountId.eq(account_id))
        .filter(outbox::told_of(&mail_key(identity_id)))
        .filter(mail::Column::CreatedAt.gt(work.now() - Duration::hours(1)))
        .count(work.reader())
        .await?;
    Ok(sent >= MOST_AN_HOUR)
}
