//! Configuring providers over GraphQL: inputs become commands.

use crate::api::old::OldStyle as _;
use async_graphql::{ID, InputObject};
use entity::ids::Kind;
use futures::FutureExt;

use super::inputs::{CreateIdentityProviderInput, UpdateIdentityProviderInput};
use super::payloads::{
    CreateIdentityProviderPayload, DeleteIdentityProviderPayload, SetSsoEnabledPayload, StartSsoTestPayload,
    UnlinkIdentityPayload, UpdateIdentityProviderPayload,
};
use crate::api::Mutation;
use crate::api::errors::require_id;
use crate::api::guard::{Guard, Permission};
use crate::identity_providers::{
    AddIdentityProvider, DeleteIdentityProvider, SetSsoEnabled, StartSsoTest, UnlinkIdentity,
};
use graphql::Type;

/// Input of start sso test.
#[derive(InputObject, Debug)]
struct StartSsoTestInput {
    identity_provider_id: ID,
}

/// Input of set sso enabled.
#[derive(InputObject, Debug)]
struct SetSsoEnabledInput {
    identity_provider_id: ID,
    /// Refused unless a test passed since the last change.
    is_enabled: bool,
}

/// Input of delete identity provider.
#[derive(InputObject, Debug)]
struct DeleteIdentityProviderInput {
    identity_provider_id: ID,
}

/// Input of unlink identity.
#[derive(InputObject, Debug)]
struct UnlinkIdentityInput {
    identity_id: ID,
}

const PROVIDER: &str = "input.identityProviderId";

/// The mutations of this slice.
pub fn on_mutation(t: &mut Type<Mutation>) {
    configuring(t);
    t.old_mutation("startSsoTest", |ask, input: StartSsoTestInput| {
        async move {
            let provider_id = require_id(Kind::IdentityProvider, &input.identity_provider_id, PROVIDER)?;
            let command = StartSsoTest { provider_id };
            let started = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(StartSsoTestPayload {
                test: Some(started.test.into()),
                url: Some(started.url.into()),
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .guard(Guard::from(Permission::SsoWrite).premium())
    .weight(50);
    t.old_mutation("setSsoEnabled", |ask, input: SetSsoEnabledInput| {
        async move {
            let command = SetSsoEnabled {
                provider_id: require_id(Kind::IdentityProvider, &input.identity_provider_id, PROVIDER)?,
                is_enabled: input.is_enabled,
            };
            let provider = ask.scope.app().run(ask.scope.actor(), command).await?;
            Ok(SetSsoEnabledPayload::from(provider))
        }
        .boxed()
    })
    .guard(Guard::from(Permission::SsoWrite).premium().recent())
    .weight(10);
    t.old_mutation(
        "deleteIdentityProvider",
        |ask, input: DeleteIdentityProviderInput| {
            async move {
                let provider_id = require_id(Kind::IdentityProvider, &input.identity_provider_id, PROVIDER)?;
                let command = DeleteIdentityProvider { provider_id };
                ask.scope.app().run(ask.scope.actor(), command).await?;
                Ok(DeleteIdentityProviderPayload {
                    deleted: Some(provider_id),
                    refusals: Vec::new(),
                })
            }
            .boxed()
        },
    )
    .doc("Links and sessions that came of it go with it; the people stay.")
    .guard(Guard::from(Permission::SsoWrite).recent())
    .weight(10);
    t.old_mutation("unlinkIdentity", |ask, input: UnlinkIdentityInput| {
        async move {
            let link_id = require_id(Kind::ExternalIdentity, &input.identity_id, "input.identityId")?;
            let user = ask
                .scope
                .app()
                .run(ask.scope.actor(), UnlinkIdentity { link_id })
                .await?;
            Ok(UnlinkIdentityPayload {
                user: Some(user.into()),
                refusals: Vec::new(),
            })
        }
        .boxed()
    })
    .doc("Ends the sessions that came of the link.")
    .guard(Guard::from(Permission::SsoWrite).recent())
    .weight(10);
}

fn configuring(t: &mut Type<Mutation>) {
    t.old_mutation(
        "createIdentityProvider",
        |ask, input: CreateIdentityProviderInput| {
            async move {
                let mut input = input;
                let key = input.idempotency_key.take();
                let command = AddIdentityProvider::of(key, input.command()?);
                let provider = ask.scope.app().run(ask.scope.actor(), command).await?;
                Ok(CreateIdentityProviderPayload::from(provider))
            }
            .boxed()
        },
    )
    .doc("A draft, which signs nobody in before a test has passed. The issuer stays what it is.")
    .guard(Guard::from(Permission::SsoWrite).premium().recent())
    .weight(50);
    t.old_mutation("updateIdentityProvider", |ask, input: UpdateIdentityProviderInput| {
        async move {
            let provider = ask.scope.app().run(ask.scope.actor(), input.command()?).await?;
            Ok(UpdateIdentityProviderPayload::from(provider))
        }
        .boxed()
    })
    .doc("Another client, secret, way of proving it or set of scopes makes it a draft again: test it, then switch it on.")
    .guard(Guard::from(Permission::SsoWrite).premium().recent())
    .weight(50);
}
