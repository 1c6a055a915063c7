//! Making and revoking tokens over GraphQL.

use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use graphql::{Envelope, Type};
use secrecy::{ExposeSecret, SecretString};

use crate::access::ApiTokenScope;
use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::api_tokens::{ApiToken, CreateApiToken, RevokeApiToken};
use crate::error::Result;
use crate::read::Scope;

/// What a new API token is called, what it may do, and until when.
#[derive(InputObject, Debug)]
struct CreateApiTokenInput {
    /// One line of at most 60 characters.
    name: String,
    /// What it is for: at least one, none that its creator may not do. Named twice is named once.
    scopes: Vec<ApiTokenScope>,
    /// When it ends by itself: in the future, at most one year from now.
    expires_at: DateTime<Utc>,
}

/// Which API token ends.
#[derive(InputObject, Debug)]
struct RevokeApiTokenInput {
    /// One of the account's, whoever made it.
    api_token_id: ID,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("createApiToken", create)
        .doc("A credential for scripts, sent as Authorization: Bearer mst_… An account has at most 100 that stand.")
        .guard(Guard::from(Permission::ApiTokensWrite).recent())
        .weight(10);
    t.mutation("revokeApiToken", revoke)
        .doc("The token is dead with the next request. Revoking it again changes nothing.")
        .guard(Permission::ApiTokensWrite)
        .weight(10);
}

async fn create(scope: Scope, input: CreateApiTokenInput) -> Result<Created> {
    let command = CreateApiToken {
        name: input.name,
        scopes: input.scopes,
        expires_at: input.expires_at,
    };
    let (token, secret) = scope.run(command).await?;
    Ok(Created {
        token: token.into(),
        secret,
    })
}

async fn revoke(scope: Scope, input: RevokeApiTokenInput) -> Result<ApiToken> {
    let token_id = require_id(Kind::ApiToken, &input.api_token_id, "input.apiTokenId")?;
    Ok(scope.run(RevokeApiToken { token_id }).await?.into())
}

#[derive(Clone)]
struct Created {
    token: ApiToken,
    secret: SecretString,
}

impl graphql::Payload for Created {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.child("apiToken", |made| made.token.clone())
            .doc("The new token; null if the call was refused.");
        t.text("secret", |made| made.secret.expose_secret())
            .doc("Shown this once; only a hash is kept.");
    }
}
