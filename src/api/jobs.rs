//! What imports and exports have in common: they run in the background, tell how far they are, and may leave a file.

use async_graphql::Enum;
use chrono::{DateTime, Utc};
use entity::{export, import};

use crate::exports::{self, Export};
use crate::imports::report_link::DownloadLink;
use crate::imports::{self, Import};
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

impl JobStatus {
    /// What is taken back runs once more, and what it came to before is in its figures.
    pub fn of_import(import: &Import) -> Self {
        use import::{Phase, Status};
        match import.0.status {
            _ if import.0.phase == Phase::Undoing => Self::Running,
            _ if imports::step::is_undone(&import.0) => Self::Undone,
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

    pub fn of_export(export: &Export) -> Self {
        use export::Status;
        match export.0.status {
            Status::Queued => Self::Queued,
            Status::Running => Self::Running,
            Status::Cancelling => Self::Cancelling,
            Status::Succeeded => Self::Succeeded,
            Status::Failed => Self::Failed,
            Status::Cancelled => Self::Cancelled,
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

impl From<import::Phase> for JobPhase {
    fn from(phase: import::Phase) -> Self {
        use import::Phase;
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
        use export::Status;
        match status {
            Status::Queued => Self::Waiting,
            Status::Running | Status::Cancelling => Self::Writing,
            Status::Succeeded | Status::Failed | Status::Cancelled => Self::Done,
        }
    }
}

enum_leaf!(JobStatus, JobPhase);

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
    } = Import(Import) | Export(Export)
}

/// How far a job is.
#[derive(Clone, Debug)]
pub struct JobProgress {
    sequence: i32,
    phase: JobPhase,
    processed: i32,
    total: Option<i32>,
    succeeded: i32,
    failed: i32,
    skipped: i32,
    percent: i32,
    store_away_since: Option<DateTime<Utc>>,
    updated_at: DateTime<Utc>,
}

impl From<&import::Model> for JobProgress {
    fn from(import: &import::Model) -> Self {
        Self {
            sequence: import.sequence,
            phase: import.phase.into(),
            processed: import.processed,
            total: import.total,
            succeeded: import.succeeded,
            failed: import.failed,
            skipped: import.skipped,
            percent: percent(import.processed, import.total, imports::step::is_final(import.status)),
            store_away_since: import.store_away_since,
            updated_at: import.updated_at,
        }
    }
}

impl From<&export::Model> for JobProgress {
    fn from(export: &export::Model) -> Self {
        Self {
            sequence: export.sequence,
            phase: export.status.into(),
            processed: export.processed,
            total: export.total,
            succeeded: export.processed,
            failed: 0,
            skipped: 0,
            percent: percent(export.processed, export.total, exports::step::is_final(export.status)),
            store_away_since: export.store_away_since,
            updated_at: export.updated_at,
        }
    }
}

impl Object for JobProgress {
    const NAME: &'static str = "JobProgress";
    const DOC: &'static str = "How far a job is; a consistent snapshot.";

    fn describe(t: &mut Type<Self>) {
        t.value("sequence", |progress| progress.sequence)
            .doc("Grows by at least one with every change; the resume point of `importProgress`.");
        t.value("phase", |progress| progress.phase)
            .doc("What it is doing.");
        t.value("processed", |progress| progress.processed)
            .doc("Rows done: `succeeded`, `failed` and `skipped` together. Of an export the people, seats or events that are written.");
        t.value("total", |progress| progress.total)
            .doc("Null until counted.");
        t.value("succeeded", |progress| progress.succeeded)
            .doc("Rows that were applied or were so already; all that an export has written.");
        t.value("failed", |progress| progress.failed)
            .doc("Rows that could not be applied; of an export none.");
        t.value("skipped", |progress| progress.skipped)
            .doc("Rows that were not tried: duplicates, and those not processed; of an export none.");
        t.value("percent", |progress| progress.percent)
            .doc("`processed` of `total`, rounded down: 0 to 100, never falls. A dry run processes nothing: it stays at 0 until it is confirmed.");
        t.value("fileStoreAwaySince", |progress| progress.store_away_since)
            .doc("Since when the work stands still because the file store does not answer. It goes on by itself when the store does; after a day of waiting the job fails. Null while nothing is waited for.");
        t.value("updatedAt", |progress| progress.updated_at)
            .doc("When any of this last changed.");
    }
}

/// `processed` of `total`. Where nothing was counted before the end, the end is all there is.
fn percent(processed: i32, total: Option<i32>, is_final: bool) -> i32 {
    match total.filter(|total| *total > 0) {
        Some(total) => {
            let done = i64::from(processed.min(total)) * 100 / i64::from(total);
            i32::try_from(done).unwrap_or_default()
        }
        None if is_final => 100,
        None => 0,
    }
}

impl Object for DownloadLink {
    const NAME: &'static str = "DownloadLink";
    const DOC: &'static str =
        "A link to a file, made for the viewer when asked for and good for five minutes.";

    fn describe(t: &mut Type<Self>) {
        t.text("url", |link| &link.url)
            .doc("Where the file is, signed: whoever has the address can read it until it lapses.");
        t.text("filename", |link| &link.filename)
            .doc("The name to keep it under.");
        t.value("byteSize", |link| link.byte_size)
            .doc("Length of the file in bytes.");
        t.value("expiresAt", |link| link.expires_at)
            .doc("Until when the link is good.");
    }
}
