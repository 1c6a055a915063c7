//! The worker's own bookkeeping: how a job ended.
//!
//! It is the platform's, not that of whoever asked: a job must come to an end also when they have lost the right to it.

use chrono::Duration;
use entity::bulk_job_item::Outcome;
use entity::import::Status;
use entity::{bulk_job, user};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::task::Came;
use super::{batch, notice, step};
use crate::access::Action;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Record, Work};
use crate::error::{Code, Refusal, Result};
use crate::notifications::notify;

/// How it ended.
#[derive(Debug)]
pub enum End {
    /// Everybody was come to, or somebody cancelled before.
    Over,
    /// Nothing is done for anybody, because it cannot be done for some.
    Rejected(Vec<Came>),
    /// Whoever asked for it, or we, are the trouble.
    Failed(Refusal),
}

/// Ends a job under its lease. One that has ended keeps its end.
#[derive(Debug)]
pub struct Finish {
    pub lease: Lease,
    pub lease_for: Duration,
    pub end: End,
}

impl Command for Finish {
    type Output = ();
    const NAME: &'static str = "bulk_jobs.finish";
    const RECORD: Record = Record::Nothing;

    fn account_id(&self) -> Option<Uuid> {
        Some(self.lease.account_id)
    }

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.lock(self.lease.account_id).await?;
        jobs::hold(work, &self.lease, self.lease_for).await?;
        jobs::finish(work, &self.lease).await?;
        let mut job = step::load(work, self.lease.account_id, self.lease.subject_id).await?;
        if step::is_final(job.status) {
            return Ok(());
        }
        let left = batch::to_come(work, &job, None).await?;
        let mut came = vec![not_processed(); left.len()];
        match self.end {
            End::Over if job.status == Status::Cancelling => job.status = Status::Cancelled,
            End::Over if job.failed > 0 => job.status = Status::SucceededWithErrors,
            End::Over => job.status = Status::Succeeded,
            End::Rejected(judged) => {
                for (came, judged) in came.iter_mut().zip(judged) {
                    if judged.outcome == Outcome::Failed {
                        *came = judged;
                    }
                }
                let failed = came.iter().filter(|came| came.outcome == Outcome::Failed);
                step::fail(&mut job, &rejection(failed.count(), left.len()));
            }
            End::Failed(refusal) => step::fail(&mut job, &refusal),
        }
        let places = batch::record(work, &mut job, left, came).await?;
        job.started_at = job.started_at.or(Some(work.now()));
        step::store(work, &mut job, places).await?;
        announce(work, &job).await
    }
}

fn not_processed() -> Came {
    Came {
        outcome: Outcome::NotProcessed,
        problems: Vec::new(),
    }
}

fn rejection(failed: usize, people: usize) -> Refusal {
    let text = format!(
        "Nothing was changed, because it cannot be done for {failed} of {people} people. Have it done for the others without them (`SKIP_FAILED`)."
    );
    Refusal::new(Code::Invalid, text)
}

/// Tells whoever asked for it, in the app: once, because this transaction is.
async fn announce(work: &mut Work, job: &bulk_job::Model) -> Result<()> {
    let asked = user::Entity::find_by_id((job.account_id, job.created_by))
        .one(work.reader())
        .await?;
    if let Some(user) = asked.filter(|user| user.status == user::Status::Active) {
        notify(work, job.account_id, &[user.id], &notice::of(job)).await?;
    }
    Ok(())
}
