//! Tokens as administrators see them. No field shows a secret; that is in the answer of `createApiToken`, once.

mod mutations;

use async_graphql::InputObject;
use entity::ids::Kind;
use graphql::{Connection, Object, Type, Wants, enum_leaf};

use crate::access::ApiTokenScope;
use crate::accounts::Account;
use crate::api::PageArguments;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::Node;
use crate::api_tokens::{ApiToken, read};
use crate::error::Result;
use crate::read::Scope;
use crate::users::User;
pub use mutations::on_mutation;

enum_leaf!(ApiTokenScope);

impl Object for ApiToken {
    const NAME: &'static str = "ApiToken";
    const DOC: &'static str = "A credential for scripts; only its hash is stored. It may do what its scopes name and its creator may do now.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.value("id", |token| Gid(Kind::ApiToken, token.0.id))
            .doc("Global id, opaque.");
        t.text("name", |token| &token.0.name)
            .doc("What its creator calls it: one line of at most 60 characters.");
        t.text("hint", |token| &token.0.hint)
            .doc("First characters of the secret, to tell tokens apart.");
        t.value("scopes", |token| ApiTokenScope::from_texts(&token.0.scopes))
            .doc("What it is for, each once.");
        t.reference::<User, _>("createdBy", |token| Some(token.0.created_by))
            .doc("When this user is disabled or removed, the token is dead.");
        t.value("createdAt", |token| token.0.created_at)
            .doc("When it was made.");
        t.value("expiresAt", |token| token.0.expires_at)
            .doc("When it ends by itself, at most a year after it was made.");
        t.value("lastUsedAt", |token| token.0.last_used_at)
            .doc("When a request last came with it, to the minute; null before the first.");
        t.value("revokedAt", |token| token.0.revoked_at)
            .doc("When somebody ended it; null if nobody has.");
    }
}

#[derive(InputObject, Debug)]
struct ApiTokenPageArgs {
    #[graphql(flatten)]
    page: PageArguments,
}

/// `Account.apiTokens`.
pub fn on_account(t: &mut Type<Account>) {
    t.page("apiTokens", page)
        .doc("Newest first, with those revoked and lapsed.")
        .guard(Permission::ApiTokensWrite);
}

async fn page(scope: Scope, args: ApiTokenPageArgs, wants: Wants) -> Result<Connection<ApiToken>> {
    let page = read::page(&scope, &args.page.into(), wants.field("totalCount")).await?;
    Ok(page.into())
}
