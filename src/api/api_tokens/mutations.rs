//! Making and revoking tokens over GraphQL.

use crate::api::old::OldStyle as _;
use async_graphql::{ID, InputObject};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use futures::FutureExt;
use secrecy::{ExposeSecret, SecretString};

use crate::access::ApiTokenScope;
use crate::api::Mutation;
use crate::api::errors::{Payload, UserError, require_id};
use crate::api::guard::{Guard, Permission};
use crate::api_tokens::{ApiToken, CreateApiToken, RevokeApiToken};
use crate::error::{Refusal, Result};
use crate::read::Scope;
use graphql::{Object, Type};

/// What a new API token is called, what it may do, and until when.
#[derive(InputObject, Debug)]
struct CreateApiTokenInput {
    /// At most 60 characters.
    name: String,
    scopes: Vec<ApiTokenScope>,
    /// At most one year from now.
    expires_at: DateTime<Utc>,
}

/// Which API token ends.
#[derive(InputObject, Debug)]
struct RevokeApiTokenInput {
    api_token_id: ID,
}

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.old_mutation("createApiToken", |ask, input: CreateApiTokenInput| {
        async move {
            let command = CreateApiToken {
                name: input.name,
                scopes: input.scopes,
                expires_at: input.expires_at,
            };
            let (token, secret) = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(CreateApiTokenPayload {
                token: Some(token.into()),
                secret: Some(secret),
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .doc("A credential for scripts, sent as Authorization: Bearer mst_…")
    .guard(Guard::from(Permission::ApiTokensWrite).recent())
    .weight(10);
    t.mutation("revokeApiToken", revoke)
        .doc("The token is dead with the next request. Revoking it again changes nothing.")
        .guard(Permission::ApiTokensWrite)
        .weight(10);
}

async fn revoke(scope: Scope, input: RevokeApiTokenInput) -> Result<ApiToken> {
    let token_id = require_id(Kind::ApiToken, &input.api_token_id, "input.apiTokenId")?;
    Ok(scope.run(RevokeApiToken { token_id }).await?.into())
}

/// Answer of createApiToken.
#[derive(Clone, Debug, Default)]
pub struct CreateApiTokenPayload {
    token: Option<ApiToken>,
    secret: Option<SecretString>,
    refusals: Vec<Refusal>,
}

impl Payload for CreateApiTokenPayload {
    fn refused(refusals: Vec<Refusal>) -> Self {
        Self {
            refusals,
            ..Self::default()
        }
    }
}

impl Object for CreateApiTokenPayload {
    const NAME: &'static str = "CreateApiTokenPayload";
    const DOC: &'static str = "Answer of createApiToken.";

    fn describe(t: &mut Type<Self>) {
        t.child_opt("apiToken", |payload| payload.token.clone());
        t.text_opt("secret", |payload| {
            payload.secret.as_ref().map(ExposeSecret::expose_secret)
        })
        .doc("Shown this once; only a hash is kept.");
        t.any_children("userErrors", |payload| UserError::each(&payload.refusals));
    }
}
