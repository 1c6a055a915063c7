//! What inviting and changing users answers: outcomes become payloads.

use crate::api::old::OldStyle as _;
use futures::FutureExt;
use uuid::Uuid;

use super::mutations::Listed;
use crate::api::Linked;
use crate::api::bulk::{BulkItemStatus, BulkSummary, index};
use crate::api::errors::{Payload, UserError};
use crate::api::invitations::latest_of;
use crate::api::old::NoArgs;
use crate::assignments::Assigned;
use crate::error::Refusal;
use crate::users::User;
use crate::users::invite::{Added, Person};
use graphql::{Object, Type};

/// Answer of inviteUser.
#[derive(Clone, Debug, Default)]
pub struct InviteUserPayload {
    pub user_id: Option<Uuid>,
    pub refusals: Vec<Refusal>,
}

impl Payload for InviteUserPayload {
    fn refusals(&self) -> Vec<Refusal> {
        self.refusals.clone()
    }

    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            user_id: None,
            refusals,
        }
    }
}

impl Object for InviteUserPayload {
    const NAME: &'static str = "InviteUserPayload";
    const DOC: &'static str = "Answer of inviteUser.";

    fn describe(t: &mut Type<Self>) {
        t.old_one_opt("user", |ask, payloads, _: NoArgs| {
            async move {
                let ids: Vec<_> = payloads.iter().map(|payload| payload.user_id).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.old_one_opt("invitation", |ask, payloads, _: NoArgs| {
            async move {
                let ids: Vec<_> = payloads.iter().map(|payload| payload.user_id).collect();
                latest_of(ask.scope, &ids).await
            }
            .boxed()
        });
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}

/// Answer of inviteUsers.
#[derive(Clone, Debug, Default)]
pub struct InviteUsersPayload {
    results: Vec<InviteUsersResult>,
    refusals: Vec<Refusal>,
}

/// Outcome for one address.
#[derive(Clone, Debug)]
pub struct InviteUsersResult {
    index: i32,
    email: String,
    status: BulkItemStatus,
    user_id: Option<Uuid>,
    refusals: Vec<Refusal>,
}

impl InviteUsersPayload {
    pub fn of(listed: Vec<Listed>, added: Vec<Added>) -> Self {
        let mut added = added.into_iter();
        let result = |(place, entry): (usize, Listed)| {
            let index = index(place);
            match entry {
                Err((typed, refusal)) => {
                    let (status, refusals) = (BulkItemStatus::Failed, vec![refusal]);
                    Some(InviteUsersResult {
                        index,
                        email: typed,
                        status,
                        user_id: None,
                        refusals,
                    })
                }
                Ok(recipient) => {
                    let email = recipient.email.as_typed().to_owned();
                    Some(InviteUsersResult {
                        index,
                        email,
                        ..InviteUsersResult::of(added.next()?)
                    })
                }
            }
        };
        Self {
            results: listed.into_iter().enumerate().filter_map(result).collect(),
            refusals: Vec::new(),
        }
    }
}

impl InviteUsersResult {
    fn of(added: Added) -> Self {
        let mut refusals: Vec<Refusal> = added
            .seats
            .iter()
            .filter_map(Assigned::refusal)
            .cloned()
            .collect();
        let took_a_seat = added.seats.iter().any(|seat| seat.new_product().is_some());
        let user_id = added.person.user_id();
        let status = match added.person {
            Person::Refused(refusal) => {
                refusals.push(refusal);
                BulkItemStatus::Failed
            }
            // As in an import: whoever asked has something to do about it.
            _ if !refusals.is_empty() => BulkItemStatus::Failed,
            Person::Unchanged { .. } if !took_a_seat => BulkItemStatus::Unchanged,
            _ => BulkItemStatus::Applied,
        };
        Self {
            index: 0,
            email: String::new(),
            status,
            user_id,
            refusals,
        }
    }
}

impl Payload for InviteUsersPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            results: Vec::new(),
            refusals,
        }
    }
}

impl Object for InviteUsersPayload {
    const NAME: &'static str = "InviteUsersPayload";
    const DOC: &'static str = "Answer of inviteUsers.";

    fn describe(t: &mut Type<Self>) {
        t.children("results", |payload| payload.results.clone())
            .doc("One per address, in input order after de-duplication.");
        t.child("summary", |payload| {
            BulkSummary::of(payload.results.iter().map(|result| result.status))
        });
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals))
            .doc("Problems of the call as a whole; then results is empty.");
    }
}

impl Object for InviteUsersResult {
    const NAME: &'static str = "InviteUsersResult";
    const DOC: &'static str = "Outcome for one address.";

    fn describe(t: &mut Type<Self>) {
        t.value("index", |result| result.index);
        t.text("email", |result| &result.email)
            .doc("The address as understood, or the entry as typed.");
        t.value("status", |result| result.status)
            .doc("FAILED too when a seat could not be had, though the person is added and invited.");
        t.old_one_opt("user", |ask, results, _: NoArgs| {
            async move {
                let ids: Vec<_> = results.iter().map(|result| result.user_id).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.old_one_opt("invitation", |ask, results, _: NoArgs| {
            async move {
                let ids: Vec<_> = results.iter().map(|result| result.user_id).collect();
                latest_of(ask.scope, &ids).await
            }
            .boxed()
        });
        t.any_children("userErrors", |result| UserError::each(&result.refusals));
    }
}

/// Answer of updateUser.
#[derive(Clone, Debug, Default)]
pub struct UpdateUserPayload {
    pub user: Option<User>,
    pub refusals: Vec<Refusal>,
}

impl Payload for UpdateUserPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self { user: None, refusals }
    }
}

impl Object for UpdateUserPayload {
    const NAME: &'static str = "UpdateUserPayload";
    const DOC: &'static str = "Answer of updateUser.";

    fn describe(t: &mut Type<Self>) {
        t.child_opt("user", |payload| payload.user.clone());
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}
