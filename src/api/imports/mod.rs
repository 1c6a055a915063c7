//! Imports as clients see them.

mod event;
mod mutations;
mod preview;
mod report_link;
mod row;

use crate::api::old::OldStyle as _;
use std::sync::Arc;

use async_graphql::{Enum, InputObject};
use entity::ids::Kind;
use entity::import;
use entity::import::{Mode, OnError, Phase, Status};
use futures::FutureExt;

use preview::{ImportPreview, outcome_counts};
use report_link::error_reports;

use crate::api::Linked;
use crate::imports::{Import, step};
pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::bulk::BulkErrorPolicy;
use crate::api::errors::UserError;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::old::NoArgs;
use crate::error::{Code, Refusal};
use crate::users::User;
use graphql::{Connection, Links, Object, Type, enum_leaf, interface};

/// Life cycle of a job; those from SUCCEEDED on are final.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Status")]
pub enum JobStatus {
    Queued,
    Running,
    /// A dry run is done and waits for confirmImport.
    AwaitingConfirmation,
    Cancelling,
    Succeeded,
    /// Done, with some rows failed.
    SucceededWithErrors,
    /// The whole job could not be done; for an import: nothing was changed, or what was done is in the rows.
    Failed,
    Cancelled,
}

/// What a job is doing.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Phase")]
pub enum JobPhase {
    Waiting,
    Downloading,
    Parsing,
    Validating,
    Applying,
    Notifying,
    Done,
}

/// What a file holds.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "import::Kind")]
pub enum ImportKind {
    Users,
}

/// Whether rows are applied.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Mode")]
pub enum ImportMode {
    /// Judge every row, change nothing, then wait for confirmImport.
    DryRun,
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
        "id": "ID!" => "",
        "status": "JobStatus!" => "",
        "progress": "JobProgress!" => "",
        "createdAt": "DateTime!" => "",
        "startedAt": "DateTime" => "",
        "finishedAt": "DateTime" => "",
        "createdBy": "User" => "",
        "isCancellable": "Boolean!" => "",
        "failure": "UserError" => "Why the whole job failed.",
    } = Import(Import)
}

impl Object for Import {
    const NAME: &'static str = "Import";
    const DOC: &'static str = "A CSV file being checked and applied in the background.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Job>();
        t.value("id", |import| Gid(Kind::Import, import.0.id));
        t.value("status", |import| JobStatus::from(import.0.status));
        t.child("progress", |import| JobProgress(import.0.clone()));
        t.value("createdAt", |import| import.0.created_at);
        t.value("startedAt", |import| import.0.started_at);
        t.value("finishedAt", |import| import.0.finished_at);
        t.old_one_opt("createdBy", |ask, imports, _: NoArgs| {
            async move {
                let ids: Vec<_> = imports.iter().map(|import| Some(import.0.created_by)).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.value("isCancellable", |import| {
            !step::is_final(import.0.status) && import.0.status != Status::Cancelling
        });
        t.old_any_opt("failure", |_, imports, _: NoArgs| {
            std::future::ready(Ok(imports.iter().map(failure).collect())).boxed()
        })
        .doc("Why the whole job failed.");
        t.value("kind", |import| ImportKind::from(import.0.kind));
        t.value("mode", |import| ImportMode::from(import.0.mode))
            .doc("Whether rows are applied: `APPLY` from the confirmation on.");
        t.value("onError", |import| policy(import.0.on_error));
        t.text("filename", |import| &import.0.filename);
        t.children("outcomeCounts", outcome_counts)
            .doc("Rows done by outcome; adds up to progress.processed.");
        t.child_opt("preview", ImportPreview::of)
            .doc("Set once a dry run is done.");
        row::on_import(t);
        t.old_one_opt("errorReport", |ask, imports, _: NoArgs| error_reports(ask.scope, imports).boxed()).doc(
            "CSV of the failed rows with a reason column; null while there are none. Cells are neutralised against formula injection.",
        );
    }
}

fn failure(import: &Import) -> Option<UserError> {
    let code = import.0.failure_code.as_deref()?;
    let code = Code::from_name(code).unwrap_or(Code::ImportFailed);
    Some(Refusal::new(code, import.0.failure_message.clone().unwrap_or_default()).into())
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
        t.value("phase", |progress| JobPhase::from(progress.0.phase));
        t.value("processed", |progress| progress.0.processed);
        t.value("total", |progress| progress.0.total)
            .doc("Null until counted.");
        t.value("succeeded", |progress| progress.0.succeeded);
        t.value("failed", |progress| progress.0.failed);
        t.value("skipped", |progress| progress.0.skipped);
        t.value("percent", |progress| percent(&progress.0))
            .doc("`processed` of `total`, rounded down: 0 to 100, never falls. A dry run processes nothing: it stays at 0 until it is confirmed.");
        t.value("updatedAt", |progress| progress.0.updated_at);
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
    t.old_page("imports", |ask, accounts, args: ImportPageArgs| {
        async move {
            let wants_total = ask.wants::<Connection<Import>>("totalCount");
            let page: Connection<_> = Import::page(ask.scope, &args.page.into(), wants_total)
                .await?
                .into();
            Ok(Links::all(accounts.iter().map(|_| page.clone()).collect()))
        }
        .boxed()
    })
    .doc("The latest first.")
    .guard(Permission::ImportsWrite);
}
