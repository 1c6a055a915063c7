//! Imports as clients see them.

use std::collections::HashMap;
use std::sync::Arc;

use async_graphql::{Enum, InputObject};
use chrono::{DateTime, Duration, Utc};
use entity::ids::Kind;
use entity::import::{Mode, OnError, Phase, Status};
use entity::import_row::Outcome;
use entity::{import, import_row};
use futures::FutureExt;
use uuid::Uuid;

use super::read::Stretch;
use super::run::{Preview, report_key};
use super::step;
use crate::accounts::Account;
use crate::error::{Code, Error, Refusal, Result};
use crate::graphql::Scope;
use crate::graphql::batch::{
    Connection, Gid, Links, Listed, NoArgs, Object, Permission, Type, enum_leaf, interface,
};
use crate::graphql::bulk::BulkErrorPolicy;
use crate::graphql::node::Node;
use crate::graphql::paging::Given;
use crate::graphql::user_error::UserError;
use crate::subscriptions::Subscription;
use crate::users::User;

/// How long a download link is good.
const LINK_LIFETIME: Duration = Duration::minutes(5);
/// Rows a preview shows.
const SAMPLE: i32 = 20;

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

/// What became of a row. The counts of all outcomes always add up to the number of rows done.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Outcome")]
pub enum ImportRowOutcome {
    Invited,
    Assigned,
    InvitedAndAssigned,
    /// The invitation had expired and was sent again.
    Reinvited,
    Unchanged,
    /// The same e-mail stands earlier in the file.
    Duplicate,
    Failed,
    /// The import was cancelled, or refused as a whole, before this row.
    NotProcessed,
}

/// State of one record.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImportRowStatus {
    /// A dry run foresees no trouble.
    Valid,
    Applied,
    Unchanged,
    Skipped,
    Failed,
}

enum_leaf!(
    JobStatus,
    JobPhase,
    ImportKind,
    ImportMode,
    ImportRowOutcome,
    ImportRowStatus
);

impl From<OnError> for BulkErrorPolicy {
    fn from(on_error: OnError) -> Self {
        match on_error {
            OnError::RejectAll => Self::RejectAll,
            OnError::SkipFailed => Self::SkipFailed,
        }
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

/// A CSV file being checked and applied in the background.
#[derive(Clone, Debug)]
pub struct Import(pub Arc<import::Model>);

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
        t.one_opt("createdBy", |ask, imports, _: NoArgs| {
            async move {
                let ids: Vec<_> = imports.iter().map(|import| Some(import.0.created_by)).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.value("isCancellable", |import| {
            !step::is_final(import.0.status) && import.0.status != Status::Cancelling
        });
        t.any_opt("failure", |_, imports, _: NoArgs| {
            std::future::ready(Ok(imports.iter().map(failure).collect())).boxed()
        })
        .doc("Why the whole job failed.");
        t.value("kind", |import| ImportKind::from(import.0.kind));
        t.value("mode", |import| ImportMode::from(import.0.mode));
        t.value("onError", |import| BulkErrorPolicy::from(import.0.on_error));
        t.text("filename", |import| &import.0.filename);
        t.children("outcomeCounts", outcome_counts)
            .doc("Rows done by outcome; adds up to progress.processed.");
        t.child_opt("preview", ImportPreview::of)
            .doc("Set once a dry run is done.");
        rows(t);
        t.one_opt("errorReport", |ask, imports, _: NoArgs| error_reports(ask.scope, imports).boxed()).doc(
            "CSV of the failed rows with a reason column; null while there are none. Cells are neutralised against formula injection.",
        );
    }
}

impl Listed for Import {
    const CONNECTION: &'static str = "ImportConnection";
    const EDGE: &'static str = "ImportEdge";
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
            .doc("0..100, never falls.");
        t.value("updatedAt", |progress| progress.0.updated_at);
    }
}

/// How much of the work is done. Judging is half the work of an import that is judged first.
fn percent(import: &import::Model) -> i32 {
    if step::is_final(import.status) {
        return 100;
    }
    let total = import.total.filter(|total| *total > 0);
    let done = total.map_or(0, |total| i64::from(import.processed) * 100 / i64::from(total));
    let done = i32::try_from(done).unwrap_or_default();
    match import.mode {
        Mode::Apply => done,
        Mode::DryRun if import.preview.is_some() => 50 + done / 2,
        Mode::DryRun => 0,
    }
}

/// How many rows came to an outcome.
#[derive(Clone, Copy, Debug)]
pub struct ImportOutcomeCount(ImportRowOutcome, i32);

impl Object for ImportOutcomeCount {
    const NAME: &'static str = "ImportOutcomeCount";
    const DOC: &'static str = "How many rows came to an outcome.";

    fn describe(t: &mut Type<Self>) {
        t.value("outcome", |count| count.0);
        t.value("count", |count| count.1);
    }
}

fn outcome_counts(import: &Import) -> Vec<ImportOutcomeCount> {
    counted(&import.0.outcomes.0)
}

fn counted(outcomes: &std::collections::BTreeMap<String, i32>) -> Vec<ImportOutcomeCount> {
    use sea_orm::{ActiveEnum, Iterable};
    let count = |outcome: Outcome| {
        let count = outcomes.get(&outcome.to_value()).copied()?;
        Some(ImportOutcomeCount(outcome.into(), count))
    };
    Outcome::iter().filter_map(count).collect()
}

/// Result of a dry run.
#[derive(Clone, Debug)]
pub struct ImportPreview(Arc<Preview>, Uuid);

impl ImportPreview {
    fn of(import: &Import) -> Option<Self> {
        let preview = serde_json::from_value(import.0.preview.clone()?).ok()?;
        Some(Self(Arc::new(preview), import.0.id))
    }
}

impl Object for ImportPreview {
    const NAME: &'static str = "ImportPreview";
    const DOC: &'static str = "Result of a dry run.";

    fn describe(t: &mut Type<Self>) {
        t.text("detectedEncoding", |preview| &preview.0.encoding);
        t.text("delimiter", |preview| &preview.0.delimiter);
        t.children("columns", |preview| {
            preview.0.columns.iter().cloned().map(ImportColumn).collect()
        });
        t.value("rowCount", |preview| preview.0.rows);
        t.children("outcomeCounts", |preview| counted(&preview.0.outcomes));
        t.value("mailCount", |preview| preview.0.mails)
            .doc("Mails that would be sent.");
        t.children("seatNeeds", |preview| {
            preview.0.seats.iter().copied().map(ImportSeatNeed).collect()
        });
        t.many("sampleRows", |ask, previews, _: NoArgs| {
            async move {
                let stretch = |preview: &Self| Stretch {
                    import_id: preview.1,
                    first: 1,
                    last: i32::MAX,
                };
                let wanted: Vec<Stretch> = previews.iter().map(stretch).collect();
                ImportRow::stretches(ask.scope, &wanted, SAMPLE).await
            }
            .boxed()
        })
        .doc("The rows of the first 20 lines.");
    }
}

/// How a column of the file is understood.
#[derive(Clone, Debug)]
pub struct ImportColumn((String, Option<String>));

impl Object for ImportColumn {
    const NAME: &'static str = "ImportColumn";
    const DOC: &'static str = "How a column of the file is understood.";

    fn describe(t: &mut Type<Self>) {
        t.text("header", |column| &column.0.0);
        t.text_opt("mappedTo", |column| column.0.1.as_deref()).doc(
            "GIVEN_NAME, FAMILY_NAME, EMAIL, ROLE, PRODUCT or EXTERNAL_ID. Null: the column is ignored.",
        );
    }
}

/// Seats that an import would take.
#[derive(Clone, Copy, Debug)]
pub struct ImportSeatNeed((Uuid, i32, i32));

impl Object for ImportSeatNeed {
    const NAME: &'static str = "ImportSeatNeed";
    const DOC: &'static str = "Seats that an import would take.";

    fn describe(t: &mut Type<Self>) {
        t.one("subscription", |ask, needs, _: NoArgs| {
            async move {
                let ids: Vec<_> = needs.iter().map(|need| Some(need.0.0)).collect();
                Subscription::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.value("required", |need| need.0.1);
        t.value("available", |need| need.0.2)
            .doc("Free before the import.");
    }
}

/// A link to a file.
#[derive(Clone, Debug)]
pub struct DownloadLink {
    url: String,
    filename: String,
    byte_size: i32,
    expires_at: DateTime<Utc>,
}

impl Object for DownloadLink {
    const NAME: &'static str = "DownloadLink";
    const DOC: &'static str =
        "A link to a file, made for the viewer when asked for and good for five minutes.";

    fn describe(t: &mut Type<Self>) {
        t.text("url", |link| &link.url);
        t.text("filename", |link| &link.filename);
        t.value("byteSize", |link| link.byte_size);
        t.value("expiresAt", |link| link.expires_at);
    }
}

async fn error_reports(scope: &Scope, imports: &[Import]) -> Result<Links<DownloadLink>> {
    let links = imports.iter().map(|import| error_report(scope, import));
    Ok(Links::each(futures::future::try_join_all(links).await?))
}

async fn error_report(scope: &Scope, import: &Import) -> Result<Option<DownloadLink>> {
    if import.0.failed == 0 || !step::is_final(import.0.status) {
        return Ok(None);
    }
    let storage = scope.app().storage();
    let key = report_key(import.0.account_id, import.0.id)?;
    let Some(found) = storage.head(&key).await? else {
        return Ok(None);
    };
    let stem = import.0.filename.trim_end_matches(".csv");
    let filename = format!("{stem}.errors.csv");
    let lifetime = LINK_LIFETIME.to_std().map_err(Error::internal)?;
    let (url, expires_at) = storage.presign_get(&key, &filename, "text/csv", lifetime).await?;
    let byte_size = i32::try_from(found.size).unwrap_or(i32::MAX);
    Ok(Some(DownloadLink {
        url,
        filename,
        byte_size,
        expires_at,
    }))
}

/// One record of the file and what became of it.
#[derive(Clone, Debug)]
pub struct ImportRow(pub Arc<import_row::Model>);

impl Object for ImportRow {
    const NAME: &'static str = "ImportRow";
    const DOC: &'static str = "One record of the file and what became of it.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |row| Gid(Kind::ImportRow, row.0.id));
        t.value("lineNumber", |row| row.0.line)
            .doc("1-based line of the file where the record starts (quoted fields may span lines).");
        t.value("status", |row| status(&row.0));
        t.value("outcome", |row| ImportRowOutcome::from(row.0.outcome))
            .doc("What was done, or would be done by a dry run.");
        t.value("cells", |row| row.0.cells.0.clone());
        t.one_opt("user", |ask, rows, _: NoArgs| {
            async move {
                let ids: Vec<_> = rows.iter().map(|row| row.0.user_id).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.any_children("userErrors", problems);
    }
}

impl Listed for ImportRow {
    const CONNECTION: &'static str = "ImportRowConnection";
    const EDGE: &'static str = "ImportRowEdge";
}

fn status(row: &import_row::Model) -> ImportRowStatus {
    match (row.outcome, row.is_planned) {
        (Outcome::Failed, _) => ImportRowStatus::Failed,
        (_, true) => ImportRowStatus::Valid,
        (Outcome::Unchanged, _) => ImportRowStatus::Unchanged,
        (Outcome::Duplicate | Outcome::NotProcessed, _) => ImportRowStatus::Skipped,
        _ => ImportRowStatus::Applied,
    }
}

fn problems(row: &ImportRow) -> Vec<UserError> {
    let problems = row.0.problems.iter().flat_map(|problems| &problems.0);
    let refusal = |problem: &import_row::Problem| Refusal {
        field: problem
            .column
            .clone()
            .map(|column| vec![format!("line {}", row.0.line), column]),
        ..Refusal::new(
            Code::from_name(&problem.code).unwrap_or(Code::Invalid),
            problem.message.clone(),
        )
    };
    problems.map(|problem| refusal(problem).into()).collect()
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Debug)]
struct ImportRowFilter {
    status: Option<Vec<ImportRowStatus>>,
}

#[derive(InputObject, Debug)]
struct ImportRowPageArgs {
    #[graphql(flatten)]
    page: Given,
    filter: Option<ImportRowFilter>,
}

fn rows(t: &mut Type<Import>) {
    t.page("rows", |ask, imports, args: ImportRowPageArgs| {
        async move {
            let given = args.page;
            let statuses = args.filter.and_then(|filter| filter.status);
            let wants_total = ask.wants::<Connection<ImportRow>>("totalCount");
            // Events are many and tell of one import; a page of imports with rows costs a statement each, and its price says so.
            let mut ids: Vec<Uuid> = imports.iter().map(|import| import.0.id).collect();
            ids.sort_unstable();
            ids.dedup();
            let pages = ids.iter().map(|id| async {
                let page = ImportRow::page(ask.scope, *id, &given, statuses.as_deref(), wants_total).await?;
                Ok::<_, Error>((*id, page))
            });
            let pages: HashMap<Uuid, _> = futures::future::try_join_all(pages).await?.into_iter().collect();
            Ok(Links::each(
                imports
                    .iter()
                    .map(|import| pages.get(&import.0.id).cloned())
                    .collect(),
            ))
        }
        .boxed()
    });
}

#[derive(InputObject, Debug)]
struct ImportPageArgs {
    #[graphql(flatten)]
    page: Given,
}

/// `Account.imports`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("imports", |ask, accounts, args: ImportPageArgs| {
        async move {
            let given = args.page;
            let wants_total = ask.wants::<Connection<Import>>("totalCount");
            let page = Import::page(ask.scope, &given, wants_total).await?;
            Ok(Links::all(accounts.iter().map(|_| page.clone()).collect()))
        }
        .boxed()
    })
    .doc("The latest first.")
    .guard(Permission::ImportsWrite);
}
