//! Links between users and those whom providers know, as administrators and the linked people themselves see them.

use crate::api::old::OldStyle as _;
use entity::ids::Kind;
use futures::FutureExt;
use uuid::Uuid;

use crate::api::Linked;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::old::NoArgs;
use crate::identity_providers::{ExternalIdentity, IdentityProvider, read};
use crate::users::User;
use graphql::{Object, Type, group};

impl Object for ExternalIdentity {
    const NAME: &'static str = "ExternalIdentity";
    const DOC: &'static str = "Link between a user and an identity-provider subject. (issuer, subject) is the key; e-mail never is.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |link| Gid(Kind::ExternalIdentity, link.0.id));
        t.text("issuer", |link| &link.0.issuer);
        t.text("subject", |link| &link.0.subject);
        t.old_one_opt("identityProvider", |ask, links, _: NoArgs| {
            async move {
                let ids: Vec<_> = links
                    .iter()
                    .map(|link| Some(link.0.identity_provider_id))
                    .collect();
                IdentityProvider::linked(ask.scope, &ids).await
            }
            .boxed()
        })
        .guard(Permission::SsoRead);
        t.value("linkedAt", |link| link.0.linked_at);
        t.value("lastUsedAt", |link| link.0.last_used_at);
    }
}

/// `User.identities`.
pub fn on_user(t: &mut Type<User>) {
    t.old_many("identities", |ask, users, _: NoArgs| {
        async move {
            let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
            let found = read::identities_of(ask.scope, &ids).await?;
            Ok(group(ids.into_iter(), found, |link| link.0.user_id))
        }
        .boxed()
    })
    .guard(Guard::or_own(Permission::SsoRead, |user: &User| user.0.id));
}
