//! Working through a job, from wherever it stands.

use chrono::Duration;
use entity::{account, bulk_job, user};
use sea_orm::EntityTrait;

use super::batch::{ApplyBatch, Progress};
use super::finish::{End, Finish};
use super::{step, task};
use crate::access::{Actor, Member, Origin};
use crate::api_tokens::by_id;
use crate::app::App;
use crate::background::jobs::Lease;
use crate::error::{Code, Error, Refusal, Result};

/// Does what is left to do of a job. Errors are the platform's: it is put back and tried again.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let lease_for = app.settings().job_lease;
    let job = bulk_job::Entity::find_by_id((lease.account_id, lease.subject_id))
        .one(app.reader())
        .await?;
    // Where the database is spread over several machines its row may become visible a moment later: the job is put back.
    let job = job.ok_or_else(|| Error::internal("the job is not there, or not there yet"))?;
    let end = match work_through(app, lease, lease_for, &job).await {
        Ok(end) => end,
        // Whoever asked for it may not go on with it: that ends the job, not the worker.
        Err(Error::Forbidden | Error::SessionExpired) => {
            let text = "Whoever asked for this may not do it any more.";
            End::Failed(Refusal::new(Code::JobFailed, text))
        }
        Err(Error::Refused(refusals)) => match refusals.into_iter().next() {
            Some(refusal) => End::Failed(refusal),
            None => return Ok(()),
        },
        Err(error) => return Err(error),
    };
    finish(app, lease, end).await
}

/// Ends a job that was given up.
pub async fn give_up(app: &App, lease: &Lease) -> Result<()> {
    let text = "The job could not be finished for a reason on our side. What was done stays done; ask for the rest anew.";
    finish(app, lease, End::Failed(Refusal::new(Code::JobFailed, text))).await
}

async fn finish(app: &App, lease: &Lease, end: End) -> Result<()> {
    let finish = Finish {
        lease: lease.clone(),
        lease_for: app.settings().job_lease,
        end,
    };
    app.run(&Actor::Platform, finish).await
}

async fn work_through(app: &App, lease: &Lease, lease_for: Duration, job: &bulk_job::Model) -> Result<End> {
    if step::is_final(job.status) {
        return Ok(End::Over);
    }
    loop {
        let actor = actor(app, job).await?;
        let batch = ApplyBatch {
            lease: lease.clone(),
            lease_for,
            action: task::action(&job.task),
        };
        match app.run(&actor, batch).await? {
            Progress::Done => {}
            Progress::Over => return Ok(End::Over),
            Progress::Rejected(came) => return Ok(End::Rejected(came)),
        }
    }
}

/// Whoever asked for it, with the rights of this moment; who asked with a token, with those of the token.
async fn actor(app: &App, job: &bulk_job::Model) -> Result<Actor> {
    let origin = Origin {
        request_id: job.id.to_string(),
        ..Origin::default()
    };
    let (token, on_behalf_of) = match job.token_id {
        Some(id) => match by_id(app, job.account_id, id, origin).await? {
            Some(Actor::ApiToken { token, on_behalf_of }) => (Some(token), on_behalf_of),
            _ => return Err(Error::Forbidden),
        },
        None => {
            let db = app.reader();
            let user = user::Entity::find_by_id((job.account_id, job.created_by)).one(db);
            let account = account::Entity::find_by_id(job.account_id).one(db);
            let (user, account) = user.await?.zip(account.await?).ok_or(Error::Forbidden)?;
            (None, Member::absent(&account, user, origin))
        }
    };
    Ok(Actor::Job {
        job_id: job.id,
        token,
        on_behalf_of,
    })
}
