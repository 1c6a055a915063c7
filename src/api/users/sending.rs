//! Inviting people who are known already, over GraphQL.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::future::Either;
use uuid::Uuid;

use super::listing::UserFilter;
use super::mutations::message;
use crate::api::Mutation;
use crate::api::bulk::{BulkItemStatus, item, named, one_of};
use crate::api::guard::Permission;
use crate::api::invitations::{MoreMatching, latest_of};
use crate::error::Result;
use crate::invitations::Invitation;
use crate::limits;
use crate::read::Scope;
use crate::users::User;
use crate::users::send_invitations::{SendInvitations, Sent, Whom};
use graphql::{Bulk, Links, Object, Rows, Type};

/// Whom to invite who is there already: by id, or those who match.
#[derive(InputObject, Debug)]
struct SendInvitationsInput {
    /// The users, 1 to 100; null: those who match the filter.
    user_ids: Option<Vec<ID>>,
    /// Instead of ids: the first 100 `STAGED` users, in the order in which they were added, for whom this holds; `moreMatching` says how many are left.
    user_filter: Option<UserFilter>,
    /// Personal words in the mail, at most 500 characters; null: none.
    message: Option<String>,
}

impl SendInvitationsInput {
    fn whom(&self, scope: &Scope) -> Result<Whom> {
        let (ids, filter) = (self.user_ids.as_deref(), self.user_filter.clone());
        Ok(match one_of((ids, "userIds"), (filter, "userFilter"))? {
            Either::Left(given) => {
                Whom::Named(named(Kind::User, given, limits::NAMED_AT_ONCE, "input.userIds")?)
            }
            Either::Right(filter) => Whom::Matching(Box::new(filter.for_reader(scope)?)),
        })
    }
}

/// `sendInvitations`.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("sendInvitations", send)
        .doc("Invites users who were added to be invited later (`STAGED`); whose invitation has expired is sent a fresh one, and all others stay as they are.")
        .guard(Permission::UsersWrite)
        .weight(50);
}

async fn send(scope: Scope, input: SendInvitationsInput) -> Result<Bulk<SendInvitationResult, MoreMatching>> {
    let whom = input.whom(&scope)?;
    let message = message(input.message)?;
    let Sent { each, more } = scope.run(SendInvitations { whom, message }).await?;
    let results = each.into_iter().map(|(id, ended)| {
        let ended = ended.map(|is_invited| match is_invited {
            true => BulkItemStatus::Applied,
            false => BulkItemStatus::Unchanged,
        });
        item(ended, SendInvitationResult(id))
    });
    Ok(Bulk::of(results).with(MoreMatching(more)))
}

#[derive(Clone)]
struct SendInvitationResult(Uuid);

impl Object for SendInvitationResult {
    const NAME: &'static str = "SendInvitationResult";
    const DOC: &'static str = "Outcome for one user.";

    fn describe(t: &mut Type<Self>) {
        t.link::<User, _>("user", |result| Some(result.0))
            .doc("As they are now; null for an id that names nobody.");
        t.one_opt("invitation", invitations)
            .doc("Their latest invitation; null if they have none.");
    }
}

async fn invitations(scope: Scope, results: Rows<SendInvitationResult>) -> Result<Links<Invitation>> {
    latest_of(&scope, results.iter().map(|result| Some(result.0)).collect()).await
}
