//! Links between users and those whom providers know, as administrators and the linked people themselves see them.

use entity::ids::Kind;
use graphql::{Object, Rows, Type, group};
use uuid::Uuid;

use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::error::Result;
use crate::identity_providers::{ExternalIdentity, IdentityProvider, read};
use crate::read::Scope;
use crate::users::User;

impl Object for ExternalIdentity {
    const NAME: &'static str = "ExternalIdentity";
    const DOC: &'static str = "Link between a user and an identity-provider subject. (issuer, subject) is the key; e-mail never is.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |link| Gid(Kind::ExternalIdentity, link.0.id))
            .doc("Global id, opaque.");
        t.text("issuer", |link| &link.0.issuer)
            .doc("Who says so: the issuer of the provider when the link was made.");
        t.text("subject", |link| &link.0.subject)
            .doc("What the issuer names the person by (the claim `sub`), at most 255 bytes.");
        t.reference::<IdentityProvider, _>("identityProvider", |link| Some(link.0.identity_provider_id))
            .doc("The provider through which they sign in.")
            .guard(Permission::SsoRead);
        t.value("linkedAt", |link| link.0.linked_at)
            .doc("When the link was made.");
        t.value("lastUsedAt", |link| link.0.last_used_at)
            .doc("When they last signed in by it; null if never.");
    }
}

/// `User.identities`.
pub fn on_user(t: &mut Type<User>) {
    t.many("identities", of_users)
        .doc("Whom identity providers know the user as, the oldest link first.")
        .guard(Guard::or_own(Permission::SsoRead, |user: &User| user.0.id));
}

async fn of_users(scope: Scope, users: Rows<User>) -> Result<Vec<Vec<ExternalIdentity>>> {
    let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
    let found = read::identities_of(&scope, &ids).await?;
    Ok(group(ids.into_iter(), found, |link| link.0.user_id))
}
