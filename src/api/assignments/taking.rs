//! Taking back seats over GraphQL.

use async_graphql::{ID, InputObject};
use entity::bulk_job::Task;
use entity::ids::Kind;
use futures::future::Either;
use uuid::Uuid;

use super::asked::{Affected, Asked, are_many, whom};
use crate::api::Mutation;
use crate::api::bulk::{BulkErrorPolicy, BulkItemStatus, item, named, one_of};
use crate::api::errors::require_id;
use crate::api::guard::Permission;
use crate::api::ids::GivenId;
use crate::api::jobs::on_error;
use crate::api::users::UserFilter;
use crate::assignments::{Named, Taken, UnassignSeats};
use crate::bulk_jobs::{Answer, NowOrLater, StartBulkJob};
use crate::error::{Code, Refusal, Result};
use crate::limits;
use crate::read::Scope;
use graphql::{Bulk, Object, Type};

/// `unassignSeats`.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("unassignSeats", unassign)
        .doc("Takes seats back: at most 100 at once, which are free with the answer, and of all who match a filter up to 5,000, in the background if they are more than 100.")
        .guard(Permission::AssignmentsWrite)
        .weight(50);
}

/// Which seats are taken back: either `assignmentIds`, or `userIds` or `userFilter` with `productId`.
#[derive(InputObject, Debug)]
struct UnassignSeatsInput {
    /// These seats, at most 100.
    assignment_ids: Option<Vec<ID>>,
    /// The seats that these users, at most 100, hold of a product.
    user_ids: Option<Vec<ID>>,
    /// The seats that all for whom this holds, at most 5,000, hold of a product; needs the permission `USERS_READ`. More than 100 are seen to by a job.
    user_filter: Option<UserFilter>,
    /// The product of those seats.
    product_id: Option<ID>,
    /// What to do when some seats cannot be taken back; by default the others are.
    #[graphql(default_with = "BulkErrorPolicy::SkipFailed")]
    on_error: BulkErrorPolicy,
}

impl UnassignSeatsInput {
    /// What is to be done; with it those whom the filter found, if they are few.
    async fn command(&mut self, scope: &Scope) -> Result<(NowOrLater<UnassignSeats>, Option<Vec<ID>>)> {
        let mut found = None;
        let all_or_nothing = self.on_error == BulkErrorPolicy::RejectAll;
        let seats = match (self.assignment_ids.as_deref(), self.user_filter.is_some()) {
            (Some(_), true) => {
                let text = "Give assignmentIds or userFilter, not both.";
                return Err(Refusal::new(Code::Invalid, text).at("input.userFilter").into());
            }
            (None, true) => {
                let product_id = self.product()?;
                let (ids, filter) = (self.user_ids.as_deref(), self.user_filter.take());
                let users = whom(scope, ids, filter, Some(product_id)).await?;
                if are_many(&users) {
                    let job = StartBulkJob {
                        task: Task::UnassignSeats { product_id },
                        on_error: on_error(self.on_error),
                        users,
                    };
                    return Ok((NowOrLater::Later(job), None));
                }
                found = Some(users.iter().map(|id| ID(Kind::User.text(*id))).collect());
                Named::OfUsers { users, product_id }
            }
            (_, false) => self.named()?,
        };
        let command = UnassignSeats {
            seats,
            all_or_nothing,
        };
        Ok((NowOrLater::Now(command), found))
    }

    fn product(&self) -> Result<Uuid> {
        let missing =
            || Refusal::new(Code::Required, "Name the product of these seats.").at("input.productId");
        let product = self.product_id.as_ref().ok_or_else(missing)?;
        require_id(Kind::Product, product, "input.productId")
    }

    fn named(&self) -> Result<Named> {
        let most = limits::NAMED_AT_ONCE;
        let (seats, users) = (self.assignment_ids.as_deref(), self.user_ids.as_deref());
        let needless =
            || Refusal::new(Code::Invalid, "assignmentIds say which product it is.").at("input.productId");
        match one_of((seats, "assignmentIds"), (users, "userIds"))? {
            Either::Left(_) if self.product_id.is_some() => Err(needless().into()),
            Either::Left(ids) => {
                let seats = named(Kind::Assignment, ids, most, "input.assignmentIds")?;
                Ok(Named::Assignments(seats))
            }
            Either::Right(users) => {
                let product_id = self.product()?;
                Ok(Named::OfUsers {
                    users: named(Kind::User, users, most, "input.userIds")?,
                    product_id,
                })
            }
        }
    }
}

async fn unassign(scope: Scope, mut input: UnassignSeatsInput) -> Result<Bulk<UnassignSeatResult, Asked>> {
    let (command, found) = input.command(&scope).await?;
    let is_by_user = input.assignment_ids.is_none();
    let outcomes = match scope.run(command).await? {
        Answer::Begun { job } => return Ok(Bulk::none().with(Asked::begun(job))),
        Answer::Done(outcomes) => outcomes,
    };
    let affected = Affected::by(&outcomes);
    let given = found.or(input.assignment_ids).or(input.user_ids);
    let results = given.unwrap_or_default().into_iter().zip(outcomes);
    let results = results.map(|(given, outcome)| {
        let taken = outcome.as_ref().ok();
        let own = match is_by_user {
            true => UnassignSeatResult::by_user(given.0, taken),
            false => {
                let user = taken.map(|taken| taken.seat.user_id);
                UnassignSeatResult::by_assignment(given.0, user, taken)
            }
        };
        item(outcome.map(|_| BulkItemStatus::Applied), own)
    });
    Ok(Bulk::of(results).with(Asked::done(affected)))
}

#[derive(Clone)]
pub struct UnassignSeatResult {
    assignment: Option<String>,
    user: Option<String>,
    stays: bool,
}

impl UnassignSeatResult {
    /// `user` is who held the seat that was named, whether or not it could be taken.
    pub fn by_assignment(given: String, user: Option<Uuid>, taken: Option<&Taken>) -> Self {
        Self {
            assignment: Some(given),
            user: user.map(|id| Kind::User.text(id)),
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
