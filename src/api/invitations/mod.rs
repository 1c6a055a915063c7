//! Invitations as clients see them. The token is only ever in the mail: no field shows it, to any role.

mod mutations;
mod payloads;

use crate::api::old::OldStyle as _;
use async_graphql::Enum;
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use crate::api::Linked;
use crate::invitations::rules::{self, State};
use crate::invitations::{Invitation, read};
pub use mutations::on_mutation;

use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::old::NoArgs;
use crate::api::users::Role;
use crate::error::Result;
use crate::read::Scope;
use crate::users::User;
use graphql::{Links, Object, Type, enum_leaf};

/// Life cycle of an invitation.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "State")]
pub enum InvitationStatus {
    Pending,
    Accepted,
    Expired,
    Revoked,
}

enum_leaf!(InvitationStatus);

impl Object for Invitation {
    const NAME: &'static str = "Invitation";
    const DOC: &'static str = "The token itself is only ever in the mail: no field shows it, to any role.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |invitation| Gid(Kind::Invitation, invitation.0.id));
        t.old_one("user", |ask, invitations, _: NoArgs| {
            async move {
                let ids: Vec<_> = invitations
                    .iter()
                    .map(|invitation| Some(invitation.0.user_id))
                    .collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.value("role", |invitation| Role::from(invitation.0.role));
        t.old_values("status", |ask, invitations| {
            let now = ask.scope.app().clock().now();
            let states = invitations
                .iter()
                .map(|invitation| rules::state(&invitation.0, now).into())
                .collect();
            std::future::ready(Ok::<Vec<InvitationStatus>, _>(states)).boxed()
        });
        t.old_one_opt("invitedBy", |ask, invitations, _: NoArgs| {
            async move {
                let ids: Vec<_> = invitations
                    .iter()
                    .map(|invitation| invitation.0.invited_by)
                    .collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        });
        t.text_opt("message", |invitation| invitation.0.message.as_deref());
        t.value("createdAt", |invitation| invitation.0.created_at);
        t.value("expiresAt", |invitation| invitation.0.expires_at);
        t.value("lastSentAt", |invitation| invitation.0.last_sent_at);
        t.value("sendCount", |invitation| invitation.0.send_count);
        t.value("acceptedAt", |invitation| invitation.0.accepted_at);
        t.value("revokedAt", |invitation| invitation.0.revoked_at);
    }
}

/// `User.invitation`.
pub fn on_user(t: &mut Type<User>) {
    t.old_one_opt("invitation", |ask, users, _: NoArgs| {
        async move {
            let ids: Vec<_> = users.iter().map(|user| Some(user.0.id)).collect();
            latest_of(ask.scope, &ids).await
        }
        .boxed()
    })
    .doc("The latest one.")
    .guard(Permission::UsersRead);
}

/// The latest invitation of each user.
pub async fn latest_of(scope: &Scope, users: &[Option<Uuid>]) -> Result<Links<Invitation>> {
    let ids: Vec<Uuid> = users.iter().flatten().copied().collect();
    // In order of making: of several for one user, the last one stays.
    let found = read::of_users(scope, &ids).await?;
    Ok(Links::by_key(users.iter().copied(), found, |invitation| {
        invitation.0.user_id
    }))
}
