//! Sessions over GraphQL: ending them.

use crate::api::old::OldStyle as _;
use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use crate::api::Mutation;
use crate::api::bulk::{check_length, index};
use crate::api::errors::{Payload, UserError, require_id};
use crate::api::guard::{Guard, Permission};
use crate::error::{Refusal, Result};
use crate::sessions::{RevokeSessions, Whose};
use graphql::{Object, Type};

/// Sessions one call may name.
const MOST_NAMED: usize = crate::limits::NAMED_AT_ONCE;

/// Which sessions end.
#[derive(InputObject, Debug)]
struct RevokeSessionsInput {
    /// At most 100. Null: every session of the user but the caller's own.
    session_ids: Option<Vec<ID>>,
    /// Another user of the account (needs `USERS_WRITE`); null: the viewer.
    user_id: Option<ID>,
}

impl RevokeSessionsInput {
    fn command(&self, own: Option<Uuid>) -> Result<RevokeSessions> {
        let whose = match &self.user_id {
            None => Whose::Own,
            Some(given) => match require_id(Kind::User, given, "input.userId")? {
                named if Some(named) == own => Whose::Own,
                named => Whose::Of(named),
            },
        };
        if let Some(ids) = &self.session_ids {
            check_length(ids.len(), MOST_NAMED, "input.sessionIds")?;
        }
        // What is no id of a session names none, like one of another user.
        let sessions = self.session_ids.as_ref().map(|ids| {
            let ids = ids.iter().filter_map(|id| Kind::Session.parse(id));
            ids.collect()
        });
        Ok(RevokeSessions { whose, sessions })
    }
}

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.old_mutation("revokeSessions", |ask, input: RevokeSessionsInput| {
        async move {
            let own = ask.scope.actor().person().map(|person| person.user_id);
            let command = input.command(own)?;
            let revoked = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(RevokeSessionsPayload {
                revoked_count: index(revoked),
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .doc("Ends sessions: within seconds no token of theirs is good any more, and their sockets are closed.")
    .guard(Guard::or_self(Permission::UsersWrite))
    .weight(10);
}

/// Answer of revokeSessions.
#[derive(Clone, Debug, Default)]
pub struct RevokeSessionsPayload {
    revoked_count: i32,
    refusals: Vec<Refusal>,
}

impl Payload for RevokeSessionsPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            revoked_count: 0,
            refusals,
        }
    }
}

impl Object for RevokeSessionsPayload {
    const NAME: &'static str = "RevokeSessionsPayload";
    const DOC: &'static str = "Answer of revokeSessions.";

    fn describe(t: &mut Type<Self>) {
        t.value("revokedCount", |payload| payload.revoked_count);
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}
