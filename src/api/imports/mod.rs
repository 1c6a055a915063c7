//! Imports as clients see them.

mod columns;
mod event;
mod mutations;
mod preview;
mod row;
mod source;
mod undo;

use async_graphql::{Enum, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use entity::import::{self, Mode, Phase, Status};

use preview::{ImportPreview, outcome_counts};
use undo::ImportUndo;

use crate::imports::report_link::{DownloadLink, error_report};
use crate::imports::{Import, step};
pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::errors::UserError;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::jobs::{Job, JobProgress, JobStatus, policy};
use crate::api::node::Node;
use crate::error::{Code, Refusal, Result};
use crate::read::Scope;
use crate::users::User;
use graphql::{Connection, Object, Rows, Type, Wants, enum_leaf};

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

enum_leaf!(ImportKind, ImportMode);

/// Where an import stands. What is taken back runs once more, and what it came to before is in its figures.
fn status(import: &Import) -> JobStatus {
    match import.0.status {
        _ if import.0.phase == Phase::Undoing => JobStatus::Running,
        _ if step::is_undone(&import.0) => JobStatus::Undone,
        status => status.into(),
    }
}

fn progress(import: &Import) -> JobProgress {
    let model = &import.0;
    JobProgress {
        sequence: model.sequence,
        phase: model.phase.into(),
        processed: model.processed,
        total: model.total,
        succeeded: model.succeeded,
        failed: model.failed,
        skipped: model.skipped,
        has_ended: step::is_final(model.status),
        store_away_since: model.store_away_since,
        updated_at: model.updated_at,
    }
}

impl Object for Import {
    const NAME: &'static str = "Import";
    const DOC: &'static str = "A CSV file being checked and applied in the background.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Job>();
        t.value("id", |import| Gid(Kind::Import, import.0.id))
            .doc("Global id.");
        t.value("status", status).doc("Where it stands.");
        t.child("progress", progress).doc("How far it is.");
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
