//! The rows of an import as clients see them.

use crate::api::old::OldStyle as _;
use std::collections::HashMap;

use async_graphql::{Enum, InputObject};
use entity::ids::Kind;
use entity::import_row::{self, Outcome};
use futures::FutureExt;
use uuid::Uuid;

use crate::api::Linked;
use crate::api::PageArguments;
use crate::api::errors::UserError;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::old::NoArgs;
use crate::error::{Code, Error, Refusal};
use crate::imports::read::RowStatus;
use crate::imports::{Import, ImportRow};
use crate::users::User;
use graphql::{Connection, Links, Object, Type, enum_leaf};

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
#[graphql(remote = "RowStatus")]
pub enum ImportRowStatus {
    /// A dry run foresees no trouble.
    Valid,
    Applied,
    Unchanged,
    Skipped,
    Failed,
}

enum_leaf!(ImportRowOutcome, ImportRowStatus);

impl Object for ImportRow {
    const NAME: &'static str = "ImportRow";
    const DOC: &'static str = "One record of the file and what became of it.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |row| Gid(Kind::ImportRow, row.0.id));
        t.value("lineNumber", |row| row.0.line)
            .doc("1-based line of the file where the record starts (quoted fields may span lines).");
        t.value("status", |row| ImportRowStatus::from(row.status()));
        t.value("outcome", |row| ImportRowOutcome::from(row.0.outcome))
            .doc("What was done, or would be done by a dry run.");
        t.value("cells", |row| row.0.cells.0.clone());
        t.old_one_opt("user", |ask, rows, _: NoArgs| {
            async move {
                let ids: Vec<_> = rows.iter().map(|row| row.0.user_id).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.any_children("userErrors", problems);
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
    page: PageArguments,
    filter: Option<ImportRowFilter>,
}

/// `Import.rows`.
pub fn on_import(t: &mut Type<Import>) {
    t.old_page("rows", |ask, imports, args: ImportRowPageArgs| {
        async move {
            let request = args.page.into();
            let statuses = args.filter.and_then(|filter| filter.status);
            let statuses: Option<Vec<RowStatus>> =
                statuses.map(|statuses| statuses.into_iter().map(RowStatus::from).collect());
            let wants_total = ask.wants::<Connection<ImportRow>>("totalCount");
            // Events are many and tell of one import; a page of imports with rows costs a statement each, and its price says so.
            let mut ids: Vec<Uuid> = imports.iter().map(|import| import.0.id).collect();
            ids.sort_unstable();
            ids.dedup();
            let pages = ids.iter().map(|id| async {
                let page =
                    ImportRow::page(ask.scope, *id, &request, statuses.as_deref(), wants_total).await?;
                Ok::<_, Error>((*id, page))
            });
            let pages: HashMap<Uuid, _> = futures::future::try_join_all(pages).await?.into_iter().collect();
            Ok(Links::each(
                imports
                    .iter()
                    .map(|import| pages.get(&import.0.id).cloned().map(Connection::from))
                    .collect(),
            ))
        }
        .boxed()
    });
}
