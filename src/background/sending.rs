//! The books of sending: which mails are due, whose hands each is in, and how each ended. A mail is leased and noted by itself, so that a crash can repeat
//! no more than those that were on their way.

use chrono::{DateTime, Duration, Utc};
use entity::mail::{self, Status};
use sea_orm::sea_query::{Condition, Expr};
use sea_orm::{ColumnTrait, DatabaseBackend, EntityTrait, QueryFilter, UpdateMany};
use uuid::Uuid;

use super::lease::{self, Columns, Leased};
use super::{kept, offered};
use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform::constants::Constants;

/// How often a mail is tried: with the pauses between, for more than a day. A relay may be away for a night.
pub const MOST_ATTEMPTS: i32 = 26;
const FIRST_PAUSE_SECONDS: i64 = 2;
const LONGEST_PAUSE_SECONDS: i64 = 2 * 60 * 60;

impl Leased for mail::Entity {
    const COLUMNS: Columns<Self> = Columns {
        account_id: mail::Column::AccountId,
        id: mail::Column::Id,
        run_at: mail::Column::RunAt,
        attempts: mail::Column::Attempts,
        lease_token: mail::Column::LeaseToken,
        lease_until: mail::Column::LeaseUntil,
    };

    fn is_ready(_: DateTime<Utc>) -> Condition {
        Condition::all().add(mail::Column::Status.eq_constant(Status::Ready))
    }
}

/// Takes mails of one account that are due.
#[derive(Debug)]
pub struct Take {
    pub account_id: Uuid,
    pub most: u64,
    pub lease_for: Duration,
}

impl Command for Take {
    type Output = Vec<mail::Model>;
    const NAME: &'static str = "mails.take";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<Vec<mail::Model>> {
        lease::take::<mail::Entity>(work, self.account_id, self.most, self.lease_for).await
    }
}

/// How an attempt to send ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Sent,
    /// Nobody looked at the mail. What that was about is the operator's to know.
    Away(String),
    /// The relay did not take it; the same mail may go through later.
    PutOff(String),
    /// Trying again would not help.
    Refused(String),
}

/// Notes how an attempt ended. Only the mail's holder may: a lease that another has by now is passed over.
#[derive(Clone, Debug)]
pub struct Settle {
    pub mail: mail::Model,
    pub ending: Ending,
}

/// Gives a mail that was not tried back to the queue.
#[derive(Clone, Debug)]
pub struct GiveBack {
    pub mail: mail::Model,
}

impl Command for GiveBack {
    type Output = ();
    const NAME: &'static str = "mails.give_back";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    fn is_one_statement(&self, _: DatabaseBackend) -> bool {
        true
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        let given_back = let_go(mail::Entity::update_many())
            .col_expr(mail::Column::Attempts, Expr::value(self.mail.attempts - 1))
            .filter(held(&self.mail));
        work.update(given_back).await?;
        Ok(())
    }
}

/// A mail, for as long as it is in the hands of whoever took it. Its status is not asked for: the index of what is ready would be read instead of the key, with
/// all that was ready a moment ago. Its key is, so that either unique index finds it: planned on an empty table, both look alike.
fn held(mail: &mail::Model) -> Condition {
    Condition::all()
        .add(mail::Column::AccountId.eq(mail.account_id))
        .add(mail::Column::Id.eq(mail.id))
        .add(mail::Column::Key.eq(mail.key.as_str()))
        .add(mail::Column::LeaseToken.eq(mail.lease_token))
}

/// In nobody's hands any more.
fn let_go(update: UpdateMany<mail::Entity>) -> UpdateMany<mail::Entity> {
    let nobody = Expr::value(Option::<Uuid>::None);
    let never = Expr::value(Option::<DateTime<Utc>>::None);
    update
        .col_expr(mail::Column::LeaseToken, nobody)
        .col_expr(mail::Column::LeaseUntil, never)
}

impl Command for Settle {
    /// What the mail is now; nothing when it was in another's hands.
    type Output = Option<Status>;
    const NAME: &'static str = "mails.settle";
    const RECORD: Record = Record::Nothing;
    /// A crash of the database's server may have the mails of its last half second sent again.
    const IS_WAITED_FOR: bool = false;

    fn action(&self) -> Action {
        Action::Maintain
    }

    fn is_one_statement(&self, backend: DatabaseBackend) -> bool {
        let is_sent = self.ending == Ending::Sent && backend == DatabaseBackend::Postgres;
        is_sent || !offered::is_of_an_invitation(&self.mail)
    }

    async fn apply(self, work: &mut Work) -> Result<Option<Status>> {
        if self.ending == Ending::Sent
            && let Some(noted) = offered::sent_at_once(work, &self.mail)
        {
            return Ok((work.execute(noted).await? == 1).then_some(Status::Sent));
        }
        let is_last = self.mail.attempts >= MOST_ATTEMPTS;
        let answer = match &self.ending {
            Ending::PutOff(reason) | Ending::Refused(reason) => Some(kept(reason)),
            Ending::Sent | Ending::Away(_) => None,
        };
        let (status, reason) = match self.ending {
            Ending::Sent => (Status::Sent, None),
            Ending::Away(reason) | Ending::PutOff(reason) if is_last => (Status::Dead, Some(reason)),
            Ending::Away(reason) | Ending::PutOff(reason) => (Status::Ready, Some(reason)),
            Ending::Refused(reason) => (Status::Dead, Some(reason)),
        };
        let mut settled = let_go(mail::Entity::update_many())
            .col_expr(mail::Column::Status, Expr::value(status))
            .filter(held(&self.mail));
        if status == Status::Sent {
            settled = settled.col_expr(mail::Column::SentAt, Expr::value(work.now()));
        } else {
            settled = settled
                .col_expr(
                    mail::Column::RunAt,
                    Expr::value(work.now() + pause_after(self.mail.attempts)),
                )
                .col_expr(
                    mail::Column::LastError,
                    Expr::value(reason.map(|text| kept(&text))),
                );
        }
        if work.update(settled).await? != 1 {
            return Ok(None);
        }
        // Boxed, so that the future of noting any mail stays small.
        Box::pin(offered::settle(work, &self.mail, status, answer)).await?;
        Ok(Some(status))
    }
}

/// The pause after the n-th attempt: doubled each time, two hours at most.
pub fn pause_after(attempt: i32) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(1)).unwrap_or_default();
    let pause = FIRST_PAUSE_SECONDS
        .checked_shl(doublings)
        .filter(|pause| (1..LONGEST_PAUSE_SECONDS).contains(pause));
    Duration::seconds(pause.unwrap_or(LONGEST_PAUSE_SECONDS))
}

#[cfg(test)]
mod tests {
    use chrono::Duration;

    use super::{MOST_ATTEMPTS, pause_after};

    #[test]
    fn pauses_grow_and_trying_goes_on_for_more_than_a_day() {
        let pauses: Vec<Duration> = (1..MOST_ATTEMPTS).map(pause_after).collect();
        assert!(pauses.is_sorted());
        assert_eq!(pauses[..4], [2, 4, 8, 16].map(Duration::seconds));
        assert_eq!(pauses.last(), Some(&Duration::hours(2)));
        assert!(pauses.iter().sum::<Duration>() > Duration::hours(26));
    }
}
