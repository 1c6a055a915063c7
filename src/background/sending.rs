//! The books of sending: which mails are due, whose hands each is in, and how each ended. A mail is leased and noted by itself, so that a crash can repeat
//! no more than those that were on their way.

use chrono::{DateTime, Duration, Utc};
use entity::mail::{self, Status};
use sea_orm::sea_query::{Condition, Expr, LockBehavior, LockType, Order, Query};
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, ExprTrait, QueryFilter};
use uuid::Uuid;

use super::kept;
use super::turns::MOST_ACCOUNTS;
use crate::access::Action;
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform::constants::Constants;

/// How often a mail is tried: with the pauses between, for more than a day. A relay may be away for a night.
pub const MOST_ATTEMPTS: i32 = 26;
const FIRST_PAUSE_SECONDS: i64 = 2;
const LONGEST_PAUSE_SECONDS: i64 = 2 * 60 * 60;

/// Accounts that have a mail to be sent, the longest due first.
pub async fn due_accounts(app: &App) -> Result<Vec<Uuid>> {
    let due = Query::select()
        .column(mail::Column::AccountId)
        .from(mail::Entity)
        .cond_where(is_due(app.clock().now()))
        .group_by_col(mail::Column::AccountId)
        .order_by_expr(Expr::col(mail::Column::RunAt).min(), Order::Asc)
        .limit(MOST_ACCOUNTS)
        .take();
    let rows = app.reader().query_all(&due).await?;
    let ids = rows.iter().map(|row| row.try_get_by_index(0));
    Ok(ids.collect::<Result<_, _>>()?)
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
        let now = work.now();
        // By itself, and not within the update: there a plan may run it once a row and lease as many.
        let due = Query::select()
            .column(mail::Column::Id)
            .from(mail::Entity)
            .and_where(mail::Column::AccountId.eq(self.account_id))
            .cond_where(is_due(now))
            .order_by(mail::Column::RunAt, Order::Asc)
            .limit(self.most)
            .lock_with_behavior(LockType::Update, LockBehavior::SkipLocked)
            .take();
        let found = work.reader().query_all(&due).await?;
        let ids: Vec<Uuid> = found
            .iter()
            .map(|row| row.try_get_by_index(0))
            .collect::<Result<_, _>>()?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let taken = mail::Entity::update_many()
            .col_expr(mail::Column::LeaseToken, Expr::value(Uuid::new_v4()))
            .col_expr(mail::Column::LeaseUntil, Expr::value(now + self.lease_for))
            .col_expr(mail::Column::Attempts, Expr::col(mail::Column::Attempts).add(1))
            .filter(mail::Column::AccountId.eq(self.account_id))
            .filter(mail::Column::Id.is_in(ids));
        work.update_returning(taken).await
    }
}

fn is_due(now: DateTime<Utc>) -> Condition {
    let in_nobodys_hands = mail::Column::LeaseUntil
        .is_null()
        .or(mail::Column::LeaseUntil.lt(now));
    Condition::all()
        .add(mail::Column::Status.eq_constant(Status::Ready))
        .add(mail::Column::RunAt.lte(now))
        .add(in_nobodys_hands)
}

/// How an attempt to send ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    Sent,
    /// The same mail may go through later.
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

impl Command for Settle {
    /// What the mail is now; nothing when it was in another's hands.
    type Output = Option<Status>;
    const NAME: &'static str = "mails.settle";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<Option<Status>> {
        let is_last = self.mail.attempts >= MOST_ATTEMPTS;
        let (status, reason) = match self.ending {
            Ending::Sent => (Status::Sent, None),
            Ending::PutOff(reason) if is_last => (Status::Dead, Some(reason)),
            Ending::PutOff(reason) => (Status::Ready, Some(reason)),
            Ending::Refused(reason) => (Status::Dead, Some(reason)),
        };
        let mut settled = mail::Entity::update_many()
            .col_expr(mail::Column::Status, Expr::value(status))
            .col_expr(
                mail::Column::LeaseUntil,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .filter(mail::Column::AccountId.eq(self.mail.account_id))
            .filter(mail::Column::Id.eq(self.mail.id))
            .filter(mail::Column::Status.eq_constant(Status::Ready))
            .filter(mail::Column::LeaseToken.eq(self.mail.lease_token));
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
        let changed = work.update(settled).await?;
        Ok((changed == 1).then_some(status))
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
