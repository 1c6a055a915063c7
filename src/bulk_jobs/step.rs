//! Writing a job's row: every change counts its sequence up and leaves an event, in the same transaction.

use entity::bulk_job::{self, Column, Entity};
use entity::bulk_job_event::{self, Snapshot};
use entity::bulk_job_item::Outcome;
use entity::ids::numbered;
use entity::import::{Phase, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::{Error, Refusal, Result};
use crate::platform::events::Wake;

/// Whether nothing changes any more.
pub const fn is_final(status: Status) -> bool {
    matches!(
        status,
        Status::Succeeded | Status::SucceededWithErrors | Status::Failed | Status::Cancelled
    )
}

/// Adds people to the counters.
pub fn count(job: &mut bulk_job::Model, outcome: Outcome, people: i32) {
    if people == 0 {
        return;
    }
    job.processed += people;
    match outcome {
        Outcome::Applied | Outcome::Waitlisted => job.succeeded += people,
        Outcome::Failed => job.failed += people,
        Outcome::Unchanged | Outcome::NotProcessed => job.skipped += people,
    }
    *job.outcomes.0.entry(outcome.to_value()).or_default() += people;
}

/// Notes why the whole job failed.
pub fn fail(job: &mut bulk_job::Model, refusal: &Refusal) {
    job.status = Status::Failed;
    job.failure_code = Some(refusal.code.name());
    job.failure_message = Some(refusal.message.clone());
}

/// The job as it is now, read under the account's lock.
pub async fn load(work: &Work, account_id: Uuid, id: Uuid) -> Result<bulk_job::Model> {
    let found = Entity::find_by_id((account_id, id)).one(work.reader()).await?;
    found.ok_or_else(|| Error::internal("a job that is worked on is gone"))
}

/// Writes the job as it has become, and the event that says so.
pub async fn store(work: &mut Work, job: &mut bulk_job::Model, places: Option<(i32, i32)>) -> Result<()> {
    job.sequence += 1;
    job.updated_at = work.now();
    if is_final(job.status) {
        job.phase = Phase::Done;
        job.finished_at = job.finished_at.or(Some(work.now()));
    }
    let now = job.clone();
    let update = Entity::update_many()
        .col_expr(Column::Status, Expr::value(now.status))
        .col_expr(Column::Phase, Expr::value(now.phase))
        .col_expr(Column::Sequence, Expr::value(now.sequence))
        .col_expr(Column::Processed, Expr::value(now.processed))
        .col_expr(Column::Succeeded, Expr::value(now.succeeded))
        .col_expr(Column::Failed, Expr::value(now.failed))
        .col_expr(Column::Skipped, Expr::value(now.skipped))
        .col_expr(Column::Outcomes, Expr::value(now.outcomes))
        .col_expr(Column::FailureCode, Expr::value(now.failure_code))
        .col_expr(Column::FailureMessage, Expr::value(now.failure_message))
        .col_expr(Column::StartedAt, Expr::value(now.started_at))
        .col_expr(Column::UpdatedAt, Expr::value(now.updated_at))
        .col_expr(Column::FinishedAt, Expr::value(now.finished_at))
        .filter(Column::AccountId.eq(now.account_id))
        .filter(Column::Id.eq(now.id));
    work.update(update).await?;
    tell(work, job, places).await
}

/// Writes the event of the job's present sequence.
pub async fn tell(work: &mut Work, job: &bulk_job::Model, places: Option<(i32, i32)>) -> Result<()> {
    let event = bulk_job_event::ActiveModel {
        account_id: Set(job.account_id),
        id: Set(numbered(job.id, job.sequence)),
        bulk_job_id: Set(job.id),
        sequence: Set(job.sequence),
        snapshot: Set(Snapshot {
            status: job.status.to_value(),
            phase: job.phase.to_value(),
            processed: job.processed,
            succeeded: job.succeeded,
            failed: job.failed,
            skipped: job.skipped,
            outcomes: job.outcomes.clone(),
            has_started: job.started_at.is_some(),
            places,
        }),
        created_at: Set(work.now()),
    };
    work.insert(vec![event]).await?;
    work.wake(Wake::BulkJob {
        account_id: job.account_id,
        id: job.id,
    });
    Ok(())
}
