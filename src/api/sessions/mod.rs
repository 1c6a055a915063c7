//! Sessions as their owner sees them. Nobody sees another's.

mod mutations;

use std::future::ready;

use async_graphql::Enum;
use entity::ids::Kind;
use entity::session;
use graphql::{Object, Rows, Type, enum_leaf};

use crate::api::accounts::Viewer;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::{Error, Result};
use crate::read::{ById, Scope};
use crate::sessions::{Session, read};
pub use mutations::on_mutation;

/// How a session was begun.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    /// With an e-mail address and a password.
    Password,
    /// At an identity provider of the account.
    Oidc,
    /// By accepting an invitation.
    Invitation,
}

enum_leaf!(AuthMethod);

impl From<session::AuthMethod> for AuthMethod {
    fn from(method: session::AuthMethod) -> Self {
        match method {
            session::AuthMethod::Password => Self::Password,
            session::AuthMethod::Invitation => Self::Invitation,
            session::AuthMethod::Sso => Self::Oidc,
        }
    }
}

impl Object for Session {
    const NAME: &'static str = "Session";
    const DOC: &'static str = "One signed-in browser or device. Its refresh tokens form one family: reuse of a spent one ends the session.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |session| Gid(Kind::Session, session.0.id))
            .doc("Global id, opaque.");
        t.value("createdAt", |session| session.0.created_at)
            .doc("When it was begun.");
        t.value("lastSeenAt", |session| session.0.last_seen_at)
            .doc("When it was renewed last: browsers do so every few minutes.");
        t.value("expiresAt", |session| session.0.expires_at)
            .doc("When it ends by itself: 30 days after it was begun, however busy it is.");
        t.value("authenticatedAt", |session| session.0.authenticated_at)
            .doc("When the person last proved who they are.");
        t.value("authMethod", |session| AuthMethod::from(session.0.auth_method))
            .doc("How it was begun.");
        t.text_opt("ipAddress", |session| session.0.ip_address.as_deref())
            .doc("Where it was begun from, as far as that is known.");
        t.text_opt("userAgent", |session| session.0.user_agent.as_deref())
            .doc("What the browser or program called itself when it was begun, cut off after 256 characters; null if it said nothing.");
        t.values("isCurrent", |scope: Scope, sessions: Rows<Session>| {
            let current = scope.actor().person().map(|person| person.session_id);
            let is_current = sessions.iter().map(|session| current == Some(session.0.id));
            ready(Ok::<Vec<bool>, Error>(is_current.collect()))
        })
        .doc("Whether this request was made in it.");
    }
}

/// `Viewer.session` and `Viewer.sessions`.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.one("session", current)
        .doc("The session this request was made in.");
    t.many("sessions", listed)
        .doc("The sessions in this account that stand, the one seen last first; at most 100.")
        .weight(10);
}

async fn current(scope: Scope) -> Result<Option<Session>> {
    let current = scope.member()?.session_id;
    Ok(Session::by_ids(&scope, &[current]).await?.pop())
}

async fn listed(scope: Scope) -> Result<Vec<Session>> {
    read::listed(&scope).await
}
