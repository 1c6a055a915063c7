//! Waiting for a seat, as clients see it.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;

use crate::accounts::Account;
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, item, named};
use crate::api::errors::{filter_id, require_id};
use crate::api::guard::Permission;
use crate::api::ids::{Gid, GivenId};
use crate::api::node::Node;
use crate::api::{Mutation, PageArguments};
use crate::assignments::waitlist::read::Filter;
use crate::assignments::waitlist::{LeaveWaitlist, MoveWaitlistEntry, WaitlistEntry};
use crate::error::Result;
use crate::limits;
use crate::products::Product;
use crate::read::Scope;
use crate::users::User;
use graphql::{Bulk, Connection, Object, Rows, Type, Wants};

impl Object for WaitlistEntry {
    const NAME: &'static str = "WaitlistEntry";
    const DOC: &'static str = "Somebody who waits for a seat of a product.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |entry| Gid(Kind::WaitlistEntry, entry.0.id))
            .doc("Global id.");
        t.reference::<User, _>("user", |entry| entry.0.user_id)
            .doc("Who waits.");
        t.reference::<Product, _>("product", |entry| entry.0.product_id)
            .doc("What they wait for: a seat of whichever of its subscriptions.");
        t.values("position", positions)
            .doc("Place in the product's line, from 1: who stands there is next.");
        t.value("createdAt", |entry| entry.0.created_at)
            .doc("Since when they wait.");
        t.value("expiresOn", |entry| entry.0.expires_on)
            .doc("The last day (UTC) on which the seat is to be held; null: it has no end.");
        t.reference::<User, _>("requestedBy", |entry| entry.0.requested_by)
            .doc("Who wanted to give them a seat; null if no person did.")
            .guard(Permission::UsersRead);
    }
}

async fn positions(scope: Scope, entries: Rows<WaitlistEntry>) -> Result<Vec<i32>> {
    WaitlistEntry::positions(&scope, &entries).await
}

/// Conditions; all given ones must hold.
#[derive(InputObject, Clone, Debug, Default)]
struct WaitlistFilter {
    /// Who wait for this product.
    product_id: Option<ID>,
    /// What this user waits for.
    user_id: Option<ID>,
}

#[derive(InputObject, Debug)]
struct WaitlistPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
    /// Who wait; null: all.
    filter: Option<WaitlistFilter>,
}

/// `Account.waitlist`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("waitlist", waitlist)
        .doc("Who waits for a seat. Those who wait for one product stand in the order in which they get one.")
        .guard(Permission::ProductsRead);
}

async fn waitlist(
    scope: Scope,
    accounts: Rows<Account>,
    args: WaitlistPageArgs,
    wants: Wants,
) -> Result<Vec<Connection<WaitlistEntry>>> {
    let filter = args.filter.unwrap_or_default();
    let filter = Filter {
        product_id: filter_id(Kind::Product, filter.product_id.as_ref(), "productId")?,
        user_id: filter_id(Kind::User, filter.user_id.as_ref(), "userId")?,
    };
    let page = WaitlistEntry::page(&scope, &args.page.into(), &filter, wants.field("totalCount")).await?;
    // Rows of other accounts than the session's are refused, so the one page is as good as one for each.
    let page: Connection<WaitlistEntry> = page.into();
    Ok(vec![page; accounts.len()])
}

/// The mutations of the waitlist.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("leaveWaitlist", leave)
        .doc("Takes people off the waitlist, at most 100 at once.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
    t.mutation("moveWaitlistEntry", advance)
        .doc("Has somebody stand at another place of their line.")
        .guard(Permission::AssignmentsWrite)
        .weight(10);
}

/// Who waits no more.
#[derive(InputObject, Debug)]
struct LeaveWaitlistInput {
    /// At most 100.
    entry_ids: Vec<ID>,
    /// What to do when some do not wait any more; by default the others are taken off.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
}

async fn leave(scope: Scope, input: LeaveWaitlistInput) -> Result<Bulk<LeaveWaitlistResult>> {
    let command = LeaveWaitlist {
        entries: named(
            Kind::WaitlistEntry,
            &input.entry_ids,
            limits::NAMED_AT_ONCE,
            "input.entryIds",
        )?,
        all_or_nothing: input.on_error == BulkErrorPolicy::RejectAll,
    };
    let outcomes = scope.run(command).await?;
    let results = input.entry_ids.into_iter().zip(outcomes).map(|(given, outcome)| {
        item(
            outcome.map(|()| BulkItemStatus::Applied),
            LeaveWaitlistResult(given.0),
        )
    });
    Ok(Bulk::of(results))
}

#[derive(Clone)]
struct LeaveWaitlistResult(String);

impl Object for LeaveWaitlistResult {
    const NAME: &'static str = "LeaveWaitlistResult";
    const DOC: &'static str = "Outcome for one entry.";

    fn describe(t: &mut Type<Self>) {
        t.value("entryId", |result| GivenId(result.0.clone()))
            .doc("As it was given.");
    }
}

/// Who is to stand where.
#[derive(InputObject, Debug)]
struct MoveWaitlistEntryInput {
    /// Who moves.
    entry_id: ID,
    /// The place in the product's line, from 1; whoever stands there and behind moves back by one. Behind the end it is the end.
    position: i32,
}

async fn advance(scope: Scope, input: MoveWaitlistEntryInput) -> Result<WaitlistEntry> {
    let command = MoveWaitlistEntry {
        entry_id: require_id(Kind::WaitlistEntry, &input.entry_id, "input.entryId")?,
        position: input.position,
    };
    scope.run(command).await
}
