//! Whom a call about seats is for, and what it leads to beside its results.

use std::collections::BTreeSet;

use async_graphql::ID;
use entity::ids::Kind;
use futures::future::Either;
use uuid::Uuid;

use crate::access::permit;
use crate::api::bulk::{named, one_of};
use crate::api::guard::Permission;
use crate::api::users::UserFilter;
use crate::assignments::Unassigned;
use crate::bulk_jobs::BulkJob;
use crate::error::{Code, Refusal, Result};
use crate::limits;
use crate::read::{ById, Scope};
use crate::subscriptions::Subscription;
use crate::users::read;
use graphql::{Envelope, Payload, Rows, Type};

/// Users by their ids, or all who match: of a filter so many that a job sees to them. `holding`: with a seat of this product.
pub async fn whom(
    scope: &Scope,
    ids: Option<&[ID]>,
    filter: Option<UserFilter>,
    holding: Option<Uuid>,
) -> Result<Vec<Uuid>> {
    let filter = match one_of((ids, "userIds"), (filter, "userFilter"))? {
        Either::Left(ids) => return named(Kind::User, ids, limits::NAMED_AT_ONCE, "input.userIds"),
        Either::Right(filter) => filter,
    };
    permit(scope.actor(), Permission::UsersRead.action())?;
    let most = limits::MATCHED_AT_ONCE;
    let mut filter = filter.for_reader(scope)?;
    filter.holding = holding;
    let users = read::matching(scope, &filter, most + 1).await?;
    if users.len() > most {
        let text = format!("More than {most} users match. Narrow the filter down.");
        return Err(Refusal::new(Code::TooManyItems, text)
            .at("input.userFilter")
            .into());
    }
    Ok(users)
}

/// Whether so many are seen to by a job, and not within the call.
pub fn are_many(users: &[Uuid]) -> bool {
    users.len() > limits::NAMED_AT_ONCE
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
    pub fn by<'a>(outcomes: impl IntoIterator<Item = &'a Unassigned>) -> Self {
        let taken = outcomes.into_iter().filter_map(|outcome| outcome.as_ref().ok());
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

/// What a call came to that may be for many: either it is done, or a job was begun.
#[derive(Clone)]
pub struct Asked {
    affected: Affected,
    job: Option<Uuid>,
}

impl Asked {
    pub fn done(affected: Affected) -> Self {
        Self { affected, job: None }
    }

    pub fn begun(job: Uuid) -> Self {
        Self {
            affected: Affected(Vec::new()),
            job: Some(job),
        }
    }
}

impl Payload for Asked {
    fn fields(t: &mut Type<Self>, envelope: &Envelope) {
        let mut affected = Type::<Affected>::new("", "");
        Affected::fields(&mut affected, envelope);
        t.lift(affected, |asked| Some(&asked.affected), false);
        t.link::<BulkJob, _>("job", |asked| asked.job)
            .doc("The job that sees to more than 100 people, in whose `items` is what becomes of each; `results` is empty then. Null if the call itself did.");
    }
}
