//! What clients see of all that is done in the background, whatever it is.

use async_graphql::Enum;
use chrono::{DateTime, Utc};
use entity::export;
use entity::import::{OnError, Phase, Status};

use crate::api::bulk::BulkErrorPolicy;
use crate::bulk_jobs::BulkJob;
use crate::exports::Export;
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
    /// The whole job could not be done; for an import: nothing was changed, or what was done is in the rows. Of an export there is no file.
    Failed,
    /// It was stopped; rows done until then stay done, and of an export there is no file.
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

impl From<export::Status> for JobStatus {
    fn from(status: export::Status) -> Self {
        match status {
            export::Status::Queued => Self::Queued,
            export::Status::Running => Self::Running,
            export::Status::Cancelling => Self::Cancelling,
            export::Status::Succeeded => Self::Succeeded,
            export::Status::Failed => Self::Failed,
            export::Status::Cancelled => Self::Cancelled,
        }
    }
}

/// What a job is doing.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Writing the file of an export.
    Writing,
}

impl From<Phase> for JobPhase {
    fn from(phase: Phase) -> Self {
        match phase {
            Phase::Waiting => Self::Waiting,
            Phase::Downloading => Self::Downloading,
            Phase::Parsing => Self::Parsing,
            Phase::Validating => Self::Validating,
            Phase::Applying => Self::Applying,
            Phase::Notifying => Self::Notifying,
            Phase::Done => Self::Done,
            Phase::Undoing => Self::Undoing,
        }
    }
}

impl From<export::Status> for JobPhase {
    fn from(status: export::Status) -> Self {
        match status {
            export::Status::Queued => Self::Waiting,
            export::Status::Running | export::Status::Cancelling => Self::Writing,
            export::Status::Succeeded | export::Status::Failed | export::Status::Cancelled => Self::Done,
        }
    }
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
    } = Import(Import) | BulkJob(BulkJob) | Export(Export)
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
            .doc("Rows of a file, or people, that are done: `succeeded`, `failed` and `skipped` together. Of an export the people, seats or events that are written.");
        t.value("total", |progress| progress.total)
            .doc("Null until counted.");
        t.value("succeeded", |progress| progress.succeeded)
            .doc("Those that were applied; of an export all that are written.");
        t.value("failed", |progress| progress.failed)
            .doc("Those that could not be applied.");
        t.value("skipped", |progress| progress.skipped)
            .doc("Those with which nothing was to be done: as they should be already, duplicates, and those not processed.");
        t.value("percent", percent)
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
            let done = i64::from(progress.processed.min(total)) * 100 / i64::from(total);
            i32::try_from(done).unwrap_or_default()
        }
        None if progress.has_ended => 100,
        None => 0,
    }
}
