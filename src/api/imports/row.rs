//! The rows of an import as clients see them.

use std::collections::HashMap;

use async_graphql::{Enum, InputObject};
use entity::ids::Kind;
use entity::import_row::{self, Problems, RowOutcome, RowUndo};
use uuid::Uuid;

use crate::api::PageArguments;
use crate::api::errors::UserError;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::{Code, Error, Refusal, Result};
use crate::imports::read::{RowFilter, RowStatus};
use crate::imports::{Import, ImportRow};
use crate::read::Scope;
use crate::users::User;
use graphql::{Connection, Object, Rows, Type, Wants, enum_leaf};

/// What became of a row. The counts of all outcomes always add up to the number of rows done.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "RowOutcome")]
pub enum ImportRowOutcome {
    /// They are new and were invited, or only added if invitations are not sent; no seat.
    Invited,
    /// They were there already and got at least one seat.
    Assigned,
    /// They are new and were invited, or only added if invitations are not sent, and got at least one seat.
    InvitedAndAssigned,
    /// The invitation had expired and was sent again.
    Reinvited,
    /// At least one seat was taken back.
    Unassigned,
    /// No seat was left, and they wait for one; whoever is new was invited all the same.
    Waitlisted,
    /// Everything was so already.
    Unchanged,
    /// An earlier line tells of the same person, and this one names no product.
    Duplicate,
    /// It could not be applied; its `userErrors` say why.
    Failed,
    /// The import was cancelled, or refused as a whole, before this row.
    NotProcessed,
}

/// State of one record.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "RowStatus")]
pub enum ImportRowStatus {
    /// A dry run foresees no trouble.
    Valid,
    /// What it says was done.
    Applied,
    /// Everything was so already.
    Unchanged,
    /// Nothing was tried: a duplicate, or not processed.
    Skipped,
    /// It could not be applied, or could not be by what a dry run found.
    Failed,
}

/// What became of a row when its import was taken back.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "RowUndo")]
pub enum ImportRowUndo {
    /// Everything it did was taken back.
    Undone,
    /// Something it did was changed since, and stays; `undoErrors` say what and why.
    Left,
}

enum_leaf!(ImportRowOutcome, ImportRowStatus, ImportRowUndo);

impl Object for ImportRow {
    const NAME: &'static str = "ImportRow";
    const DOC: &'static str = "One record of the file and what became of it.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |row| Gid(Kind::ImportRow, row.0.id))
            .doc("Global id.");
        t.value("lineNumber", |row| row.0.line)
            .doc("1-based line of the file where the record starts (quoted fields may span lines).");
        t.value("status", |row| ImportRowStatus::from(row.status()))
            .doc("Where it stands; what became of it in detail is `outcome`.");
        t.value("outcome", |row| ImportRowOutcome::from(row.0.outcome))
            .doc("What was done, or would be done by a dry run.");
        t.value("cells", |row| row.0.cells.0.clone())
            .doc("Its cells as they stand in the file, in the order of `preview.columns`.");
        t.reference::<User, _>("user", |row| row.0.user_id)
            .doc("Who the row is about; null while they are not in the account.");
        t.any_children("userErrors", |row| problems(row, row.0.problems.as_ref()))
            .doc("Why it failed: `field` names line and column. Empty otherwise.");
        t.value("undo", |row| row.0.undo.map(ImportRowUndo::from))
            .doc("What became of it when the import was taken back; null where it was not, and where there was nothing to take back.");
        t.any_children("undoErrors", |row| problems(row, row.0.undo_problems.as_ref()))
            .doc("Why something of it was left when the import was taken back. Empty otherwise.");
    }
}

fn problems(row: &ImportRow, problems: Option<&Problems>) -> Vec<UserError> {
    let problems = problems.into_iter().flat_map(|problems| &problems.0);
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
#[derive(InputObject, Debug, Default)]
struct ImportRowFilter {
    /// In one of these states; at most 200.
    status: Option<Vec<ImportRowStatus>>,
    /// Of which this became when the import was taken back; at most 200.
    undo: Option<Vec<ImportRowUndo>>,
}

impl ImportRowFilter {
    fn read(self) -> RowFilter {
        let statuses = self
            .status
            .map(|given| given.into_iter().map(RowStatus::from).collect());
        let undo = self
            .undo
            .map(|given| given.into_iter().map(RowUndo::from).collect());
        RowFilter { statuses, undo }
    }
}

#[derive(InputObject, Debug)]
struct ImportRowPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which rows; null: all.
    filter: Option<ImportRowFilter>,
}

/// `Import.rows`.
pub fn on_import(t: &mut Type<Import>) {
    t.page("rows", rows)
        .doc("The rows of the file, in its order, as far as they were judged.");
}

async fn rows(
    scope: Scope,
    imports: Rows<Import>,
    args: ImportRowPageArgs,
    wants: Wants,
) -> Result<Vec<Option<Connection<ImportRow>>>> {
    let request = args.page.into();
    let filter = args.filter.unwrap_or_default().read();
    let wants_total = wants.field("totalCount");
    // Events are many and tell of one import; a page of imports with rows costs a statement each, and its price says so.
    let mut ids: Vec<Uuid> = imports.iter().map(|import| import.0.id).collect();
    ids.sort_unstable();
    ids.dedup();
    let pages = ids.iter().map(|id| async {
        let page = ImportRow::page(&scope, *id, &request, &filter, wants_total).await?;
        Ok::<_, Error>((*id, page))
    });
    let pages: HashMap<Uuid, _> = futures::future::try_join_all(pages).await?.into_iter().collect();
    let page = |import: &Import| pages.get(&import.0.id).cloned().map(Connection::from);
    Ok(imports.iter().map(page).collect())
}
