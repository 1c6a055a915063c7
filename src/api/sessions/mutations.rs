//! Sessions over GraphQL: ending them.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use graphql::{Envelope, Type};
use uuid::Uuid;

use crate::api::Mutation;
use crate::api::bulk::{check_length, index};
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::error::Result;
use crate::read::Scope;
use crate::sessions::{RevokeSessions, Whose};

/// Sessions one call may name.
const MOST_NAMED: usize = crate::limits::NAMED_AT_ONCE;

/// Which sessions end.
#[derive(InputObject, Debug)]
struct RevokeSessionsInput {
    /// At most 100; an id of no such session is passed over. Null: every session of the user but the one this request is made in.
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

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("revokeSessions", revoke)
        .doc("Ends sessions: within seconds no token of theirs is good any more, and their sockets are closed.")
        .guard(Guard::or_self(Permission::UsersWrite))
        .weight(10);
    super::address::on_mutation(t);
}

async fn revoke(scope: Scope, input: RevokeSessionsInput) -> Result<Revoked> {
    let own = scope.actor().person().map(|person| person.user_id);
    let revoked = scope.run(input.command(own)?).await?;
    Ok(Revoked(index(revoked)))
}

/// How many sessions ended.
#[derive(Clone, Copy)]
struct Revoked(i32);

impl graphql::Payload for Revoked {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.value("revokedCount", |revoked| revoked.0)
            .doc("How many sessions ended by this call; those that had ended before are not counted. 0 if it was refused.");
    }

    fn refused() -> Option<Self> {
        Some(Self(0))
    }
}
