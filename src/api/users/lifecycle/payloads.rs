//! What changes of standing and role answer: outcomes become payloads.

use crate::api::old::OldStyle as _;
use async_graphql::ID;
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::bulk::{BulkItemStatus, BulkSummary, index};
use crate::api::errors::{Payload, UserError};
use crate::api::ids::GivenId;
use crate::api::old::NoArgs;
use crate::error::Refusal;
use crate::read::ById;
use crate::users::User;
use crate::users::lifecycle::{HandedOver, Outcome};
use graphql::{Links, Object, Type};

/// What the bulk mutations answer alike.
#[derive(Clone, Debug, Default)]
pub struct UserResults {
    results: Vec<UserBulkResult>,
    refusals: Vec<Refusal>,
}

/// Outcome for one user.
#[derive(Clone, Debug)]
pub struct UserBulkResult {
    index: i32,
    given: String,
    status: BulkItemStatus,
    user_id: Option<Uuid>,
    released_seats: i32,
    refusals: Vec<Refusal>,
}

impl UserResults {
    pub fn of(given: &[ID], outcomes: Vec<Outcome>) -> Self {
        let result = |(place, (given, outcome)): (usize, (&ID, Outcome))| {
            let (status, released_seats, refusals) = match outcome {
                Outcome::Applied {
                    released_seats,
                    shortfalls,
                } => (BulkItemStatus::Applied, released_seats, shortfalls),
                Outcome::Unchanged => (BulkItemStatus::Unchanged, 0, Vec::new()),
                Outcome::Refused(refusal) => (BulkItemStatus::Failed, 0, vec![refusal]),
            };
            UserBulkResult {
                index: index(place),
                given: given.to_string(),
                status,
                user_id: Kind::User.parse(given),
                released_seats,
                refusals,
            }
        };
        let results = given.iter().zip(outcomes).enumerate().map(result);
        Self {
            results: results.collect(),
            refusals: Vec::new(),
        }
    }

    /// As [`of`](Self::of); of those who were removed nothing is shown any more.
    pub fn of_removed(given: &[ID], outcomes: Vec<Outcome>) -> Self {
        let mut answered = Self::of(given, outcomes);
        for result in &mut answered.results {
            if result.status == BulkItemStatus::Applied {
                result.user_id = None;
            }
        }
        answered
    }
}

impl Object for UserBulkResult {
    const NAME: &'static str = "UserBulkResult";
    const DOC: &'static str = "Outcome for one user.";

    fn describe(t: &mut Type<Self>) {
        t.value("index", |result| result.index);
        t.value("userId", |result| GivenId(result.given.clone()));
        t.value("status", |result| result.status);
        t.old_one_opt("user", |ask, results, _: NoArgs| {
            async move {
                let ids: Vec<Uuid> = results.iter().filter_map(|result| result.user_id).collect();
                let mut listed = User::by_ids(ask.scope, &ids).await?;
                listed.retain(User::is_listed);
                let wanted = results.iter().map(|result| result.user_id);
                Ok(Links::by_key(wanted, listed, |user: &User| user.0.id))
            }
            .boxed()
        })
        .doc("Null when the user was removed.");
        t.value("releasedSeats", |result| result.released_seats);
        t.any_children("userErrors", |result| UserError::each(&result.refusals))
            .doc("Why it failed; of an enabled user: the seats that could not be given back.");
    }
}

macro_rules! bulk_payload {
    ($(#[doc = $doc:literal] $name:ident;)+) => {$(
        #[doc = $doc]
        #[derive(Clone, Debug)]
        pub struct $name(pub UserResults);

        impl Payload for $name {
            fn refused(refusals: Vec<Refusal>) -> Self {
                Self(UserResults { results: Vec::new(), refusals })
            }
        }

        impl Object for $name {
            const NAME: &'static str = stringify!($name);
            const DOC: &'static str = $doc.trim_ascii();

            fn describe(t: &mut Type<Self>) {
                t.children("results", |payload| payload.0.results.clone())
                    .doc("One per user, in input order.");
                t.child("summary", |payload| BulkSummary::of(payload.0.results.iter().map(|result| result.status)));
                t.any_children("userErrors", |payload| UserError::each(&payload.0.refusals))
                    .doc("Problems of the call as a whole; then results is empty.");
            }
        }
    )+};
}

bulk_payload! {
    /// Answer of removeUsers.
    RemoveUsersPayload;
    /// Answer of disableUsers.
    DisableUsersPayload;
    /// Answer of enableUsers.
    EnableUsersPayload;
}

/// Answer of transferPrimaryAdmin.
#[derive(Clone, Debug, Default)]
pub struct TransferPrimaryAdminPayload {
    primary: Option<User>,
    former: Option<User>,
    refusals: Vec<Refusal>,
}

impl TransferPrimaryAdminPayload {
    pub fn of(handed_over: HandedOver) -> Self {
        Self {
            primary: Some(handed_over.primary.into()),
            former: Some(handed_over.former.into()),
            refusals: Vec::new(),
        }
    }
}

impl Payload for TransferPrimaryAdminPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            refusals,
            ..Self::default()
        }
    }
}

impl Object for TransferPrimaryAdminPayload {
    const NAME: &'static str = "TransferPrimaryAdminPayload";
    const DOC: &'static str = "Answer of transferPrimaryAdmin.";

    fn describe(t: &mut Type<Self>) {
        t.old_one_opt("account", |ask, payloads, _: NoArgs| {
            async move {
                let done = payloads.iter().any(|payload| payload.primary.is_some());
                let account = if done {
                    Account::own(ask.scope).await?
                } else {
                    None
                };
                Ok(Links::each(payloads.iter().map(|_| account.clone()).collect()))
            }
            .boxed()
        });
        t.child_opt("newPrimaryAdmin", |payload| payload.primary.clone());
        t.child_opt("formerPrimaryAdmin", |payload| payload.former.clone());
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}
