//! What is done in the background for all who match, as clients see it.

mod event;
mod item;
mod mutations;

use async_graphql::{Enum, InputObject};
use entity::bulk_job::Task;
use entity::bulk_job_item::Outcome;
use entity::ids::Kind;
use entity::import::Status;

pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::errors::UserError;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::jobs::{Job, JobProgress, JobStatus, policy};
use crate::api::node::Node;
use crate::bulk_jobs::{BulkJob, is_final};
use crate::error::{Code, Refusal, Result};
use crate::read::Scope;
use crate::users::User;
use graphql::{Connection, Object, Rows, Type, Wants, enum_leaf};

/// What is done for each. More will be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum BulkJobAction {
    /// They are given seats: `assignSeats`.
    AssignSeats,
    /// A seat is taken back from them: `unassignSeats`.
    UnassignSeats,
    /// They come into a group: `addGroupMembers`.
    AddGroupMembers,
    /// They leave a group: `removeGroupMembers`.
    RemoveGroupMembers,
}

/// What became of it for one person. The counts of all outcomes always add up to the number of people done.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Outcome")]
pub enum BulkJobOutcome {
    /// It was done.
    Applied,
    /// Everything was so already.
    Unchanged,
    /// No seat was left, and they wait for one.
    Waitlisted,
    /// It could not be done, or not all of it; `userErrors` say why.
    Failed,
    /// The job came to its end before it was their turn.
    NotProcessed,
}

enum_leaf!(BulkJobAction, BulkJobOutcome);

const fn action(task: &Task) -> BulkJobAction {
    match task {
        Task::AssignSeats { .. } => BulkJobAction::AssignSeats,
        Task::UnassignSeats { .. } => BulkJobAction::UnassignSeats,
        Task::AddGroupMembers { .. } => BulkJobAction::AddGroupMembers,
        Task::RemoveGroupMembers { .. } => BulkJobAction::RemoveGroupMembers,
    }
}

impl Object for BulkJob {
    const NAME: &'static str = "BulkJob";
    const DOC: &'static str = "One thing done in the background for many people: those who matched when it was asked for, in the order in which they were added.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Job>();
        t.value("id", |job| Gid(Kind::BulkJob, job.0.id))
            .doc("Global id.");
        t.value("status", |job| JobStatus::from(job.0.status))
            .doc("Where it stands.");
        t.child("progress", progress).doc("How far it is.");
        t.value("createdAt", |job| job.0.created_at)
            .doc("When it was asked for.");
        t.value("startedAt", |job| job.0.started_at)
            .doc("When work on it began; null until then.");
        t.value("finishedAt", |job| job.0.finished_at)
            .doc("When it came to its end; null until then.");
        t.reference::<User, _>("createdBy", |job| Some(job.0.created_by))
            .doc("Who asked for it, or whose API token did.");
        t.value("isCancellable", |job| {
            !is_final(job.0.status) && job.0.status != Status::Cancelling
        })
        .doc("Whether it can be cancelled now.");
        t.any_opt::<UserError, _, _>("failure", failures)
            .doc("Why the whole job failed.");
        t.value("action", |job| action(&job.0.task))
            .doc("What is done for each.");
        t.value("onError", |job| policy(job.0.on_error))
            .doc("What is done when it cannot be done for some: by default nothing for anybody, in one transaction.");
        t.children("outcomeCounts", outcome_counts)
            .doc("People done by outcome; adds up to progress.processed.");
        item::on_job(t);
        t.values("itemsKeptUntil", items_kept_until)
            .doc("Until when `items` are kept: they are deleted afterwards, and the job itself stays. Null as long as it has not finished.");
    }
}

fn progress(job: &BulkJob) -> JobProgress {
    let model = &job.0;
    JobProgress {
        sequence: model.sequence,
        phase: model.phase.into(),
        processed: model.processed,
        total: Some(model.total),
        succeeded: model.succeeded,
        failed: model.failed,
        skipped: model.skipped,
        has_ended: is_final(model.status),
        store_away_since: None,
        updated_at: model.updated_at,
    }
}

async fn items_kept_until(
    scope: Scope,
    jobs: Rows<BulkJob>,
) -> Result<Vec<Option<chrono::DateTime<chrono::Utc>>>> {
    let kept = scope.app().settings().retention.rows_of_imports();
    let until = |job: &BulkJob| job.0.finished_at.map(|finished| finished + kept);
    Ok(jobs.iter().map(until).collect())
}

async fn failures(_: Scope, jobs: Rows<BulkJob>) -> Result<Vec<Option<UserError>>> {
    let failure = |job: &BulkJob| {
        let code = Code::from_name(job.0.failure_code.as_deref()?).unwrap_or(Code::JobFailed);
        let refusal = Refusal::new(code, job.0.failure_message.clone().unwrap_or_default());
        Some(refusal.into())
    };
    Ok(jobs.iter().map(failure).collect())
}

/// For how many people it came to an outcome.
#[derive(Clone, Copy, Debug)]
pub struct BulkJobOutcomeCount(BulkJobOutcome, i32);

impl Object for BulkJobOutcomeCount {
    const NAME: &'static str = "BulkJobOutcomeCount";
    const DOC: &'static str = "For how many people it came to an outcome.";

    fn describe(t: &mut Type<Self>) {
        t.value("outcome", |count| count.0).doc("Which outcome.");
        t.value("count", |count| count.1)
            .doc("For how many people; outcomes of nobody are left out.");
    }
}

fn outcome_counts(job: &BulkJob) -> Vec<BulkJobOutcomeCount> {
    use sea_orm::{ActiveEnum, Iterable};
    let count = |outcome: Outcome| {
        let count = job.0.outcomes.0.get(&outcome.to_value()).copied()?;
        Some(BulkJobOutcomeCount(outcome.into(), count))
    };
    Outcome::iter().filter_map(count).collect()
}

#[derive(InputObject, Debug)]
struct BulkJobPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Account.bulkJobs`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("bulkJobs", jobs)
        .doc("What is done in the background for many people, the latest first.")
        .guard(Permission::UsersRead);
}

async fn jobs(scope: Scope, args: BulkJobPageArgs, wants: Wants) -> Result<Connection<BulkJob>> {
    let page = BulkJob::page(&scope, &args.page.into(), wants.field("totalCount")).await?;
    Ok(page.into())
}
