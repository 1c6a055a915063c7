//! Sessions as their owner sees them, and as whoever sees the people of the account does.

mod address;
mod mutations;

use std::future::ready;

use async_graphql::{Enum, InputObject};
use entity::ids::Kind;
use entity::session;
use graphql::{Connection, Object, Rows, Type, enum_leaf, group};
use uuid::Uuid;

use crate::api::PageArguments;
use crate::api::accounts::Viewer;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::{Error, Result};
use crate::read::paging::Page;
use crate::read::{ById, Scope};
use crate::sessions::{Session, read};
use crate::users::User;
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
    address::on_viewer(t);
}

#[derive(InputObject, Debug)]
struct SessionPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `User.sessions`.
pub fn on_user(t: &mut Type<User>) {
    t.page("sessions", of_users)
        .doc("Where they are signed in to this account, the one begun first first; the 100 seen last. Empty for API tokens. `revokeSessions` ends them.")
        .guard(Guard::or_own(Permission::UsersRead, |user: &User| user.0.id));
}

async fn of_users(
    scope: Scope,
    users: Rows<User>,
    args: SessionPageArgs,
) -> Result<Vec<Connection<Session>>> {
    let page = Page::new(&args.page.into(), scope.account_id()?, "sessions of user")?;
    let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
    let found = read::of_users(&scope, &ids).await?;
    let of_users = group(ids.into_iter(), found, |session| session.0.user_id);
    let cut = |sessions| page.cut(sessions, |session: &Session| ("", session.0.id)).into();
    Ok(of_users.into_iter().map(cut).collect())
}

async fn current(scope: Scope) -> Result<Option<Session>> {
    let current = scope.member()?.session_id;
    Ok(Session::by_ids(&scope, &[current]).await?.pop())
}

async fn listed(scope: Scope) -> Result<Vec<Session>> {
    read::listed(&scope).await
}
