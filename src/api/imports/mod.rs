//! Imports as clients see them.

mod columns;
mod event;
mod mutations;
mod preview;
mod row;
mod source;
mod undo;

use std::sync::Arc;

use async_graphql::{Enum, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::import;
use entity::import::{Mode, OnError, Phase, Status};

use preview::{ImportPreview, outcome_counts};
use undo::ImportUndo;

use crate::imports::report_link::{DownloadLink, error_report};
use crate::imports::{Import, step};
pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::bulk::BulkErrorPolicy;
use crate::api::errors::UserError;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::{Code, Refusal, Result};
use crate::read::Scope;
use crate::users::User;
use graphql::{Connection, Object, Rows, Type, Wants, enum_leaf, interface};

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

impl JobStatus {
    /// What is taken back runs once more, and what it came to before is in its figures.
    fn of(import: &Import) -> Self {
        match import.0.status {
            _ if import.0.phase == Phase::Undoing => Self::Running,
            _ if step::is_undone(&import.0) => Self::Undone,
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

/// What a file holds.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "import::Kind")]
pub enum ImportKind {
    /// People: names, e-mail addresses, and perhaps role, products and external id.
    Users,
    /// People who all get a seat of the same products: names and e-mail addresses, other columns are ignored. Who is there already may be without names.
    Assignments,
    /// People from whom seats of the same products are taken back: e-mail addresses, other columns are ignored.
    Unassignments,
}

/// Whether rows are applied.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Mode")]
pub enum ImportMode {
    /// Judge every row, change nothing, then wait for confirmImport.
    DryRun,
    /// Apply the rows as they are judged.
    Apply,
}

enum_leaf!(JobStatus, JobPhase, ImportKind, ImportMode);

const fn policy(on_error: OnError) -> BulkErrorPolicy {
    match on_error {
        OnError::RejectAll => BulkErrorPolicy::RejectAll,
        OnError::SkipFailed => BulkErrorPolicy::SkipFailed,
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
    } = Import(Import)
}

impl Object for Import {
    const NAME: &'static str = "Import";
    const DOC: &'static str = "A CSV file being checked and applied in the background.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Job>();
        t.value("id", |import| Gid(Kind::Import, import.0.id))
            .doc("Global id.");
        t.value("status", JobStatus::of).doc("Where it stands.");
        t.child("progress", |import| JobProgress(import.0.clone()))
            .doc("How far it is.");
        t.value("createdAt", |import| import.0.created_at)
            .doc("When it was asked for.");
        t.value("startedAt", |import| import.0.started_at)
            .doc("When work on it began; null until then.");
        t.value("finishedAt", |import| import.0.finished_at)
            .doc("When it came to its end; null until then.");
        t.reference::<User, _>("createdBy", |import| Some(import.0.created_by))
            .doc("Who started it.");
        t.value("isCancellable", |import| {
            !step::is_final(import.0.status) && import.0.status != Status::Cancelling
        })
        .doc("Whether it can be cancelled now.");
        t.any_opt::<UserError, _, _>("failure", failures)
            .doc("Why the whole job failed; where in the file, `field` names line and column.");
        t.value("kind", |import| ImportKind::from(import.0.kind))
            .doc("What the file holds.");
        source::on_import(t);
        columns::on_import(t);
        t.value("mode", |import| ImportMode::from(import.0.mode))
            .doc("Whether rows are applied: `APPLY` from the confirmation on.");
        t.value("onError", |import| policy(import.0.on_error))
            .doc("What is done when some rows cannot be applied.");
        t.text("filename", |import| &import.0.filename)
            .doc("Name of the file, as it was announced.");
        t.children("outcomeCounts", outcome_counts)
            .doc("Rows done by outcome; adds up to progress.processed.");
        t.child_opt("preview", ImportPreview::of)
            .doc("Set once a dry run is done.");
        row::on_import(t);
        t.child_opt("undo", |import| import.0.undo.clone().map(ImportUndo))
            .doc("How far it is taken back; null as long as nobody asked for that.");
        t.values("rowsKeptUntil", rows_kept_until).doc(
            "Until when `rows` and `errorReport` are kept: both are deleted afterwards, and the import itself stays. Null as long as it has not finished.",
        );
        t.one_opt("errorReport", error_reports).doc(
            "CSV of the failed rows with a reason column; null while there are none. Cells are neutralised against formula injection.",
        );
    }
}

async fn rows_kept_until(scope: Scope, imports: Rows<Import>) -> Result<Vec<Option<DateTime<Utc>>>> {
    let kept = scope.app().settings().retention.rows_of_imports();
    let until = |import: &Import| import.0.finished_at.map(|finished| finished + kept);
    Ok(imports.iter().map(until).collect())
}

async fn failures(_: Scope, imports: Rows<Import>) -> Result<Vec<Option<UserError>>> {
    Ok(imports.iter().map(failure).collect())
}

fn failure(import: &Import) -> Option<UserError> {
    let code = import.0.failure_code.as_deref()?;
    let code = Code::from_name(code).unwrap_or(Code::ImportFailed);
    let refusal = Refusal {
        field: import.0.failure_field.clone().map(|field| field.0),
        ..Refusal::new(code, import.0.failure_message.clone().unwrap_or_default())
    };
    Some(refusal.into())
}

async fn error_reports(scope: Scope, imports: Rows<Import>) -> Result<Vec<Option<DownloadLink>>> {
    let links = imports.iter().map(|import| error_report(&scope, import));
    futures::future::try_join_all(links).await
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

/// How far an import is.
#[derive(Clone, Debug)]
pub struct JobProgress(Arc<import::Model>);

impl Object for JobProgress {
    const NAME: &'static str = "JobProgress";
    const DOC: &'static str = "How far a job is; a consistent snapshot.";

    fn describe(t: &mut Type<Self>) {
        t.value("sequence", |progress| progress.0.sequence)
            .doc("Grows by at least one with every change; the resume point of progress subscriptions.");
        t.value("phase", |progress| JobPhase::from(progress.0.phase))
            .doc("What it is doing.");
        t.value("processed", |progress| progress.0.processed)
            .doc("Rows done: `succeeded`, `failed` and `skipped` together.");
        t.value("total", |progress| progress.0.total)
            .doc("Null until counted.");
        t.value("succeeded", |progress| progress.0.succeeded)
            .doc("Rows that were applied or were so already.");
        t.value("failed", |progress| progress.0.failed)
            .doc("Rows that could not be applied.");
        t.value("skipped", |progress| progress.0.skipped)
            .doc("Rows that were not tried: duplicates, and those not processed.");
        t.value("percent", |progress| percent(&progress.0))
            .doc("`processed` of `total`, rounded down: 0 to 100, never falls. A dry run processes nothing: it stays at 0 until it is confirmed.");
        t.value("fileStoreAwaySince", |progress| progress.0.store_away_since)
            .doc("Since when the work stands still because the file store does not answer. It goes on by itself when the store does; after a day of waiting the job fails. Null while nothing is waited for.");
        t.value("updatedAt", |progress| progress.0.updated_at)
            .doc("When any of this last changed.");
    }
}

/// `processed` of `total`. Where nothing was counted before the end, the end is all there is.
fn percent(import: &import::Model) -> i32 {
    match import.total.filter(|total| *total > 0) {
        Some(total) => {
            let done = i64::from(import.processed) * 100 / i64::from(total);
            i32::try_from(done).unwrap_or_default()
        }
        None if step::is_final(import.status) => 100,
        None => 0,
    }
}

#[derive(InputObject, Debug)]
struct ImportPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Account.imports`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("imports", imports)
        .doc("The latest first.")
        .guard(Permission::ImportsWrite);
}

async fn imports(scope: Scope, args: ImportPageArgs, wants: Wants) -> Result<Connection<Import>> {
    let page = Import::page(&scope, &args.page.into(), wants.field("totalCount")).await?;
    Ok(page.into())
}
