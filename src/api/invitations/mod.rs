//! Invitations as clients see them. The token is only ever in the mail: no field shows it, to any role.

mod listing;
mod mutations;
mod preview;

use std::sync::Arc;

use async_graphql::Enum;
use entity::ids::Kind;
use entity::invitation::{self, Delivery};
use uuid::Uuid;

use crate::invitations::rules::{self, State};
use crate::invitations::{Invitation, read};
pub use listing::on_account;
pub use mutations::{MoreMatching, on_mutation};

use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::users::Role;
use crate::error::Result;
use crate::read::Scope;
use crate::users::User;
use graphql::{Links, Object, Rows, Type, enum_leaf};

/// Life cycle of an invitation.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "State")]
pub enum InvitationStatus {
    /// Sent; its link is good.
    Pending,
    /// The person has joined.
    Accepted,
    /// Nobody accepted it in time. It can be sent again.
    Expired,
    /// Withdrawn by an administrator; its link is dead.
    Revoked,
}

/// What has become of a mail.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "Delivery")]
pub enum DeliveryStatus {
    /// It waits to be sent.
    Queued,
    /// The mail server took it.
    Sent,
    /// The mail server did not take it, or is away. It is tried again for more than a day.
    Delayed,
    /// It was refused for good, or given up. The invitation can be sent again.
    Bounced,
}

enum_leaf!(InvitationStatus, DeliveryStatus);

/// An invitation, seen as its mail.
#[derive(Clone, Debug)]
pub struct Delivered(Arc<invitation::Model>);

impl Object for Delivered {
    const NAME: &'static str = "InvitationDelivery";
    const DOC: &'static str = "What has become of an invitation's mail.";

    fn describe(t: &mut Type<Self>) {
        t.value("status", |mail| DeliveryStatus::from(mail.0.delivery_status))
            .doc("How far it has come.");
        t.value("at", |mail| mail.0.delivery_at)
            .doc("Since when that is so.");
        t.text_opt("reason", |mail| mail.0.delivery_reason.as_deref())
            .doc("What the mail server answered when it did not take it, at most 1,000 characters; null if it said nothing.");
    }
}

impl Object for Invitation {
    const NAME: &'static str = "Invitation";
    const DOC: &'static str = "The offer to join an account. The token itself is only ever in the mail: no field shows it, to any role.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |invitation| Gid(Kind::Invitation, invitation.0.id))
            .doc("Global id: what it is and which, opaque.");
        t.reference::<User, _>("user", |invitation| invitation.0.user_id)
            .doc("Who is invited.");
        t.value("role", |invitation| Role::from(invitation.0.role))
            .doc("What they become when they accept.");
        t.values("status", status)
            .doc("Where it is in its life cycle now.");
        t.reference::<User, _>("invitedBy", |invitation| invitation.0.invited_by)
            .doc("Who invited them; null if no person did.");
        t.text_opt("message", |invitation| invitation.0.message.as_deref())
            .doc("The personal words in the mail, at most 500 characters; null if there are none.");
        t.value("createdAt", |invitation| invitation.0.created_at)
            .doc("When it was made.");
        t.value("expiresAt", |invitation| invitation.0.expires_at)
            .doc("Until when the latest link is good.");
        t.value("lastSentAt", |invitation| invitation.0.last_sent_at).doc(
            "When a mail with a link was last sent: when the mail server took it; null if none was yet.",
        );
        t.value("sendCount", |invitation| invitation.0.send_count)
            .doc("How many mails with a link were sent for it: mails that are still queued, or that were refused, are not among them.");
        t.child("delivery", |invitation| Delivered(invitation.0.clone()))
            .doc("What has become of the mail with the latest link.");
        t.value("acceptedAt", |invitation| invitation.0.accepted_at)
            .doc("When they accepted it; null if they have not.");
        t.value("revokedAt", |invitation| invitation.0.revoked_at)
            .doc("When it was withdrawn; null if it was not.");
    }
}

async fn status(scope: Scope, invitations: Rows<Invitation>) -> Result<Vec<InvitationStatus>> {
    let now = scope.app().clock().now();
    let states = invitations
        .iter()
        .map(|invitation| rules::state(&invitation.0, now).into());
    Ok(states.collect())
}

/// `User.invitation`.
pub fn on_user(t: &mut Type<User>) {
    t.one_opt("invitation", invitation)
        .doc("The latest one.")
        .guard(Permission::UsersRead);
}

async fn invitation(scope: Scope, users: Rows<User>) -> Result<Links<Invitation>> {
    latest_of(&scope, users.iter().map(|user| Some(user.0.id)).collect()).await
}

/// The latest invitation of each user.
pub async fn latest_of(scope: &Scope, users: Vec<Option<Uuid>>) -> Result<Links<Invitation>> {
    let ids: Vec<Uuid> = users.iter().flatten().copied().collect();
    // In order of making: of several for one user, the last one stays.
    let found = read::of_users(scope, &ids).await?;
    Ok(Links::by_key(users.into_iter(), found, |invitation| {
        invitation.0.user_id
    }))
}
