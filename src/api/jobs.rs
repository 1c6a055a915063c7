//! What clients see of all that is done in the background, whatever it is.

use async_graphql::Enum;
use chrono::{DateTime, Utc};
use entity::import::{OnError, Phase, Status};

use crate::api::bulk::BulkErrorPolicy;
use crate::bulk_jobs::BulkJob;
use crate::imports::Import;
use crate::read::follow::EventKind;
use graphql::{Object, Type, enum_leaf, interface};

/// Life cycle of a job; those from SUCCEEDED on are final.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// It waits for its turn.
    Queued,
    /// It is being worked on.
    Running,
    /// A dry run is done and waits for confirmImport.
    AwaitingConfirmation,
    /// It was cancelled and stops after the batch at hand.
    Cancelling,
    /// Done, every row.
    Succeeded,
    /// Done, with some rows failed.
    SucceededWithErrors,
    /// The whole job could not be done; for an import: nothing was changed, or what was done is in the rows.
    Failed,
    /// It was stopped; rows done until then stay done.
    Cancelled,
    /// An import that was taken back by undoImport; what it left says so in its rows.
    Undone,
}

impl From<Status> for JobStatus {
    fn from(status: Status) -> Self {
        match status {
            Status::Queued => Self::Queued,
            Status::Running => Self::Running,
            Status::AwaitingConfirmation => Self::AwaitingConfirmation,
            Status::Cancelling => Self::Cancelling,
            Status::Succeeded => Self::Succeeded,
            Status::SucceededWithErrors => Self::SucceededWithErrors,
            Status::Failed => Self::Failed,
            Status::Cancelled => Self::Cancelled,
        }
    }
}

/// What a job is doing.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Phase")]
pub enum JobPhase {
    /// It waits for its turn or for its confirmation, or its file is being fetched and read.
    Waiting,
    /// Reserved: fetching the file is part of `WAITING` so far.
    Downloading,
    /// Reserved: reading the file is part of `WAITING` so far.
    Parsing,
    /// Judging rows: all that a dry run does, and what comes before the first batch is applied.
    Validating,
    /// Applying rows, batch by batch.
    Applying,
    /// Reserved: whoever started it is told how it ended in the same step that ends it.
    Notifying,
    /// Nothing more.
    Done,
    /// Taking back what was applied, batch by batch, from the last row to the first; `Import.undo` says how far.
    Undoing,
}

/// Why an event was sent.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "EventKind")]
pub enum JobEventKind {
    /// The first of a subscription: where the job stands.
    Snapshot,
    /// Rows, or people, were done.
    Progress,
    /// Status or phase changed, and nothing else.
    Status,
    /// Nothing changed for 15 seconds; the job is still followed.
    Heartbeat,
}

enum_leaf!(JobStatus, JobPhase, JobEventKind);

/// As clients see it.
pub const fn policy(on_error: OnError) -> BulkErrorPolicy {
    match on_error {
        OnError::RejectAll => BulkErrorPolicy::RejectAll,
        OnError::SkipFailed => BulkErrorPolicy::SkipFailed,
    }
}

/// As it is kept.
pub const fn on_error(policy: BulkErrorPolicy) -> OnError {
    match policy {
        BulkErrorPolicy::RejectAll => OnError::RejectAll,
        BulkErrorPolicy::SkipFailed => OnError::SkipFailed,
    }
}

interface! {
    /// Background work.
    Job {
        "id": "ID!" => "Global id.",
        "status": "JobStatus!" => "Where it stands.",
        "progress": "JobProgress!" => "How far it is.",
        "createdAt": "DateTime!" => "When it was asked for.",
        "startedAt": "DateTime" => "When work on it began; null until then.",
        "finishedAt": "DateTime" => "When it came to its end; null until then.",
        "createdBy": "User" => "Who asked for it.",
        "isCancellable": "Boolean!" => "Whether it can be cancelled now.",
        "failure": "UserError" => "Why the whole job failed.",
    } = Import(Import) | BulkJob(BulkJob)
}

/// How far a job is.
#[derive(Clone, Debug)]
pub struct JobProgress {
    pub sequence: i32,
    pub phase: JobPhase,
    pub processed: i32,
    /// `None` until counted.
    pub total: Option<i32>,
    pub succeeded: i32,
    pub failed: i32,
    pub skipped: i32,
    pub has_ended: bool,
    pub store_away_since: Option<DateTime<Utc>>,
    pub updated_at: DateTime<Utc>,
}

impl Object for JobProgress {
    const NAME: &'static str = "JobProgress";
    const DOC: &'static str = "How far a job is; a consistent snapshot.";

    fn describe(t: &mut Type<Self>) {
        t.value("sequence", |progress| progress.sequence)
            .doc("Grows by at least one with every change; the resume point of progress subscriptions.");
        t.value("phase", |progress| progress.phase)
            .doc("What it is doing.");
        t.value("processed", |progress| progress.processed)
            .doc("Rows of a file, or people, that are done: `succeeded`, `failed` and `skipped` together.");
        t.value("total", |progress| progress.total)
            .doc("Null until counted.");
        t.value("succeeded", |progress| progress.succeeded)
            .doc("Those that were applied.");
        t.value("failed", |progress| progress.failed)
            .doc("Those that could not be applied.");
        t.value("skipped", |progress| progress.skipped)
            .doc("Those with which nothing was to be done: as they should be already, duplicates, and those not processed.");
        t.value("percent", |progress| percent(progress))
            .doc("`processed` of `total`, rounded down: 0 to 100, never falls. A dry run processes nothing: it stays at 0 until it is confirmed.");
        t.value("fileStoreAwaySince", |progress| progress.store_away_since)
            .doc("Since when the work stands still because the file store does not answer. It goes on by itself when the store does; after a day of waiting the job fails. Null while nothing is waited for.");
        t.value("updatedAt", |progress| progress.updated_at)
            .doc("When any of this last changed.");
    }
}

/// `processed` of `total`. Where nothing was counted before the end, the end is all there is.
fn percent(progress: &JobProgress) -> i32 {
    match progress.total.filter(|total| *total > 0) {
        Some(total) => {
            let done = i64::from(progress.processed) * 100 / i64::from(total);
            i32::try_from(done).unwrap_or_default()
        }
        None if progress.has_ended => 100,
        None => 0,
    }
}
