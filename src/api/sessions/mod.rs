//! Sessions as their owner sees them. Nobody sees another's.

mod mutations;

use crate::api::old::OldStyle as _;
use async_graphql::Enum;
use entity::ids::Kind;
use entity::session::{self};
use futures::FutureExt;

pub use mutations::on_mutation;

use crate::api::accounts::Viewer;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::old::NoArgs;
use crate::read::ById;
use crate::sessions::{Session, read};
use graphql::{Links, Object, Type, enum_leaf};

/// How a session was begun.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMethod {
    Password,
    /// At an identity provider of the account.
    Oidc,
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
        t.value("id", |session| Gid(Kind::Session, session.0.id));
        t.value("createdAt", |session| session.0.created_at);
        t.value("lastSeenAt", |session| session.0.last_seen_at)
            .doc("When it was renewed last: browsers do so every few minutes.");
        t.value("expiresAt", |session| session.0.expires_at);
        t.value("authenticatedAt", |session| session.0.authenticated_at)
            .doc("When the person last proved who he is.");
        t.value("authMethod", |session| AuthMethod::from(session.0.auth_method));
        t.text_opt("ipAddress", |session| session.0.ip_address.as_deref());
        t.text_opt("userAgent", |session| session.0.user_agent.as_deref());
        t.old_values("isCurrent", |ask, sessions| {
            let current = ask.scope.actor().person().map(|person| person.session_id);
            let is_current = sessions.iter().map(|session| current == Some(session.0.id));
            std::future::ready(Ok(is_current.collect::<Vec<bool>>())).boxed()
        });
    }
}

/// `Viewer.session` and `Viewer.sessions`.
pub fn on_viewer(t: &mut Type<Viewer>) {
    t.old_one("session", |ask, viewers, _: NoArgs| {
        async move {
            let current = ask.scope.member()?.session_id;
            let found = Session::by_ids(ask.scope, &[current]).await?;
            Ok(Links::by_key(
                viewers.iter().map(|_| Some(current)),
                found,
                |session| session.0.id,
            ))
        }
        .boxed()
    })
    .doc("The session this request was made in.");
    t.old_many("sessions", |ask, viewers, _: NoArgs| {
        async move {
            let listed = read::listed(ask.scope).await?;
            Ok(viewers.iter().map(|_| listed.clone()).collect())
        }
        .boxed()
    })
    .doc("The sessions in this account that stand, the one seen last first; at most 100.")
    .weight(10);
}
