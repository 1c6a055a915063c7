//! Tokens as administrators see them. No field shows a secret; that is in the answer of `createApiToken`, once.

mod mutations;

use crate::api::old::OldStyle as _;
use async_graphql::InputObject;
use entity::ids::Kind;
use futures::FutureExt;

use crate::access::ApiTokenScope;
use crate::api::Linked;
use crate::api_tokens::{ApiToken, read};
pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api::old::NoArgs;
use crate::users::User;
use graphql::{Connection, Links, Object, Type, enum_leaf};

enum_leaf!(ApiTokenScope);

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
        t.old_one_opt("createdBy", |ask, tokens, _: NoArgs| {
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

#[derive(InputObject, Debug)]
struct ApiTokenPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Account.apiTokens`.
pub fn on_account(t: &mut Type<Account>) {
    t.old_page("apiTokens", |ask, accounts, args: ApiTokenPageArgs| {
        async move {
            let wants_total = ask.wants::<Connection<ApiToken>>("totalCount");
            let page: Connection<_> = read::page(ask.scope, &args.page.into(), wants_total)
                .await?
                .into();
            Ok(Links::all(accounts.iter().map(|_| page.clone()).collect()))
        }
        .boxed()
    })
    .doc("Newest first, with those revoked and lapsed.")
    .guard(Permission::ApiTokensWrite);
}
