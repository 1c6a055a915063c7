//! Exports as clients see them.

mod event;
mod mutations;

use async_graphql::{Enum, InputObject};
use entity::export::{self, ColumnSet, Format};
use entity::ids::Kind;

pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::errors::UserError;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::jobs::{Job, JobProgress, JobStatus};
use crate::api::node::Node;
use crate::error::{Code, Refusal, Result};
use crate::exports::link::downloads;
use crate::exports::{Export, step};
use crate::imports::report_link::DownloadLink;
use crate::read::Scope;
use crate::users::User;
use graphql::{Connection, Object, Rows, Type, Wants, enum_leaf};

/// What an export lists. More will be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "export::Kind")]
pub enum ExportKind {
    /// People, removed ones aside, in the order they were added. The file can be imported again: every row is `UNCHANGED`.
    Users,
    /// Seats that somebody holds, in the order they were given.
    Assignments,
    /// The audit log, the oldest event first.
    AuditEvents,
}

/// More columns of a list of people. More will be added.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "ColumnSet")]
pub enum ExportColumnSet {
    /// One column, `products`, with the codes of the products somebody has a seat of, separated by `|` as an import reads them; a list in NDJSON.
    Products,
    /// One column for each product that the account has bought, `seat_` with its code: the day since when somebody has a seat of it, in UTC, and blank without one.
    Subscriptions,
    /// One row for each person and seat instead, with product, contract, components and the time it was given; who has no seat has one row. Not together with the others.
    SubscriptionRows,
}

/// How a file is written.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Format")]
pub enum ExportFormat {
    /// Comma-separated values (RFC 4180), in UTF-8, with a line of headers. Cells that a spreadsheet would run as a formula begin with an apostrophe.
    Csv,
    /// One JSON object a line, in UTF-8; the same names and values, null for what is not there.
    Ndjson,
}

enum_leaf!(ExportKind, ExportColumnSet, ExportFormat);

impl Object for Export {
    const NAME: &'static str = "Export";
    const DOC: &'static str = "A file made of what the account has at one moment, in the background.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Job>();
        t.value("id", |export| Gid(Kind::Export, export.0.id))
            .doc("Global id.");
        t.value("status", |export| JobStatus::from(export.0.status))
            .doc("Where it stands.");
        t.child("progress", progress).doc("How far it is.");
        t.value("createdAt", |export| export.0.created_at)
            .doc("When it was asked for.");
        t.value("startedAt", |export| export.0.started_at)
            .doc("When work on it began; null until then.");
        t.value("finishedAt", |export| export.0.finished_at)
            .doc("When it came to its end; null until then.");
        t.reference::<User, _>("createdBy", |export| Some(export.0.created_by))
            .doc("Who started it.");
        t.value("isCancellable", Self::is_cancellable)
            .doc("Whether it can be cancelled now.");
        t.any_opt::<UserError, _, _>("failure", failures)
            .doc("Why there is no file.");
        t.value("kind", |export| ExportKind::from(export.0.kind))
            .doc("What it lists.");
        t.value("format", |export| ExportFormat::from(export.0.format))
            .doc("How the file is written.");
        t.values("columnSets", column_sets)
            .doc("The columns that were asked for beside those a list has by itself.");
        t.value("rowCount", |export| export.0.row_count)
            .doc("Rows of the file, the headers aside; null until it is whole.");
        t.one_opt("download", links).doc(
            "A link to the file, for whoever started the export; null for everybody else, until the file is whole and again after it was deleted. Each is noted in the audit log.",
        );
        t.value("filesExpireAt", Self::file_kept_until).doc(
            "When the file is deleted: seven days after the end. Null where there is none, or none any more.",
        );
    }
}

fn progress(export: &Export) -> JobProgress {
    let model = &export.0;
    JobProgress {
        sequence: model.sequence,
        phase: model.status.into(),
        processed: model.processed,
        total: model.total,
        succeeded: model.processed,
        failed: 0,
        skipped: 0,
        has_ended: step::is_final(model.status),
        store_away_since: model.store_away_since,
        updated_at: model.updated_at,
    }
}

async fn failures(_: Scope, exports: Rows<Export>) -> Result<Vec<Option<UserError>>> {
    Ok(exports.iter().map(failure).collect())
}

fn failure(export: &Export) -> Option<UserError> {
    let code = Code::from_name(export.0.failure_code.as_deref()?).unwrap_or(Code::ExportFailed);
    Some(Refusal::new(code, export.0.failure_message.clone().unwrap_or_default()).into())
}

async fn column_sets(_: Scope, exports: Rows<Export>) -> Result<Vec<Vec<ExportColumnSet>>> {
    let sets = |export: &Export| {
        let columns = export.request()?.columns;
        Ok(columns.into_iter().map(ExportColumnSet::from).collect())
    };
    exports.iter().map(sets).collect()
}

async fn links(scope: Scope, exports: Rows<Export>) -> Result<Vec<Option<DownloadLink>>> {
    downloads(&scope, &exports).await
}

#[derive(InputObject, Debug)]
struct ExportPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Account.exports`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("exports", exports)
        .doc("The latest first, whoever started them; kept for 90 days unless the operator says otherwise.")
        .guard(Permission::ExportsWrite);
}

async fn exports(scope: Scope, args: ExportPageArgs, wants: Wants) -> Result<Connection<Export>> {
    let page = Export::page(&scope, &args.page.into(), wants.field("totalCount")).await?;
    Ok(page.into())
}
