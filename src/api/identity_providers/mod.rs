//! Providers as administrators see them. The client secret can be written and never read.

mod inputs;
mod links;
mod mutations;
mod payloads;
mod trials;

use crate::api::old::OldStyle as _;
use std::sync::Arc;

use async_graphql::Enum;
use entity::identity_provider;
use entity::ids::Kind;
use futures::FutureExt;
use url::Url;
use uuid::Uuid;

use crate::api::Linked;
use crate::identity_providers::{IdentityProvider, SsoTest, read};
use crate::read::ById;
use crate::sso::{backchannel_logout_uri, initiate_login_uri, jwks_uri, redirect_uri};
pub use links::on_user;
pub use mutations::on_mutation;

use crate::accounts::Account;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::api::old::{Ask, NoArgs};
use crate::app::App;
use crate::domains::Domain;
use crate::error::Result;
use crate::read::Scope;
use crate::subscriptions::Subscription;
use crate::users::User;
use graphql::{Links, Object, Type, enum_leaf};

/// Life cycle of an identity provider's configuration; any change to issuer, client or secret falls back to DRAFT.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "identity_provider::Status")]
pub enum SsoStatus {
    Draft,
    /// A test passed; it can be switched on.
    Tested,
    Enabled,
    Disabled,
}

/// Whether other ways to sign in stay open.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "identity_provider::Enforcement")]
pub enum SsoEnforcement {
    /// Members of the verified domains may sign in either way.
    Optional,
    /// They must use SSO; the break-glass user keeps a password.
    Required,
}

/// Client authentication at the token endpoint.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "identity_provider::TokenAuthMethod")]
pub enum TokenAuthMethod {
    ClientSecretBasic,
    ClientSecretPost,
    PrivateKeyJwt,
}

enum_leaf!(SsoStatus, SsoEnforcement, TokenAuthMethod);

impl Object for IdentityProvider {
    const NAME: &'static str = "IdentityProvider";
    const DOC: &'static str =
        "An OpenID Connect identity provider of the account. The client secret is write-only.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |provider| Gid(Kind::IdentityProvider, provider.0.id));
        t.value("version", |provider| provider.0.version);
        t.text("name", |provider| &provider.0.name);
        t.value("status", |provider| SsoStatus::from(provider.0.status));
        t.text("issuer", |provider| &provider.0.issuer);
        t.text("clientId", |provider| &provider.0.client_id);
        t.value("tokenAuthMethod", |provider| {
            TokenAuthMethod::from(provider.0.token_auth_method)
        });
        t.value("scopes", |provider| provider.0.scopes.0.clone());
        addresses(t);
        t.old_many("domains", |ask, providers, _: NoArgs| {
            domains(ask.scope, providers).boxed()
        })
        .doc("Those whose addresses it signs in.");
        t.value("enforcement", |provider| {
            SsoEnforcement::from(provider.0.enforcement)
        });
        t.old_one_opt("breakGlassUser", |ask, providers, _: NoArgs| {
            async move {
                let ids: Vec<_> = providers
                    .iter()
                    .map(|provider| provider.0.break_glass_user_id)
                    .collect();
                User::linked(ask.scope, &ids).await
            }
            .boxed()
        })
        .doc("The administrator who keeps a password while single sign-on is required.");
        t.value("isAuthoritative", |provider| provider.0.is_authoritative)
            .doc(
                "It never sends `email_verified` and is believed for the addresses of its verified domains.",
            );
        t.child("jit", |provider| JitSettings(provider.0.clone()));
        t.child("claimMapping", |provider| ClaimMapping(provider.0.clone()));
        t.value("secretUpdatedAt", |provider| provider.0.secret_updated_at);
        t.value("secretExpiresAt", |provider| provider.0.secret_expires_at)
            .doc("Administrators are told 30 days, 7 days and 1 day before.");
        t.old_one_opt("lastTest", |ask, providers, _: NoArgs| {
            async move { last_tests(ask.scope, providers).await }.boxed()
        });
        t.value("lastSignInAt", |provider| provider.0.last_sign_in_at);
        t.value("createdAt", |provider| provider.0.created_at);
    }
}

async fn domains(scope: &Scope, providers: &[IdentityProvider]) -> Result<Vec<Vec<Domain>>> {
    let routed = read::domains_of_providers(scope).await?;
    let ids: Vec<Uuid> = routed.values().flatten().copied().collect();
    let found = Domain::by_ids(scope, &ids).await?;
    let of = |provider: &IdentityProvider| -> Vec<Domain> {
        let own = routed.get(&provider.0.id).into_iter().flatten();
        own.filter_map(|id| found.iter().find(|domain| domain.0.id == *id))
            .cloned()
            .collect()
    };
    Ok(providers.iter().map(of).collect())
}

async fn last_tests(scope: &Scope, providers: &[IdentityProvider]) -> Result<Links<SsoTest>> {
    let found = read::latest_trials(scope).await?;
    let wanted = providers.iter().map(|provider| Some(provider.0.id));
    Ok(Links::by_key(wanted, found, |test| test.0.identity_provider_id))
}

fn addresses(t: &mut Type<IdentityProvider>) {
    let each = |ask: Ask<'_>, providers: &[IdentityProvider], address: fn(&App, Uuid) -> Url| {
        let app = ask.scope.app();
        let found = providers
            .iter()
            .map(|provider| address(app, provider.0.id).to_string());
        std::future::ready(Ok::<Vec<String>, _>(found.collect())).boxed()
    };
    t.old_values("redirectUri", move |ask, providers| {
        each(ask, providers, redirect_uri)
    })
    .doc("To be registered at the identity provider, to the letter.");
    t.old_values("initiateLoginUri", move |ask, providers| {
        each(ask, providers, initiate_login_uri)
    });
    t.old_values("backchannelLogoutUri", move |ask, providers| {
        each(ask, providers, backchannel_logout_uri)
    });
    t.old_values("jwksUri", move |ask, providers| each(ask, providers, jwks_uri))
        .doc("Our public key, for PRIVATE_KEY_JWT.");
}

/// What becomes of people nobody has invited.
#[derive(Clone, Debug)]
pub struct JitSettings(Arc<identity_provider::Model>);

impl Object for JitSettings {
    const NAME: &'static str = "JitSettings";
    const DOC: &'static str = "What happens when someone unknown signs in through the connection. Roles above USER never come from the identity provider.";

    fn describe(t: &mut Type<Self>) {
        t.value("isEnabled", |jit| jit.0.provisions);
        t.old_many("defaultSubscriptions", |ask, settings, _: NoArgs| {
            async move {
                let named = |jit: &Self| jit.0.default_subscription_ids.0.clone();
                let ids: Vec<Uuid> = settings.iter().flat_map(named).collect();
                let found = Subscription::by_ids(ask.scope, &ids).await?;
                let of = |jit: &Self| -> Vec<Subscription> {
                    let find = |id: &Uuid| found.iter().find(|subscription| subscription.0.id == *id);
                    let named = jit.0.default_subscription_ids.0.iter();
                    named.filter_map(find).cloned().collect()
                };
                Ok(settings.iter().map(of).collect::<Vec<_>>())
            }
            .boxed()
        });
        t.value("allowsWithoutSeat", |jit| jit.0.allows_without_seat)
            .doc("When the default subscriptions have no free seat: sign the user in without one (true) or refuse (false).");
    }
}

/// How a provider calls what we read.
#[derive(Clone, Debug)]
pub struct ClaimMapping(Arc<identity_provider::Model>);

impl Object for ClaimMapping {
    const NAME: &'static str = "ClaimMapping";
    const DOC: &'static str = "Names of the claims to read.";

    fn describe(t: &mut Type<Self>) {
        t.text("email", |claims| &claims.0.email_claim);
        t.text("givenName", |claims| &claims.0.given_name_claim);
        t.text("familyName", |claims| &claims.0.family_name_claim);
        t.text_opt("groups", |claims| claims.0.groups_claim.as_deref());
    }
}

/// `Account.identityProviders`.
pub fn on_account(t: &mut Type<Account>) {
    t.old_many("identityProviders", |ask, accounts, _: NoArgs| {
        async move {
            let found = read::all(ask.scope).await?;
            Ok(accounts.iter().map(|_| found.clone()).collect::<Vec<_>>())
        }
        .boxed()
    })
    .guard(Guard::from(Permission::SsoRead).premium());
}
