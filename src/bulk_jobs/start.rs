//! Asking for something to be done for many people: whom it is for is written down with it.

use entity::bulk_job::Task;
use entity::import::{Counts, OnError, Phase, Status};
use entity::{bulk_job, bulk_job_item, ids};
use sea_orm::ActiveValue::Set;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{step, task};
use crate::access::{Action, Actor};
use crate::app::App;
use crate::background::jobs;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::idempotency::Repeat;
use crate::rate_limit::{of_account, rates, take};

/// Has a task done for people, in order.
#[derive(Clone, Debug)]
pub struct StartBulkJob {
    pub task: Task,
    pub on_error: OnError,
    pub users: Vec<Uuid>,
}

impl Command for StartBulkJob {
    type Output = Uuid;
    const NAME: &'static str = "bulk_jobs.start";

    fn action(&self) -> Action {
        task::action(&self.task)
    }

    async fn apply(self, work: &mut Work) -> Result<Uuid> {
        let member = work.member()?.clone();
        take(work, &of_account(rates::BULK_JOBS, member.account_id)).await?;
        task::check(work, &self.task).await?;
        if self.on_error == OnError::RejectAll {
            task::check_size(&self.task, self.users.len())?;
        }
        let job = bulk_job::Model {
            account_id: member.account_id,
            id: work.new_id(),
            created_by: member.user_id,
            token_id: work.actor().token().map(|token| token.id),
            task: self.task,
            on_error: self.on_error,
            status: Status::Queued,
            phase: Phase::Waiting,
            sequence: 1,
            processed: 0,
            total: i32::try_from(self.users.len()).unwrap_or(i32::MAX),
            succeeded: 0,
            failed: 0,
            skipped: 0,
            outcomes: Counts::default(),
            failure_code: None,
            failure_message: None,
            created_at: work.now(),
            started_at: None,
            updated_at: work.now(),
            finished_at: None,
        };
        work.insert(vec![bulk_job::ActiveModel::from(job.clone())])
            .await?;
        let item = |(place, user_id)| bulk_job_item::ActiveModel {
            account_id: Set(job.account_id),
            id: Set(ids::numbered(job.id, place)),
            bulk_job_id: Set(job.id),
            place: Set(place),
            user_id: Set(user_id),
            outcome: Set(None),
            problems: Set(None),
        };
        work.insert((1..).zip(self.users).map(item).collect()).await?;
        step::tell(work, &job, None).await?;
        jobs::enqueue(work, jobs::Kind::Bulk, job.account_id, job.id).await?;
        work.touch(ids::Kind::BulkJob.text(job.id));
        Ok(job.id)
    }
}

/// A few are seen to at once, many in the background. Which of the two it is, whoever calls finds out by counting who matches.
#[derive(Clone, Debug)]
pub enum NowOrLater<C> {
    Now(C),
    Later(StartBulkJob),
}

/// What either came to. As it is kept with a key, the outcomes of what was done at once are as they always were.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Answer<T> {
    Done(T),
    Begun { job: Uuid },
}

impl<C: Command> Command for NowOrLater<C> {
    type Output = Answer<C::Output>;
    const NAME: &'static str = C::NAME;
    /// The command within leaves its own row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        match self {
            Self::Now(command) => command.action(),
            Self::Later(job) => job.action(),
        }
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        match self {
            Self::Now(command) => command.prepare(app, actor).await,
            Self::Later(job) => job.prepare(app, actor).await,
        }
    }

    async fn apply(self, work: &mut Work) -> Result<Self::Output> {
        Ok(match self {
            Self::Now(command) => Answer::Done(work.run(command).await?),
            Self::Later(job) => Answer::Begun {
                job: work.run(job).await?,
            },
        })
    }
}

impl<T: Clone + Serialize + DeserializeOwned + Send + Sync> Repeat for Answer<T> {
    type Kept = Self;

    fn keep(&self) -> Self {
        self.clone()
    }

    async fn again(kept: Self, _: &Work) -> Result<Self> {
        Ok(kept)
    }
}
