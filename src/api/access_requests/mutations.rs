//! Asking for products, and deciding about it.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use uuid::Uuid;

use crate::access_requests::{AccessRequest, Approve, Approved, Ask, Decline};
use crate::api::Mutation;
use crate::api::assignments::{WhenFull, given_by};
use crate::api::bulk::{BulkItemStatus, item, named};
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::GivenId;
use crate::assignments::waitlist::WaitlistEntry;
use crate::assignments::{Assigned, Assignment};
use crate::error::Result;
use crate::limits;
use crate::read::Scope;
use graphql::{Bulk, Object, Type};

/// What to ask for.
#[derive(InputObject, Debug)]
struct RequestAccessInput {
    /// A product the account has bought and the viewer has no seat of.
    product_id: ID,
    /// What it is for, at most 500 characters; null: nothing is said.
    note: Option<String>,
}

/// Which requests are approved.
#[derive(InputObject, Debug)]
struct ApproveAccessRequestsInput {
    /// 1 to 100, in the order in which seats are given.
    request_ids: Vec<ID>,
    /// What happens to those for whom no seat is left; whoever is refused has an open request still.
    #[graphql(default_with = "WhenFull::Refuse")]
    when_full: WhenFull,
    /// What those who asked are told about it, at most 500 characters; null: nothing.
    answer: Option<String>,
}

/// Which requests are declined.
#[derive(InputObject, Debug)]
struct DeclineAccessRequestsInput {
    /// 1 to 100.
    request_ids: Vec<ID>,
    /// What those who asked are told about it, at most 500 characters; null: nothing.
    answer: Option<String>,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("requestAccess", ask)
        .doc("Asks for a product, for the viewer. Whoever may give seats is told. A request for it that is open already is answered as it is; at most 10 are open at once, and 20 are made in 24 hours.")
        .guard(Guard::oneself())
        .weight(10);
    t.mutation("approveAccessRequests", approve)
        .doc("Approves up to 100 requests and gives each a seat, as `assignSeats` does; those that cannot be approved stay open, and the others are. Whoever asked is told.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
    t.mutation("declineAccessRequests", decline)
        .doc("Declines up to 100 requests. Whoever asked is told.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
}

async fn ask(scope: Scope, input: RequestAccessInput) -> Result<AccessRequest> {
    let product_id = require_id(Kind::Product, &input.product_id, "input.productId")?;
    let command = Ask {
        product_id,
        note: input.note,
    };
    Ok(scope.run(command).await?.into())
}

async fn approve(
    scope: Scope,
    input: ApproveAccessRequestsInput,
) -> Result<Bulk<ApproveAccessRequestResult>> {
    let command = Approve {
        requests: asked(&input.request_ids)?,
        waits: input.when_full == WhenFull::Waitlist,
        source: given_by(&scope),
        answer: input.answer,
    };
    let outcomes = scope.run(command).await?;
    let results = input.request_ids.into_iter().zip(outcomes);
    let results = results.map(|(given, outcome)| {
        let mut own = ApproveAccessRequestResult {
            given: given.0,
            assignment: None,
            entry: None,
        };
        let ended = outcome.map(|approved| match approved {
            Approved::Before => BulkItemStatus::Unchanged,
            Approved::Given(Assigned::New(seat) | Assigned::Changed(seat) | Assigned::Unchanged(seat)) => {
                own.assignment = Some(Assignment(seat));
                BulkItemStatus::Applied
            }
            Approved::Given(Assigned::Waiting { entry, .. }) => {
                own.entry = Some(entry);
                BulkItemStatus::Applied
            }
            Approved::Given(Assigned::Refused(_)) => BulkItemStatus::Failed,
        });
        item(ended, own)
    });
    Ok(Bulk::of(results))
}

async fn decline(
    scope: Scope,
    input: DeclineAccessRequestsInput,
) -> Result<Bulk<DeclineAccessRequestResult>> {
    let command = Decline {
        requests: asked(&input.request_ids)?,
        answer: input.answer,
    };
    let outcomes = scope.run(command).await?;
    let results = input.request_ids.into_iter().zip(outcomes);
    let results = results.map(|(given, outcome)| {
        let ended = outcome.map(|is_new| match is_new {
            true => BulkItemStatus::Applied,
            false => BulkItemStatus::Unchanged,
        });
        item(ended, DeclineAccessRequestResult { given: given.0 })
    });
    Ok(Bulk::of(results))
}

fn asked(given: &[ID]) -> Result<Vec<Uuid>> {
    named(
        Kind::AccessRequest,
        given,
        limits::NAMED_AT_ONCE,
        "input.requestIds",
    )
}

/// The request behind an id that was given; nothing where it is none.
fn request(given: &str) -> Option<Uuid> {
    Kind::AccessRequest.parse(given)
}

#[derive(Clone)]
struct ApproveAccessRequestResult {
    given: String,
    /// As the command left it.
    assignment: Option<Assignment>,
    entry: Option<Uuid>,
}

impl Object for ApproveAccessRequestResult {
    const NAME: &'static str = "ApproveAccessRequestResult";
    const DOC: &'static str = "Outcome for one request.";

    fn describe(t: &mut Type<Self>) {
        t.value("requestId", |result| GivenId(result.given.clone()))
            .doc("As it was given.");
        t.link::<AccessRequest, _>("request", |result| request(&result.given))
            .doc("As it is now; null if there is none.");
        t.child_opt("assignment", |result| result.assignment).doc(
            "The seat they have now; null if the item failed, if it was approved before, or if they wait.",
        );
        t.link::<WaitlistEntry, _>("waitlistEntry", |result| result.entry)
            .doc("Where they wait; null if they do not, or not any more.");
    }
}

#[derive(Clone)]
struct DeclineAccessRequestResult {
    given: String,
}

impl Object for DeclineAccessRequestResult {
    const NAME: &'static str = "DeclineAccessRequestResult";
    const DOC: &'static str = "Outcome for one request.";

    fn describe(t: &mut Type<Self>) {
        t.value("requestId", |result| GivenId(result.given.clone()))
            .doc("As it was given.");
        t.link::<AccessRequest, _>("request", |result| request(&result.given))
            .doc("As it is now; null if there is none.");
    }
}
