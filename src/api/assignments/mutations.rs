//! Giving and customising seats over GraphQL.

use async_graphql::{Enum, ID, InputObject, OneofObject};
use entity::bulk_job::{SeatFrom, Task};
use entity::ids::Kind;
use uuid::Uuid;

use super::asked::{Affected, Asked, are_many, whom};
use super::given_by;
use crate::api::Mutation;
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, check_length, index, item};
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::ids::GivenId;
use crate::api::jobs::on_error;
use crate::api::users::UserFilter;
use crate::assignments::waitlist::WaitlistEntry;
use crate::assignments::{AssignToUsers, Assigned, Assignment, CustomiseAssignment, SeatSource};
use crate::bulk_jobs::{Answer, NowOrLater, StartBulkJob};
use crate::error::{Code, Refusal, Result};
use crate::idempotency::Once;
use crate::limits;
use crate::read::Scope;
use graphql::{Bulk, Date, Object, Sent, Type};

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("assignSeats", assign)
        .doc("Gives up to 100 users, or up to 5,000 who match a filter, a seat of each source; more than 100 in the background. Whoever has the product already keeps the seat they have; components that are named are on from then, and all others of its product off; it ends on the day that is named.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
    super::taking::on_mutation(t);
    super::waitlist::on_mutation(t);
    super::reclaiming::on_mutation(t);
    t.mutation("customizeAssignment", customise)
        .doc("Switches the components of one seat, or has it end on another day. No seat moves, and nobody is told.")
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
pub enum WhenFull {
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
    /// All for whom this holds get them, at most 5,000, in the order they were added; needs the permission `USERS_READ`. More than 100 are seen to by a `job`.
    user_filter: Option<UserFilter>,
    /// Components that are on, at most 100, of any of the products. Null, and for a product of which none is named: its defaults for a new seat, and those of now for one that is
    /// held.
    component_ids: Option<Vec<ID>>,
    /// The last day (UTC) on which the seats are held, today or later: they are free on the next, and their users are told seven days before. Null: new seats have no end, and
    /// those that are held keep theirs.
    expires_on: Option<Date>,
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
    async fn command(&mut self, scope: &Scope) -> Result<NowOrLater<AssignToUsers>> {
        check_length(self.sources.len(), limits::SOURCES_AT_ONCE, "input.sources")?;
        let source =
            |(place, source): (usize, &SeatSourceInput)| source.read(&format!("input.sources.{place}"));
        let sources = self.sources.iter().enumerate().map(source);
        let command = AssignToUsers {
            sources: sources.collect::<Result<_>>()?,
            components: self.component_ids.as_deref().map(component_ids).transpose()?,
            source: given_by(scope),
            expires_on: self.expires_on.map(|day| day.0),
            waits: self.when_full == WhenFull::Waitlist,
            all_or_nothing: self.on_error == BulkErrorPolicy::RejectAll,
            users: whom(scope, self.user_ids.as_deref(), self.user_filter.take(), None).await?,
        };
        Ok(match are_many(&command.users) {
            true => NowOrLater::Later(self.later(command)),
            false => NowOrLater::Now(command),
        })
    }

    fn later(&self, command: AssignToUsers) -> StartBulkJob {
        let source = |source: &SeatSource| match *source {
            SeatSource::Subscription(id) => SeatFrom::Subscription(id),
            SeatSource::Product(id) => SeatFrom::Product(id),
        };
        StartBulkJob {
            task: Task::AssignSeats {
                sources: command.sources.iter().map(source).collect(),
                components: command.components,
                source: command.source,
                waits: command.waits,
                expires_on: command.expires_on,
            },
            on_error: on_error(self.on_error),
            users: command.users,
        }
    }
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
) -> Result<Bulk<AssignSeatResult, Asked>> {
    let command = input.command(&scope).await?;
    let sources = input.sources.len();
    let done = scope
        .run(Once::sent(input.idempotency_key, sent.hash(), command))
        .await?;
    let done = match done.output {
        Answer::Begun { job } => return Ok(Bulk::none().with(Asked::begun(job))),
        Answer::Done(done) => done,
    };
    let affected = Affected::of(done.iter().filter_map(|given| given.outcome.subscription()));
    let ids = input.user_ids.unwrap_or_default();
    let results = done.into_iter().enumerate().map(|(place, given)| {
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
    Ok(Bulk::of(results).with(Asked::done(affected)))
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

/// Which components of a seat are on, and until when it is held.
#[derive(InputObject, Debug)]
struct CustomizeAssignmentInput {
    /// The seat.
    assignment_id: ID,
    /// The version that was read: if it is another by now, nothing is changed (`STALE_VERSION`). Null: whatever it is.
    expected_version: Option<i32>,
    /// All that are on, at most 100; the required ones, and those that others need, must be among them. Null: those of now.
    component_ids: Option<Vec<ID>>,
    /// The last day (UTC) on which the seat is held, today or later. Null: as it is.
    expires_on: Option<Date>,
    /// Has the seat end by itself no more.
    #[graphql(default)]
    never_expires: bool,
}

async fn customise(scope: Scope, input: CustomizeAssignmentInput) -> Result<Assignment> {
    let command = CustomiseAssignment {
        assignment_id: require_id(Kind::Assignment, &input.assignment_id, "input.assignmentId")?,
        expected_version: input.expected_version,
        components: input.component_ids.as_deref().map(component_ids).transpose()?,
        expires_on: match (input.expires_on, input.never_expires) {
            (Some(_), true) => {
                let text = "Give a last day or neverExpires, not both.";
                return Err(Refusal::new(Code::Invalid, text).at("input.neverExpires").into());
            }
            (None, true) => Some(None),
            (day, false) => day.map(|day| Some(day.0)),
        },
    };
    scope.run(command).await
}
