//! Giving and taking seats over GraphQL.

use crate::api::old::OldStyle as _;
use async_graphql::{ID, InputObject, OneofObject};
use entity::assignment;
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use crate::api::Mutation;
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, BulkSummary, check_length, index};
use crate::api::errors::{Payload, UserError, require_id};
use crate::api::guard::Permission;
use crate::api::ids::GivenId;
use crate::api::old::NoArgs;
use crate::assignments::again::as_given;
use crate::assignments::refusals::at_fault;
use crate::assignments::{
    AssignSeats, Assigned, Assignment, SeatRequest, SeatSource, UnassignSeats, Unassigned,
};
use crate::error::{Refusal, Result};
use crate::idempotency::Once;
use crate::read::{ById, Scope};
use crate::subscriptions::Subscription;
use graphql::{Bulk, Envelope, Object, Sent, Type};

/// Seats one call may give or take.
const MOST_NAMED: usize = crate::limits::NAMED_AT_ONCE;

/// What to take the seats from: a subscription, or any in-term subscription of a product (the one that ends last first).
#[derive(OneofObject, Debug)]
enum SeatSourceInput {
    SubscriptionId(ID),
    ProductId(ID),
}

/// Who gets a seat, and out of what.
#[derive(InputObject, Debug)]
struct AssignSeatsInput {
    source: SeatSourceInput,
    /// At most 100; larger sets go through an import.
    user_ids: Vec<ID>,
    /// Components that are on; null: the product's defaults.
    component_ids: Option<Vec<ID>>,
    #[graphql(default_with = "BulkErrorPolicy::RejectAll")]
    on_error: BulkErrorPolicy,
    idempotency_key: Option<String>,
}

/// Which seats are taken back.
#[derive(InputObject, Debug)]
struct UnassignSeatsInput {
    /// At most 100.
    assignment_ids: Vec<ID>,
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
}

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("assignSeats", assign)
        .doc("Gives seats, at most 100 at once. Whoever has the product already keeps the seat they have.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
    t.old_mutation("unassignSeats", |ask, input: UnassignSeatsInput| {
        async move {
            check_length(input.assignment_ids.len(), MOST_NAMED, "input.assignmentIds")?;
            let named = input
                .assignment_ids
                .iter()
                .map(|id| Kind::Assignment.parse(id).unwrap_or(Uuid::nil()));
            let command = UnassignSeats {
                assignments: named.collect(),
                all_or_nothing: input.on_error == BulkErrorPolicy::RejectAll,
            };
            let outcomes = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(UnassignSeatsPayload::of(&input, outcomes))
        }
        .boxed()
    })
    .guard(Permission::AssignmentsWrite)
    .weight(50);
}

async fn assign(
    scope: Scope,
    input: AssignSeatsInput,
    sent: Sent,
) -> Result<Bulk<AssignSeatResult, AssignedFrom>> {
    let command = Once::sent(input.idempotency_key.clone(), sent.hash(), input.command()?);
    let done = scope.run(command).await?;
    let outcomes = match done.first_made_at {
        Some(given_at) => as_given(done.output, given_at),
        None => done.output,
    };
    let taken_from = outcomes.iter().find_map(Assigned::subscription);
    let results = input.user_ids.into_iter().zip(outcomes).enumerate();
    let results = results.map(|(place, (user_id, outcome))| {
        let (status, assignment_id, refusal) = match outcome {
            Assigned::New { assignment_id, .. } => (BulkItemStatus::Applied, Some(assignment_id), None),
            Assigned::Unchanged(held) => (BulkItemStatus::Unchanged, Some(held.assignment_id), None),
            Assigned::Refused(refusal) => {
                (BulkItemStatus::Failed, None, Some(at_fault(refusal, Some(place))))
            }
        };
        let own = AssignSeatResult {
            given: user_id.0,
            assignment_id,
        };
        (status, refusal.map(UserError::from).into_iter().collect(), own)
    });
    let named = match &input.source {
        SeatSourceInput::SubscriptionId(id) => Kind::Subscription.parse(id),
        SeatSourceInput::ProductId(_) => None,
    };
    Ok(Bulk::of(results).with(AssignedFrom(named.or(taken_from))))
}

/// What seats were taken from.
#[derive(Clone)]
struct AssignedFrom(Option<Uuid>);

impl graphql::Payload for AssignedFrom {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.link::<Subscription, _>("subscription", |from| from.0)
            .doc("The one that was named, or the first that seats were taken from.");
    }
}

#[derive(Clone)]
struct AssignSeatResult {
    given: String,
    assignment_id: Option<Uuid>,
}

impl Object for AssignSeatResult {
    const NAME: &'static str = "AssignSeatResult";
    const DOC: &'static str = "Outcome for one user.";

    fn describe(t: &mut Type<Self>) {
        t.value("userId", |result| GivenId(result.given.clone()))
            .doc("As it was given.");
        t.link::<Assignment, _>("assignment", |result| result.assignment_id)
            .doc("The seat they have now; null if the item failed.");
    }
}

impl AssignSeatsInput {
    fn command(&self) -> Result<AssignSeats> {
        check_length(self.user_ids.len(), MOST_NAMED, "input.userIds")?;
        if let Some(ids) = self.component_ids.as_ref().filter(|ids| !ids.is_empty()) {
            check_length(ids.len(), MOST_NAMED, "input.componentIds")?;
        }
        let source = match &self.source {
            SeatSourceInput::SubscriptionId(id) => {
                SeatSource::Subscription(require_id(Kind::Subscription, id, "input.source.subscriptionId")?)
            }
            SeatSourceInput::ProductId(id) => {
                SeatSource::Product(require_id(Kind::Product, id, "input.source.productId")?)
            }
        };
        let components = self.component_ids.as_ref().map(|ids| {
            let component = |id| require_id(Kind::Component, id, "input.componentIds");
            ids.iter().map(component).collect::<Result<Vec<Uuid>>>()
        });
        let components = components.transpose()?;
        let request = |id: &ID| SeatRequest {
            // What is no id of a user names none: it is answered as not found.
            user_id: Kind::User.parse(id).unwrap_or(Uuid::nil()),
            source,
            components: components.clone(),
        };
        Ok(AssignSeats {
            requests: self.user_ids.iter().map(request).collect(),
            source: assignment::Source::Manual,
            all_or_nothing: self.on_error == BulkErrorPolicy::RejectAll,
        })
    }
}

/// Answer of unassignSeats.
#[derive(Clone, Debug, Default)]
pub struct UnassignSeatsPayload {
    results: Vec<UnassignSeatResult>,
    affected: Vec<Uuid>,
    refusals: Vec<Refusal>,
}

/// Outcome for one assignment.
#[derive(Clone, Debug)]
pub struct UnassignSeatResult {
    index: i32,
    given: String,
    status: BulkItemStatus,
    refusals: Vec<Refusal>,
}

impl UnassignSeatsPayload {
    fn of(input: &UnassignSeatsInput, outcomes: Vec<Unassigned>) -> Self {
        let freed = outcomes.iter().filter_map(|outcome| match outcome {
            Unassigned::Released { subscription_id } => Some(*subscription_id),
            Unassigned::Refused(_) => None,
        });
        let mut affected: Vec<Uuid> = freed.collect();
        affected.sort_unstable();
        affected.dedup();
        let result = |(place, (given, outcome)): (usize, (&ID, Unassigned))| {
            let (status, refusals) = match outcome {
                Unassigned::Released { .. } => (BulkItemStatus::Applied, Vec::new()),
                Unassigned::Refused(refusal) => (BulkItemStatus::Failed, vec![refusal]),
            };
            UnassignSeatResult {
                index: index(place),
                given: given.to_string(),
                status,
                refusals,
            }
        };
        let results = input
            .assignment_ids
            .iter()
            .zip(outcomes)
            .enumerate()
            .map(result)
            .collect();
        Self {
            results,
            affected,
            refusals: Vec::new(),
        }
    }
}

impl Payload for UnassignSeatsPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            refusals,
            ..Self::default()
        }
    }
}

impl Object for UnassignSeatsPayload {
    const NAME: &'static str = "UnassignSeatsPayload";
    const DOC: &'static str = "Answer of unassignSeats.";

    fn describe(t: &mut Type<Self>) {
        t.children("results", |payload| payload.results.clone());
        t.child("summary", |payload| {
            BulkSummary::of(payload.results.iter().map(|result| result.status))
        });
        t.old_many("affectedSubscriptions", |ask, payloads, _: NoArgs| {
            async move {
                // A root has one payload.
                let affected = payloads
                    .first()
                    .map(|payload| payload.affected.as_slice())
                    .unwrap_or_default();
                let found = Subscription::by_ids(ask.scope, affected).await;
                found.map(|found| vec![found])
            }
            .boxed()
        });
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}

impl Object for UnassignSeatResult {
    const NAME: &'static str = "UnassignSeatResult";
    const DOC: &'static str = "Outcome for one assignment.";

    fn describe(t: &mut Type<Self>) {
        t.value("index", |result| result.index);
        t.value("assignmentId", |result| GivenId(result.given.clone()));
        t.value("status", |result| result.status);
        t.any_children("userErrors", |result| UserError::each(&result.refusals));
    }
}
