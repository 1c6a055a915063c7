//! The people of a job as clients see them.

use std::collections::{BTreeSet, HashMap};

use async_graphql::InputObject;
use entity::ids::Kind;
use uuid::Uuid;

use super::BulkJobOutcome;
use crate::api::PageArguments;
use crate::api::errors::UserError;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::bulk_jobs::read::ItemFilter;
use crate::bulk_jobs::{BulkJob, BulkJobItem};
use crate::error::{Code, Error, Refusal, Result};
use crate::read::Scope;
use crate::users::User;
use graphql::{Connection, Object, Rows, Type, Wants};

impl Object for BulkJobItem {
    const NAME: &'static str = "BulkJobItem";
    const DOC: &'static str = "One person of a job, and what became of it for them.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |item| Gid(Kind::BulkJobItem, item.0.id))
            .doc("Global id.");
        t.reference::<User, _>("user", |item| item.0.user_id)
            .doc("Who it is.");
        t.value("outcome", |item| item.0.outcome.map(BulkJobOutcome::from))
            .doc("What became of it; null until it was their turn.");
        t.any_children("userErrors", problems)
            .doc("Why it failed. Empty otherwise.");
    }
}

fn problems(item: &BulkJobItem) -> Vec<UserError> {
    let problems = item.0.problems.iter().flat_map(|problems| &problems.0);
    let error = |problem: &entity::import_row::Problem| {
        let code = Code::from_name(&problem.code).unwrap_or(Code::JobFailed);
        Refusal::new(code, problem.message.clone()).into()
    };
    problems.map(error).collect()
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
struct BulkJobItemFilter {
    /// It came to one of these; at most 200. Whose turn it was not yet is in none.
    outcome: Option<Vec<BulkJobOutcome>>,
}

#[derive(InputObject, Debug)]
struct BulkJobItemPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Which people; null: all.
    filter: Option<BulkJobItemFilter>,
}

/// `BulkJob.items`.
pub fn on_job(t: &mut Type<BulkJob>) {
    t.page("items", items)
        .doc("Everybody it is for, in the order in which it is done.");
}

async fn items(
    scope: Scope,
    jobs: Rows<BulkJob>,
    args: BulkJobItemPageArgs,
    wants: Wants,
) -> Result<Vec<Option<Connection<BulkJobItem>>>> {
    let request = args.page.into();
    let outcomes = args.filter.unwrap_or_default().outcome;
    let filter = ItemFilter {
        outcomes: outcomes.map(|given| given.into_iter().map(Into::into).collect()),
    };
    let wants_total = wants.field("totalCount");
    // Events are many and tell of one job; a page of jobs with people costs a statement each, and its price says so.
    let ids: BTreeSet<Uuid> = jobs.iter().map(|job| job.0.id).collect();
    let pages = ids.iter().map(|id| async {
        let page = BulkJobItem::page(&scope, *id, &request, &filter, wants_total).await?;
        Ok::<_, Error>((*id, page))
    });
    let pages: HashMap<Uuid, _> = futures::future::try_join_all(pages).await?.into_iter().collect();
    let page = |job: &BulkJob| pages.get(&job.0.id).cloned().map(Connection::from);
    Ok(jobs.iter().map(page).collect())
}
