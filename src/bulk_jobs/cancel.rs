//! Cancelling: between two batches.

use entity::bulk_job::Entity;
use entity::ids::Kind;
use entity::import::Status;
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::read::{BulkJob, missing};
use super::{step, task};
use crate::access::{Action, permit};
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

/// Has a job stop. Whoever may ask for its task may.
#[derive(Clone, Debug)]
pub struct CancelBulkJob {
    pub job_id: Uuid,
}

impl Command for CancelBulkJob {
    type Output = BulkJob;
    const NAME: &'static str = "bulk_jobs.cancel";

    fn action(&self) -> Action {
        Action::ReadUsers
    }

    async fn apply(self, work: &mut Work) -> Result<BulkJob> {
        let account_id = work.account_id()?;
        let found = Entity::find_by_id((account_id, self.job_id))
            .one(work.reader())
            .await?;
        let mut job = found.ok_or_else(|| missing().at("input.bulkJobId"))?;
        permit(work.actor(), task::action(&job.task))?;
        match job.status {
            Status::Cancelling | Status::Cancelled => return Ok(job.into()),
            status if step::is_final(status) => {
                let text = "This job has come to its end already.";
                return Err(Refusal::new(Code::JobNotCancellable, text)
                    .at("input.bulkJobId")
                    .into());
            }
            _ => job.status = Status::Cancelling,
        }
        step::store(work, &mut job, None).await?;
        work.touch(Kind::BulkJob.text(job.id));
        Ok(job.into())
    }
}
