//! Links between users and those whom providers know, as administrators and the linked people themselves see them.

use std::sync::Arc;

use entity::external_identity;
use entity::ids::Kind;
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::IdentityProvider;
use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{Gid, Guard, NoArgs, Object, Permission, Type, group};
use crate::graphql::node::Node;
use crate::users::User;

/// A link.
#[derive(Clone, Debug)]
pub struct ExternalIdentity(pub Arc<external_identity::Model>);

impl ExternalIdentity {
    pub async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        Self::list(scope, external_identity::Column::Id, ids).await
    }

    async fn list(scope: &Scope, column: external_identity::Column, wanted: &[Uuid]) -> Result<Vec<Self>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let found = external_identity::Entity::find()
            .filter(external_identity::Column::AccountId.eq(scope.account_id()?))
            .filter(column.is_in(wanted.iter().copied()))
            .order_by_asc(external_identity::Column::Id)
            .all(scope.db())
            .await?;
        Ok(found.into_iter().map(|model| Self(Arc::new(model))).collect())
    }
}

impl Object for ExternalIdentity {
    const NAME: &'static str = "ExternalIdentity";
    const DOC: &'static str = "Link between a user and an identity-provider subject. (issuer, subject) is the key; e-mail never is.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |link| Gid(Kind::ExternalIdentity, link.0.id));
        t.text("issuer", |link| &link.0.issuer);
        t.text("subject", |link| &link.0.subject);
        t.one_opt("identityProvider", |ask, links, _: NoArgs| {
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
    t.many("identities", |ask, users, _: NoArgs| {
        async move {
            let ids: Vec<Uuid> = users.iter().map(|user| user.0.id).collect();
            let found = ExternalIdentity::list(ask.scope, external_identity::Column::UserId, &ids).await?;
            Ok(group(ids.into_iter(), found, |link| link.0.user_id))
        }
        .boxed()
    })
    .guard(Guard::or_own(Permission::SsoRead, |user: &User| user.0.id));
}
