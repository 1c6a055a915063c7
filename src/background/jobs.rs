//! Background work as rows, leased to one worker at a time.
//!
//! A worker takes a job for a while and names itself by a lease token. Everything it writes carries that token along ([`hold`]): a worker that stalled
//! until its lease ran out, and was given up for dead, cannot write over its successor. Attempts are counted when a job is taken, so one that kills its
//! worker is not taken for ever; whoever makes progress starts counting anew. How one is taken is in [`claim`](super::claim).

use chrono::{DateTime, Duration, Utc};
use entity::job::{self, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, OnConflict};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::access::Action;
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};
use crate::platform::constants::Constants;
use crate::platform::events::Wake;

/// How often a job may be begun without getting anywhere before it is given up.
pub const MOST_ATTEMPTS: i32 = 10;
const FIRST_PAUSE_SECONDS: i64 = 1;
const LONGEST_PAUSE_SECONDS: i64 = 300;

/// What can be done in the background.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Carry on with an import, from wherever it stands.
    Import,
    /// Make the file of an export, from the beginning.
    Export,
    /// Carry on with what is done for many people, from wherever it stands.
    Bulk,
    /// Tell administrators that an identity provider's client secret is about to expire.
    SecretNotice,
    /// Look whether a proven domain still has its record.
    DomainCheck,
    /// Write an account's sort keys and search texts anew.
    Names,
    /// Look after the seats of an account: those that end, those that nobody needs, those that somebody waits for.
    Seats,
    /// Look after the contracts of an account: those that renew themselves, those that end soon, and how many seats are taken.
    Contracts,
    /// Tell whoever invited somebody that the mail did not arrive.
    Undelivered,
    /// Book what has lapsed of an account's cloud credits.
    Credits,
    /// Write the mails of the day of an account.
    Digest,
}

impl Kind {
    pub(super) const ALL: [Self; 11] = [
        Self::Import,
        Self::Export,
        Self::Bulk,
        Self::SecretNotice,
        Self::DomainCheck,
        Self::Names,
        Self::Seats,
        Self::Contracts,
        Self::Undelivered,
        Self::Credits,
        Self::Digest,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Import => "import",
            Self::Export => "export",
            Self::Bulk => "bulk",
            Self::SecretNotice => "secret_notice",
            Self::DomainCheck => "domain_check",
            Self::Names => "names",
            Self::Seats => "seats",
            Self::Contracts => "contracts",
            Self::Undelivered => "undelivered",
            Self::Credits => "credits",
            Self::Digest => "digest",
        }
    }

    pub(super) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A job in hand.
#[derive(Clone, Debug)]
pub struct Lease {
    pub job_id: Uuid,
    pub token: Uuid,
    pub kind: Kind,
    pub account_id: Uuid,
    pub subject_id: Uuid,
    pub attempts: i32,
}

/// Puts a job into the transaction of what makes it necessary. One that waits already is not doubled.
pub async fn enqueue(work: &mut Work, kind: Kind, account_id: Uuid, subject_id: Uuid) -> Result<()> {
    enqueue_at(work, kind, account_id, subject_id, work.now()).await
}

/// As [`enqueue`], for later.
pub async fn enqueue_at(
    work: &mut Work,
    kind: Kind,
    account_id: Uuid,
    subject_id: Uuid,
    run_at: DateTime<Utc>,
) -> Result<()> {
    let row = job::ActiveModel {
        account_id: Set(account_id),
        id: Set(work.new_id()),
        kind: Set(kind.name().to_owned()),
        subject_id: Set(subject_id),
        status: Set(Status::Ready),
        run_at: Set(run_at),
        attempts: Set(0),
        lease_token: Set(None),
        lease_until: Set(None),
        last_error: Set(None),
        created_at: Set(work.now()),
        finished_at: Set(None),
    };
    let mut conflict =
        OnConflict::columns([job::Column::AccountId, job::Column::Kind, job::Column::SubjectId]);
    // Written out, because a bound value would not be seen to be the index's own condition.
    conflict
        .target_and_where(Expr::cust("status = 'READY'"))
        .do_nothing();
    work.insert_or(vec![row], conflict).await?;
    work.wake(Wake::Jobs);
    Ok(())
}

/// Takes back a job that is not done yet. A worker that has it in hand finds its lease gone and leaves no trace.
pub async fn cancel(work: &Work, kind: Kind, account_id: Uuid, subject_id: Uuid) -> Result<()> {
    let waiting = job::Entity::delete_many()
        .filter(job::Column::AccountId.eq(account_id))
        .filter(job::Column::Kind.eq(kind.name()))
        .filter(job::Column::SubjectId.eq(subject_id))
        .filter(job::Column::Status.eq_constant(Status::Ready));
    work.delete(waiting).await?;
    Ok(())
}

/// Extends a lease while long work is in hand.
#[derive(Debug)]
pub struct Renew {
    pub lease: Lease,
    pub lease_for: Duration,
}

impl Command for Renew {
    type Output = ();
    const NAME: &'static str = "jobs.renew";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        renew(work, &self.lease, self.lease_for).await
    }
}

/// Makes sure, within a transaction, that the lease is still ours, and extends it. For work that starts over whenever it is taken up: nothing before its end is progress.
pub async fn renew(work: &Work, lease: &Lease, lease_for: Duration) -> Result<()> {
    let renewed = job::Entity::update_many()
        .col_expr(job::Column::LeaseUntil, Expr::value(work.now() + lease_for))
        .filter(is_ours(lease));
    require_one(work.update(renewed).await?)
}

/// Makes sure, within a transaction, that the lease is still ours, extends it and counts the transaction as progress.
pub async fn hold(work: &Work, lease: &Lease, lease_for: Duration) -> Result<()> {
    let held = job::Entity::update_many()
        .col_expr(job::Column::LeaseUntil, Expr::value(work.now() + lease_for))
        .col_expr(job::Column::Attempts, Expr::value(0))
        .filter(is_ours(lease));
    require_one(work.update(held).await?)
}

/// Ends a job in the transaction of its last effect.
pub async fn finish(work: &Work, lease: &Lease) -> Result<()> {
    let done = job::Entity::update_many()
        .col_expr(job::Column::Status, Expr::value(Status::Done))
        .col_expr(job::Column::FinishedAt, Expr::value(work.now()))
        .filter(is_ours(lease));
    require_one(work.update(done).await?)
}

/// Lays a job down until a time, because something it needs is away. That is no attempt.
pub async fn put_off(work: &Work, lease: &Lease, until: DateTime<Utc>, reason: &str) -> Result<()> {
    let put_off = job::Entity::update_many()
        .col_expr(job::Column::RunAt, Expr::value(until))
        .col_expr(job::Column::Attempts, Expr::value(0))
        .col_expr(job::Column::LeaseToken, Expr::value(Option::<Uuid>::None))
        .col_expr(
            job::Column::LeaseUntil,
            Expr::value(Option::<DateTime<Utc>>::None),
        )
        .col_expr(job::Column::LastError, Expr::value(super::kept(reason)))
        .filter(is_ours(lease));
    require_one(work.update(put_off).await?)
}

/// Puts a job back after a failure, a little later each time, or gives it up.
#[derive(Debug)]
pub struct PutBack {
    pub lease: Lease,
    pub reason: String,
}

impl Command for PutBack {
    /// True when the job was given up.
    type Output = bool;
    const NAME: &'static str = "jobs.put_back";
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.lease.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<bool> {
        let dead = self.lease.attempts > MOST_ATTEMPTS;
        let pause = pause_before(self.lease.attempts + 1);
        let put_back = job::Entity::update_many()
            .col_expr(
                job::Column::Status,
                Expr::value(if dead { Status::Dead } else { Status::Ready }),
            )
            .col_expr(job::Column::RunAt, Expr::value(work.now() + pause))
            .col_expr(job::Column::LeaseToken, Expr::value(Option::<Uuid>::None))
            .col_expr(
                job::Column::LeaseUntil,
                Expr::value(Option::<DateTime<Utc>>::None),
            )
            .col_expr(job::Column::LastError, Expr::value(super::kept(&self.reason)))
            .filter(is_ours(&self.lease));
        let changed = work.update(put_back).await?;
        Ok(dead && changed == 1)
    }
}

/// The pause before the n-th attempt: doubled each time, five minutes at most.
pub fn pause_before(attempt: i32) -> Duration {
    let doublings = u32::try_from(attempt.saturating_sub(2)).unwrap_or_default();
    let pause = FIRST_PAUSE_SECONDS
        .checked_shl(doublings)
        .filter(|pause| (1..LONGEST_PAUSE_SECONDS).contains(pause));
    Duration::seconds(pause.unwrap_or(LONGEST_PAUSE_SECONDS))
}

fn is_ours(lease: &Lease) -> sea_orm::Condition {
    sea_orm::Condition::all()
        .add(job::Column::AccountId.eq(lease.account_id))
        .add(job::Column::Id.eq(lease.job_id))
        .add(job::Column::LeaseToken.eq(lease.token))
        .add(job::Column::Status.eq_constant(Status::Ready))
}

fn require_one(changed: u64) -> Result<()> {
    if changed == 1 {
        Ok(())
    } else {
        Err(Error::internal("the lease was lost to another worker"))
    }
}

#[cfg(test)]
mod tests {
    use super::pause_before;

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pauses: Vec<i64> = [1, 2, 3, 4, 5, 12, 100]
            .map(|attempt| pause_before(attempt).num_seconds())
            .into();
        assert_eq!(pauses, [1, 1, 2, 4, 8, 300, 300]);
    }
}
