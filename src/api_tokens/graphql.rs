//! Tokens as administrators see them. No field shows a secret; that is in the answer of `createApiToken`, once.

use std::sync::Arc;

use async_graphql::InputObject;
use entity::api_token::{Column, Entity, Model};
use entity::ids::Kind;
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, Select};
use uuid::Uuid;

use super::ApiTokenScope;
use crate::accounts::Account;
use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{Connection, Gid, Links, Listed, NoArgs, Object, Permission, Type, enum_leaf};
use crate::graphql::node::Node;
use crate::graphql::paging::{Given, OrderDirection, Page};
use crate::users::User;

enum_leaf!(ApiTokenScope);

/// A credential for scripts.
#[derive(Clone, Debug)]
pub struct ApiToken(pub Arc<Model>);

impl ApiToken {
    pub fn of(model: Model) -> Self {
        Self(Arc::new(model))
    }

    pub async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let found = in_account(scope)?.filter(Column::Id.is_in(ids.iter().copied()));
        Ok(found.all(scope.db()).await?.into_iter().map(Self::of).collect())
    }
}

fn in_account(scope: &Scope) -> Result<Select<Entity>> {
    Ok(Entity::find().filter(Column::AccountId.eq(scope.account_id()?)))
}

impl Object for ApiToken {
    const NAME: &'static str = "ApiToken";
    const DOC: &'static str = "A credential for scripts; only its hash is stored. It may do what its scopes name and its creator may do now.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |token| Gid(Kind::ApiToken, token.0.id));
        t.text("name", |token| &token.0.name);
        t.text("hint", |token| &token.0.hint)
            .doc("First characters of the secret, to tell tokens apart.");
        t.value("scopes", |token| ApiTokenScope::from_texts(&token.0.scopes));
        t.one_opt("createdBy", |ask, tokens, _: NoArgs| {
            async move {
                let ids: Vec<_> = tokens.iter().map(|token| Some(token.0.created_by)).collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        })
        .doc("When this user is disabled or removed, the token is dead.");
        t.value("createdAt", |token| token.0.created_at);
        t.value("expiresAt", |token| token.0.expires_at);
        t.value("lastUsedAt", |token| token.0.last_used_at)
            .doc("To the minute.");
        t.value("revokedAt", |token| token.0.revoked_at);
    }
}

impl Listed for ApiToken {
    const CONNECTION: &'static str = "ApiTokenConnection";
    const EDGE: &'static str = "ApiTokenEdge";
}

#[derive(InputObject, Debug)]
struct ApiTokenPageArgs {
    #[graphql(flatten)]
    page: Given,
}

/// `Account.apiTokens`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("apiTokens", |ask, accounts, args: ApiTokenPageArgs| {
        async move {
            let page = Page::new(&args.page, ask.scope.account_id()?, "apiTokens")?;
            let listed = in_account(ask.scope)?;
            let total = match ask.wants::<Connection<ApiToken>>("totalCount") {
                true => Some(i32::try_from(listed.clone().count(ask.scope.db()).await?).unwrap_or(i32::MAX)),
                false => None,
            };
            let newest_first = page.narrow(listed, None, Column::Id, OrderDirection::Desc);
            let rows = newest_first.all(ask.scope.db()).await?;
            let rows = rows.into_iter().map(ApiToken::of).collect();
            let page = page.close(rows, total, |token: &ApiToken| ("", token.0.id));
            Ok(Links::all(accounts.iter().map(|_| page.clone()).collect()))
        }
        .boxed()
    })
    .doc("Newest first, with those revoked and lapsed.")
    .guard(Permission::ApiTokensWrite);
}
