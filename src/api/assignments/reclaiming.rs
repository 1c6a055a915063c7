//! Seats that nobody seems to need, as clients see them.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;

use super::asked::Affected;
use super::taking::UnassignSeatResult;
use crate::accounts::Account;
use crate::api::bulk::{BulkItemStatus, item, named};
use crate::api::errors::filter_id;
use crate::api::guard::Permission;
use crate::api::{Mutation, PageArguments};
use crate::assignments::Assignment;
use crate::error::Result;
use crate::limits;
use crate::read::Scope;
use crate::read::paging::Direction;
use crate::users::reclaim::{ReclaimSeats, idle_for};
use crate::users::seats::{self, Filter, Of, OrderBy};
use graphql::{Bulk, Connection, Rows, Type, Wants};

#[derive(InputObject, Debug)]
struct ReclaimableArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// For how many days somebody was idle: 1 to 3,650.
    #[graphql(default = 90)]
    idle_days: i32,
    /// Seats of this product; null: of all.
    product_id: Option<ID>,
}

/// `Account.reclaimableSeats`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("reclaimableSeats", reclaimable)
        .doc("Seats that nobody seems to need, in the order they were given: of active people who neither used the product nor signed in for so many days, or never, and have had theirs for as long, and of people who did not accept their invitation in time. Where the use of the product was recorded all the while (`recordUsage`), it alone decides.")
        .guard(Permission::ProductsRead);
}

async fn reclaimable(
    scope: Scope,
    accounts: Rows<Account>,
    args: ReclaimableArgs,
    wants: Wants,
) -> Result<Vec<Connection<Assignment>>> {
    let now = scope.app().clock().now();
    let filter = Filter {
        product_id: filter_id(Kind::Product, args.product_id.as_ref(), "productId")?,
        idle: Some(idle_for(scope.db(), scope.account_id()?, args.idle_days, now).await?),
        ..Filter::default()
    };
    let order = (OrderBy::AssignedAt, Direction::Asc);
    let request = args.page.into();
    let pages = seats::pages(
        &scope,
        &Of::Account,
        &request,
        &filter,
        order,
        wants.field("totalCount"),
    )
    .await?;
    // Rows of other accounts than the session's are refused, so the one page is as good as one for each.
    let page = pages.into_iter().map(Connection::from);
    Ok(page.cycle().take(accounts.len()).collect())
}

/// `reclaimSeats`.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("reclaimSeats", reclaim)
        .doc("Takes back those of some seats, at most 100, that can be reclaimed still; whoever has come back meanwhile keeps theirs.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
}

/// Which seats are reclaimed.
#[derive(InputObject, Debug)]
struct ReclaimSeatsInput {
    /// For how many days their holders were idle: 1 to 3,650.
    #[graphql(default = 90)]
    idle_days: i32,
    /// At most 100, as `reclaimableSeats` showed them.
    assignment_ids: Vec<ID>,
}

async fn reclaim(scope: Scope, input: ReclaimSeatsInput) -> Result<Bulk<UnassignSeatResult, Affected>> {
    let command = ReclaimSeats {
        idle_days: input.idle_days,
        assignments: named(
            Kind::Assignment,
            &input.assignment_ids,
            limits::NAMED_AT_ONCE,
            "input.assignmentIds",
        )?,
    };
    let outcomes = scope.run(command).await?;
    let affected = Affected::by(outcomes.iter().map(|(_, outcome)| outcome));
    let results = input
        .assignment_ids
        .into_iter()
        .zip(outcomes)
        .map(|(given, (user, outcome))| {
            let own = UnassignSeatResult::by_assignment(given.0, user, outcome.as_ref().ok());
            item(outcome.map(|_| BulkItemStatus::Applied), own)
        });
    Ok(Bulk::of(results).with(affected))
}
