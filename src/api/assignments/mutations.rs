//! Giving, customising and taking back seats over GraphQL.

use std::collections::BTreeSet;

use async_graphql::{Enum, ID, InputObject, OneofObject};
use entity::ids::Kind;
use futures::future::Either;
use uuid::Uuid;

use super::given_by;
use crate::access::permit;
use crate::api::Mutation;
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, check_length, index, item, named, one_of};
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::ids::GivenId;
use crate::api::users::UserFilter;
use crate::assignments::waitlist::WaitlistEntry;
use crate::assignments::{
    AssignToUsers, Assigned, Assignment, CustomiseAssignment, Named, SeatSource, Taken, UnassignSeats,
    Unassigned,
};
use crate::error::{Code, Refusal, Result};
use crate::idempotency::Once;
use crate::limits;
use crate::read::{ById, Scope};
use crate::subscriptions::Subscription;
use crate::users::read;
use graphql::{Bulk, Envelope, Object, Payload, Rows, Sent, Type};

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("assignSeats", assign)
        .doc("Gives up to 100 users a seat of each source. Whoever has the product already keeps the seat they have; components that are named are on from then, and all others of its product off.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
    t.mutation("unassignSeats", unassign)
        .doc("Takes seats back, at most 100 at once; they are free with the answer.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
    super::waitlist::on_mutation(t);
    super::reclaiming::on_mutation(t);
    t.mutation("customizeAssignment", customise)
        .doc("Switches the components of one seat. No seat moves, and nobody is told.")
        .guard(Permission::AssignmentsWrite)
        .weight(10);
}

/// What to take a seat from: a subscription, or any in-term subscription of a product (the one that ends last first).
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

/// What happens to those for whom no seat is left.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
enum WhenFull {
    /// They are refused (`SEATS_EXHAUSTED`).
    Refuse,
    /// They wait in order; each seat is given in the very moment that frees it, and they are told by mail.
    Waitlist,
}

/// Who gets seats, and out of what. Exactly one of `userIds` and `userFilter` is given.
#[derive(InputObject, Debug)]
struct AssignSeatsInput {
    /// What to take the seats from, at most 20: everybody gets one of each, in this order. They read of all of them in one mail.
    sources: Vec<SeatSourceInput>,
    /// Who gets them, at most 100; larger sets go through an import.
    user_ids: Option<Vec<ID>>,
    /// All for whom this holds get them, at most 100, in the order they were added; needs the permission `USERS_READ`.
    user_filter: Option<UserFilter>,
    /// Components that are on, at most 100, of any of the products. Null, and for a product of which none is named: its defaults for a new seat, and those of now for one that is
    /// held.
    component_ids: Option<Vec<ID>>,
    /// What happens to those for whom no seat is left.
    #[graphql(default_with = "WhenFull::Refuse")]
    when_full: WhenFull,
    /// What to do when some seats cannot be given; by default none is. Whoever waits is not refused.
    #[graphql(default_with = "BulkErrorPolicy::RejectAll")]
    on_error: BulkErrorPolicy,
    /// Makes the call safe to repeat for 24 hours: the same call under the same key is answered as the first one. 1 to 200 bytes; null: no key.
    idempotency_key: Option<String>,
}

impl AssignSeatsInput {
    async fn command(&mut self, scope: &Scope) -> Result<AssignToUsers> {
        check_length(self.sources.len(), limits::SOURCES_AT_ONCE, "input.sources")?;
        let source =
            |(place, source): (usize, &SeatSourceInput)| source.read(&format!("input.sources.{place}"));
        Ok(AssignToUsers {
            sources: self
                .sources
                .iter()
                .enumerate()
                .map(source)
                .collect::<Result<_>>()?,
            components: self.component_ids.as_deref().map(component_ids).transpose()?,
            source: given_by(scope),
            waits: self.when_full == WhenFull::Waitlist,
            all_or_nothing: self.on_error == BulkErrorPolicy::RejectAll,
            users: whom(scope, self.user_ids.as_deref(), self.user_filter.take()).await?,
        })
    }
}

/// Users by their ids, or all who match.
pub async fn whom(scope: &Scope, ids: Option<&[ID]>, filter: Option<UserFilter>) -> Result<Vec<Uuid>> {
    let most = limits::NAMED_AT_ONCE;
    let filter = match one_of((ids, "userIds"), (filter, "userFilter"))? {
        Either::Left(ids) => return named(Kind::User, ids, most, "input.userIds"),
        Either::Right(filter) => filter,
    };
    permit(scope.actor(), Permission::UsersRead.action())?;
    let users = read::matching(scope, &filter.for_reader(scope)?, most + 1).await?;
    if users.len() > most {
        let text = format!("More than {most} users match. Narrow the filter down.");
        return Err(Refusal::new(Code::TooManyItems, text)
            .at("input.userFilter")
            .into());
    }
    Ok(users)
}

/// None at all may be named: that everything is switched off is refused with its own words.
pub fn component_ids(given: &[ID]) -> Result<Vec<Uuid>> {
    check_length(given.len().max(1), limits::NAMED_AT_ONCE, "input.componentIds")?;
    let component = |id| require_id(Kind::Component, id, "input.componentIds");
    given.iter().map(component).collect()
}

async fn assign(
    scope: Scope,
    mut input: AssignSeatsInput,
    sent: Sent,
) -> Result<Bulk<AssignSeatResult, Affected>> {
    let command = input.command(&scope).await?;
    let sources = command.sources.len();
    let done = scope
        .run(Once::sent(input.idempotency_key, sent.hash(), command))
        .await?;
    let affected = Affected::of(
        done.output
            .iter()
            .filter_map(|given| given.outcome.subscription()),
    );
    let ids = input.user_ids.unwrap_or_default();
    let results = done.output.into_iter().enumerate().map(|(place, given)| {
        let (ended, assignment, entry) = match given.outcome {
            Assigned::New(seat) | Assigned::Changed(seat) => {
                (Ok(BulkItemStatus::Applied), Some(Assignment(seat)), None)
            }
            Assigned::Unchanged(seat) => (Ok(BulkItemStatus::Unchanged), Some(Assignment(seat)), None),
            Assigned::Waiting { entry, is_new: true } => (Ok(BulkItemStatus::Applied), None, Some(entry)),
            Assigned::Waiting { entry, .. } => (Ok(BulkItemStatus::Unchanged), None, Some(entry)),
            Assigned::Refused(refusal) => (Err(refusal), None, None),
        };
        let user = ids.get(place / sources).map(|id| id.0.clone());
        item(
            ended,
            AssignSeatResult {
                user: user.unwrap_or_else(|| Kind::User.text(given.user_id)),
                source: index(place % sources),
                assignment,
                entry,
            },
        )
    });
    Ok(Bulk::of(results).with(affected))
}

/// The subscriptions that have more or fewer free seats than before.
#[derive(Clone)]
pub struct Affected(Vec<Uuid>);

impl Affected {
    pub fn of(subscriptions: impl Iterator<Item = Uuid>) -> Self {
        let each: BTreeSet<Uuid> = subscriptions.collect();
        Self(each.into_iter().collect())
    }

    /// Those that have free seats by what was taken back.
    pub fn by(outcomes: &[Unassigned]) -> Self {
        let taken = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok());
        let freed = taken.filter(|taken| !taken.stays);
        Self::of(freed.map(|taken| taken.seat.subscription_id))
    }
}

impl Payload for Affected {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.many("affectedSubscriptions", affected)
            .doc("The subscriptions whose seats were given or taken back, each once; null if the call was refused.");
    }
}

/// A call has one answer.
async fn affected(scope: Scope, affected: Rows<Affected>) -> Result<Vec<Vec<Subscription>>> {
    let ids = affected
        .first()
        .map(|affected| affected.0.as_slice())
        .unwrap_or_default();
    Ok(vec![Subscription::by_ids(&scope, ids).await?])
}

#[derive(Clone)]
struct AssignSeatResult {
    user: String,
    source: i32,
    /// As the command left it.
    assignment: Option<Assignment>,
    entry: Option<Uuid>,
}

impl Object for AssignSeatResult {
    const NAME: &'static str = "AssignSeatResult";
    const DOC: &'static str =
        "Outcome for one user and one source: of the first user all sources, then of the next.";

    fn describe(t: &mut Type<Self>) {
        t.value("userId", |result| GivenId(result.user.clone()))
            .doc("As it was given, or whom the filter found.");
        t.value("sourceIndex", |result| result.source)
            .doc("Place in `sources` of what the seat was asked of, from 0.");
        t.child_opt("assignment", |result| result.assignment)
            .doc("The seat they have now; null if the item failed, or if they wait.");
        t.link::<WaitlistEntry, _>("waitlistEntry", |result| result.entry)
            .doc("Where they wait; null if they do not, or not any more.");
    }
}

/// Which seats are taken back: either `assignmentIds`, or `userIds` with `productId`.
#[derive(InputObject, Debug)]
struct UnassignSeatsInput {
    /// These seats, at most 100.
    assignment_ids: Option<Vec<ID>>,
    /// The seats that these users, at most 100, hold of a product.
    user_ids: Option<Vec<ID>>,
    /// The product of those seats.
    product_id: Option<ID>,
    /// What to do when some seats cannot be taken back; by default the others are.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
}

impl UnassignSeatsInput {
    fn named(&self) -> Result<Named> {
        let most = limits::NAMED_AT_ONCE;
        let (seats, users) = (self.assignment_ids.as_deref(), self.user_ids.as_deref());
        let missing =
            || Refusal::new(Code::Required, "Name the product of these seats.").at("input.productId");
        let needless =
            || Refusal::new(Code::Invalid, "assignmentIds say which product it is.").at("input.productId");
        match (
            one_of((seats, "assignmentIds"), (users, "userIds"))?,
            &self.product_id,
        ) {
            (Either::Left(_), Some(_)) => Err(needless().into()),
            (Either::Left(ids), None) => {
                let seats = named(Kind::Assignment, ids, most, "input.assignmentIds")?;
                Ok(Named::Assignments(seats))
            }
            (Either::Right(_), None) => Err(missing().into()),
            (Either::Right(users), Some(product)) => Ok(Named::OfUsers {
                users: named(Kind::User, users, most, "input.userIds")?,
                product_id: require_id(Kind::Product, product, "input.productId")?,
            }),
        }
    }
}

async fn unassign(scope: Scope, input: UnassignSeatsInput) -> Result<Bulk<UnassignSeatResult, Affected>> {
    let seats = input.named()?;
    let is_by_user = matches!(seats, Named::OfUsers { .. });
    let all_or_nothing = input.on_error == BulkErrorPolicy::RejectAll;
    let outcomes = scope
        .run(UnassignSeats {
            seats,
            all_or_nothing,
        })
        .await?;
    let affected = Affected::by(&outcomes);
    let given = input.assignment_ids.or(input.user_ids).unwrap_or_default();
    let results = given.into_iter().zip(outcomes).map(|(given, outcome)| {
        let own = match is_by_user {
            true => UnassignSeatResult::by_user(given.0, outcome.as_ref().ok()),
            false => UnassignSeatResult::by_assignment(given.0, outcome.as_ref().ok()),
        };
        item(outcome.map(|_| BulkItemStatus::Applied), own)
    });
    Ok(Bulk::of(results).with(affected))
}

#[derive(Clone)]
pub struct UnassignSeatResult {
    assignment: Option<String>,
    user: Option<String>,
    stays: bool,
}

impl UnassignSeatResult {
    pub fn by_assignment(given: String, taken: Option<&Taken>) -> Self {
        Self {
            assignment: Some(given),
            user: taken.map(|taken| Kind::User.text(taken.seat.user_id)),
            stays: taken.is_some_and(|taken| taken.stays),
        }
    }

    fn by_user(given: String, taken: Option<&Taken>) -> Self {
        Self {
            assignment: taken.map(|taken| Kind::Assignment.text(taken.seat.id)),
            user: Some(given),
            stays: taken.is_some_and(|taken| taken.stays),
        }
    }
}

impl Object for UnassignSeatResult {
    const NAME: &'static str = "UnassignSeatResult";
    const DOC: &'static str = "Outcome for one seat.";

    fn describe(t: &mut Type<Self>) {
        t.value("assignmentId", |result| result.assignment.clone().map(GivenId))
            .doc("As it was given, or what the user held; null if they held none.");
        t.value("userId", |result| result.user.clone().map(GivenId))
            .doc("As it was given, or who held the seat; null if nobody did.");
        t.value("stays", |result| result.stays)
            .doc("True: it is held by hand no longer and is not free, because a group of theirs gives it (`Assignment.groups`).");
    }
}

/// Which components of a seat are on.
#[derive(InputObject, Debug)]
struct CustomizeAssignmentInput {
    /// The seat.
    assignment_id: ID,
    /// The version that was read: if it is another by now, nothing is changed (`STALE_VERSION`). Null: whatever it is.
    expected_version: Option<i32>,
    /// All that are on, at most 100; the required ones, and those that others need, must be among them.
    component_ids: Vec<ID>,
}

async fn customise(scope: Scope, input: CustomizeAssignmentInput) -> Result<Assignment> {
    let command = CustomiseAssignment {
        assignment_id: require_id(Kind::Assignment, &input.assignment_id, "input.assignmentId")?,
        expected_version: input.expected_version,
        components: component_ids(&input.component_ids)?,
    };
    scope.run(command).await
}
