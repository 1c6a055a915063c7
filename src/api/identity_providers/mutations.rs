//! Configuring providers over GraphQL: inputs become commands.

use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use graphql::{Envelope, Sent, Type};
use uuid::Uuid;

use super::inputs::{CreateIdentityProviderInput, UpdateIdentityProviderInput};
use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::error::Result;
use crate::identity_providers::{
    AddIdentityProvider, DeleteIdentityProvider, IdentityProvider, SetSsoEnabled, SsoTest, StartSsoTest,
    UnlinkIdentity,
};
use crate::read::Scope;
use crate::users::User;

/// Which identity provider is tried out.
#[derive(InputObject, Debug)]
struct StartSsoTestInput {
    /// One of the account's, as it is configured now.
    identity_provider_id: ID,
}

/// Which identity provider signs people in, or no longer.
#[derive(InputObject, Debug)]
struct SetSsoEnabledInput {
    /// One of the account's.
    identity_provider_id: ID,
    /// Refused unless a test passed since the last change.
    is_enabled: bool,
}

/// Which identity provider is deleted.
#[derive(InputObject, Debug)]
struct DeleteIdentityProviderInput {
    /// One of the account's that is not enabled.
    identity_provider_id: ID,
}

/// Which link between a user and an identity provider is taken away.
#[derive(InputObject, Debug)]
struct UnlinkIdentityInput {
    /// One of `User.identities`.
    identity_id: ID,
}

/// The mutations of this word.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("createIdentityProvider", create)
        .doc("A draft, which signs nobody in before a test has passed. The issuer stays what it is.")
        .guard(Guard::from(Permission::SsoWrite).premium().recent())
        .weight(50);
    t.mutation("updateIdentityProvider", update)
        .doc("Another client, secret, way of proving it or set of scopes makes it a draft again: test it, then switch it on.")
        .guard(Guard::from(Permission::SsoWrite).premium().recent())
        .weight(50);
    t.mutation("startSsoTest", start_test)
        .doc("Starts a trial sign-in. When it passes and nothing was changed meanwhile, a draft becomes TESTED.")
        .guard(Guard::from(Permission::SsoWrite).premium())
        .weight(50);
    t.mutation("setSsoEnabled", set_enabled)
        .doc("Has it sign people in, or no longer; then the sessions it began end. Said twice, it changes nothing the second time.")
        .guard(Guard::from(Permission::SsoWrite).premium().recent())
        .weight(10);
    t.mutation("deleteIdentityProvider", delete)
        .doc("Links and sessions that came of it go with it; the people stay. Refused with SSO_IN_USE while it is enabled.")
        .guard(Guard::from(Permission::SsoWrite).recent())
        .weight(10);
    t.mutation("unlinkIdentity", unlink)
        .doc("Ends the sessions that came of the link.")
        .guard(Guard::from(Permission::SsoWrite).recent())
        .weight(10);
}

async fn create(
    scope: Scope,
    mut input: CreateIdentityProviderInput,
    sent: Sent,
) -> Result<IdentityProvider> {
    let key = input.idempotency_key.take();
    // What a hash of a short secret was made of can be found out; the command compares secrets itself.
    let sent = sent.without("clientSecret").hash();
    let command = AddIdentityProvider::sent(key, sent, input.command()?);
    Ok(scope.run(command).await?.into())
}

async fn update(scope: Scope, input: UpdateIdentityProviderInput) -> Result<IdentityProvider> {
    Ok(scope.run(input.command()?).await?.into())
}

async fn start_test(scope: Scope, input: StartSsoTestInput) -> Result<Started> {
    let provider_id = provider(&input.identity_provider_id)?;
    let started = scope.run(StartSsoTest { provider_id }).await?;
    Ok(Started {
        test: started.test.into(),
        url: started.url.into(),
    })
}

async fn set_enabled(scope: Scope, input: SetSsoEnabledInput) -> Result<IdentityProvider> {
    let command = SetSsoEnabled {
        provider_id: provider(&input.identity_provider_id)?,
        is_enabled: input.is_enabled,
    };
    Ok(scope.run(command).await?.into())
}

async fn delete(scope: Scope, input: DeleteIdentityProviderInput) -> Result<Deleted> {
    let provider_id = provider(&input.identity_provider_id)?;
    scope.run(DeleteIdentityProvider { provider_id }).await?;
    Ok(Deleted(provider_id))
}

async fn unlink(scope: Scope, input: UnlinkIdentityInput) -> Result<User> {
    let link_id = require_id(Kind::ExternalIdentity, &input.identity_id, "input.identityId")?;
    Ok(scope.run(UnlinkIdentity { link_id }).await?.into())
}

fn provider(given: &ID) -> Result<Uuid> {
    require_id(Kind::IdentityProvider, given, "input.identityProviderId")
}

#[derive(Clone)]
struct Started {
    test: SsoTest,
    url: String,
}

impl graphql::Payload for Started {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.child("test", |started| started.test.clone())
            .doc("The trial that waits for somebody to sign in; null if the call was refused.");
        t.text("testUrl", |started| &started.url)
            .doc("Open in a new window: a full sign-in that ends in a result page and makes no session. Good for ten minutes.");
    }
}

#[derive(Clone, Copy)]
struct Deleted(Uuid);

impl graphql::Payload for Deleted {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.value("deletedIdentityProviderId", |deleted| {
            Gid(Kind::IdentityProvider, deleted.0)
        })
        .doc("The id of the provider that is gone; null if the call was refused.");
    }
}
