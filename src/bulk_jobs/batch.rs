//! One batch of people, one transaction: what is done for them, what became of each, the counters and the event commit together.

use chrono::Duration;
use entity::bulk_job_item::{self, Column, Entity, Outcome};
use entity::ids::numbered;
use entity::import::{OnError, Phase, Status};
use entity::import_row::Problems;
use entity::{bulk_job, ids};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use super::step;
use super::task::{self, Came};
use crate::access::Action;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Work};
use crate::error::Result;

/// People of one transaction: few enough that a click waits no longer than it takes to notice, many enough that commits cost nothing.
const BATCH: u64 = 500;

/// What a batch found when it came to work.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// People were seen to.
    Done,
    /// Nobody is left, or somebody cancelled.
    Over,
    /// All or nothing, and it cannot be done for somebody: nothing was. These say for whom and why.
    Rejected(Vec<Came>),
}

/// Does a batch and books it.
#[derive(Clone, Debug)]
pub struct ApplyBatch {
    pub lease: Lease,
    pub lease_for: Duration,
    /// What the task needs.
    pub action: Action,
}

impl Command for ApplyBatch {
    type Output = Progress;
    const NAME: &'static str = "bulk_jobs.apply_batch";

    fn action(&self) -> Action {
        self.action
    }

    async fn apply(self, work: &mut Work) -> Result<Progress> {
        jobs::hold(work, &self.lease, self.lease_for).await?;
        let mut job = step::load(work, self.lease.account_id, self.lease.subject_id).await?;
        if job.status == Status::Cancelling {
            return Ok(Progress::Over);
        }
        let all_or_nothing = job.on_error == OnError::RejectAll;
        let size = (!all_or_nothing).then_some(BATCH);
        let items = to_come(work, &job, size).await?;
        if items.is_empty() {
            return Ok(Progress::Over);
        }
        let users = items.iter().map(|item| item.user_id).collect();
        let came = task::carry_out(work, &job.task, users).await?;
        if all_or_nothing && came.iter().any(|came| came.outcome == Outcome::Failed) {
            work.take_back();
            return Ok(Progress::Rejected(came));
        }
        let places = record(work, &mut job, items, came).await?;
        job.started_at = job.started_at.or(Some(work.now()));
        job.status = Status::Running;
        job.phase = Phase::Applying;
        step::store(work, &mut job, places).await?;
        work.touch(ids::Kind::BulkJob.text(job.id));
        Ok(Progress::Done)
    }
}

/// Those whose turn it is next: so many, or all.
pub async fn to_come(
    work: &Work,
    job: &bulk_job::Model,
    most: Option<u64>,
) -> Result<Vec<bulk_job_item::Model>> {
    Ok(Entity::find()
        .filter(Column::AccountId.eq(job.account_id))
        .filter(Column::Id.gt(numbered(job.id, job.processed)))
        .filter(Column::Id.lte(numbered(job.id, i32::MAX)))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(work.reader())
        .await?)
}

/// Writes what became of people and counts them. Answers their first and last place.
pub async fn record(
    work: &Work,
    job: &mut bulk_job::Model,
    items: Vec<bulk_job_item::Model>,
    came: Vec<Came>,
) -> Result<Option<(i32, i32)>> {
    let ends = items.first().zip(items.last());
    let places = ends.map(|(first, last)| (first.place, last.place));
    let mut rows = Vec::with_capacity(items.len());
    for (item, came) in items.into_iter().zip(came) {
        step::count(job, came.outcome, 1);
        rows.push(bulk_job_item::ActiveModel {
            account_id: Set(item.account_id),
            id: Set(item.id),
            bulk_job_id: Set(item.bulk_job_id),
            place: Set(item.place),
            user_id: Set(item.user_id),
            outcome: Set(Some(came.outcome)),
            problems: Set((!came.problems.is_empty()).then_some(Problems(came.problems))),
        });
    }
    // They are there already: so one statement says of each what became of it.
    let known = OnConflict::columns([Column::AccountId, Column::Id])
        .update_columns([Column::Outcome, Column::Problems])
        .to_owned();
    work.insert_or(rows, known).await?;
    Ok(places)
}
