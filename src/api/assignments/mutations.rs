//! Giving and taking seats over GraphQL.

use async_graphql::{ID, InputObject, OneofObject};
use entity::ids::Kind;
use uuid::Uuid;

use super::given_by;
use crate::api::Mutation;
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, check_length, item, named};
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::ids::GivenId;
use crate::assignments::refusals::at_fault;
use crate::assignments::{
    AssignSeats, Assigned, Assignment, SeatRequest, SeatSource, UnassignSeats, Unassigned,
};
use crate::error::Result;
use crate::idempotency::Once;
use crate::read::{ById, Scope};
use crate::subscriptions::Subscription;
use graphql::{Bulk, Envelope, Object, Payload, Rows, Sent, Type};

/// Seats one call may give or take.
const MOST_NAMED: usize = crate::limits::NAMED_AT_ONCE;

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("assignSeats", assign)
        .doc("Gives seats, at most 100 at once. Whoever has the product already keeps the seat they have; components that are named are on from then, and all others off.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
    t.mutation("unassignSeats", unassign)
        .doc("Takes seats back, at most 100 at once; they are free with the answer.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
}

/// What to take the seats from: a subscription, or any in-term subscription of a product (the one that ends last first).
#[derive(OneofObject, Debug)]
pub enum SeatSourceInput {
    /// From this subscription.
    SubscriptionId(ID),
    /// From any in-term subscription of this product.
    ProductId(ID),
}

impl SeatSourceInput {
    /// `place` is where it stands in the call.
    pub fn read(&self, place: &str) -> Result<SeatSource> {
        let id = |kind, id, name: &str| require_id(kind, id, &format!("{place}.{name}"));
        Ok(match self {
            Self::SubscriptionId(given) => {
                SeatSource::Subscription(id(Kind::Subscription, given, "subscriptionId")?)
            }
            Self::ProductId(given) => SeatSource::Product(id(Kind::Product, given, "productId")?),
        })
    }
}

/// Who gets a seat, and out of what.
#[derive(InputObject, Debug)]
struct AssignSeatsInput {
    /// What to take the seats from.
    source: SeatSourceInput,
    /// At most 100; larger sets go through an import.
    user_ids: Vec<ID>,
    /// Components that are on, at most 100; null: the product's defaults for a new seat, and those of now for one that is held.
    component_ids: Option<Vec<ID>>,
    /// What to do when some seats cannot be given; by default none is.
    #[graphql(default_with = "BulkErrorPolicy::RejectAll")]
    on_error: BulkErrorPolicy,
    /// Makes the call safe to repeat for 24 hours: the same call under the same key is answered as the first one. 1 to 200 bytes; null: no key.
    idempotency_key: Option<String>,
}

impl AssignSeatsInput {
    fn command(&self, scope: &Scope) -> Result<AssignSeats> {
        let users = named(Kind::User, &self.user_ids, MOST_NAMED, "input.userIds")?;
        let source = self.source.read("input.source")?;
        let components = self.component_ids.as_deref().map(component_ids).transpose()?;
        let request = |user_id| SeatRequest {
            user_id,
            source,
            components: components.clone(),
        };
        Ok(AssignSeats {
            requests: users.into_iter().map(request).collect(),
            source: given_by(scope),
            all_or_nothing: self.on_error == BulkErrorPolicy::RejectAll,
            newcomers: Vec::new(),
        })
    }
}

/// None at all may be named: that everything is switched off is refused with its own words.
pub fn component_ids(given: &[ID]) -> Result<Vec<Uuid>> {
    check_length(given.len().max(1), MOST_NAMED, "input.componentIds")?;
    let component = |id| require_id(Kind::Component, id, "input.componentIds");
    given.iter().map(component).collect()
}

async fn assign(
    scope: Scope,
    input: AssignSeatsInput,
    sent: Sent,
) -> Result<Bulk<AssignSeatResult, AssignedFrom>> {
    let command = input.command(&scope)?;
    let named = match command.requests.first().map(|request| request.source) {
        Some(SeatSource::Subscription(id)) => Some(id),
        _ => None,
    };
    let done = scope
        .run(Once::sent(input.idempotency_key, sent.hash(), command))
        .await?;
    let outcomes = done.output;
    let from = named.or_else(|| outcomes.iter().find_map(Assigned::subscription));
    let results = input.user_ids.into_iter().zip(outcomes).enumerate();
    let results = results.map(|(place, (user_id, outcome))| {
        let (ended, assignment) = match outcome {
            Assigned::New(seat) | Assigned::Changed(seat) => {
                (Ok(BulkItemStatus::Applied), Some(Assignment(seat)))
            }
            Assigned::Unchanged(seat) => (Ok(BulkItemStatus::Unchanged), Some(Assignment(seat))),
            Assigned::Refused(refusal) => (Err(at_fault(refusal, Some(place))), None),
        };
        item(
            ended,
            AssignSeatResult {
                given: user_id.0,
                assignment,
            },
        )
    });
    Ok(Bulk::of(results).with(AssignedFrom(from)))
}

/// What seats were taken from.
#[derive(Clone)]
struct AssignedFrom(Option<Uuid>);

impl Payload for AssignedFrom {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.link::<Subscription, _>("subscription", |from| from.0)
            .doc("The one that was named, or the first that seats were taken from.");
    }
}

#[derive(Clone)]
struct AssignSeatResult {
    given: String,
    /// As the command left it.
    assignment: Option<Assignment>,
}

impl Object for AssignSeatResult {
    const NAME: &'static str = "AssignSeatResult";
    const DOC: &'static str = "Outcome for one user.";

    fn describe(t: &mut Type<Self>) {
        t.value("userId", |result| GivenId(result.given.clone()))
            .doc("As it was given.");
        t.child_opt("assignment", |result| result.assignment)
            .doc("The seat they have now; null if the item failed.");
    }
}

/// Which seats are taken back.
#[derive(InputObject, Debug)]
struct UnassignSeatsInput {
    /// At most 100.
    assignment_ids: Vec<ID>,
    /// What to do when some seats cannot be taken back; by default the others are.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
}

async fn unassign(scope: Scope, input: UnassignSeatsInput) -> Result<Bulk<UnassignSeatResult, FreedFrom>> {
    let command = UnassignSeats {
        assignments: named(
            Kind::Assignment,
            &input.assignment_ids,
            MOST_NAMED,
            "input.assignmentIds",
        )?,
        all_or_nothing: input.on_error == BulkErrorPolicy::RejectAll,
    };
    let outcomes = scope.run(command).await?;
    let freed = FreedFrom::of(&outcomes);
    let results = input
        .assignment_ids
        .into_iter()
        .zip(outcomes)
        .map(|(given, outcome)| {
            let ended = match outcome {
                Unassigned::Released { .. } => Ok(BulkItemStatus::Applied),
                Unassigned::Refused(refusal) => Err(refusal),
            };
            item(ended, UnassignSeatResult(given.0))
        });
    Ok(Bulk::of(results).with(freed))
}

/// What seats went back to, each once.
#[derive(Clone)]
struct FreedFrom(Vec<Uuid>);

impl FreedFrom {
    fn of(outcomes: &[Unassigned]) -> Self {
        let freed = outcomes.iter().filter_map(|outcome| match outcome {
            Unassigned::Released { subscription_id } => Some(*subscription_id),
            Unassigned::Refused(_) => None,
        });
        let mut freed: Vec<Uuid> = freed.collect();
        freed.sort_unstable();
        freed.dedup();
        Self(freed)
    }
}

impl Payload for FreedFrom {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.many("affectedSubscriptions", affected)
            .doc("The subscriptions that have more free seats now, each once; null if the call was refused.");
    }
}

/// A call has one answer.
async fn affected(scope: Scope, freed: Rows<FreedFrom>) -> Result<Vec<Vec<Subscription>>> {
    let ids = freed.first().map(|freed| freed.0.as_slice()).unwrap_or_default();
    Ok(vec![Subscription::by_ids(&scope, ids).await?])
}

#[derive(Clone)]
struct UnassignSeatResult(String);

impl Object for UnassignSeatResult {
    const NAME: &'static str = "UnassignSeatResult";
    const DOC: &'static str = "Outcome for one assignment.";

    fn describe(t: &mut Type<Self>) {
        t.value("assignmentId", |result| GivenId(result.0.clone()))
            .doc("As it was given.");
    }
}
