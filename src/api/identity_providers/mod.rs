//! Providers as administrators see them. The client secret can be written and never read.

mod inputs;
mod links;
mod mutations;
mod trials;

use std::future::{Ready, ready};
use std::sync::Arc;

use async_graphql::Enum;
use entity::identity_provider;
use entity::ids::Kind;
use graphql::{Links, Object, Rows, Type, enum_leaf, group};
use url::Url;
use uuid::Uuid;

use crate::accounts::Account;
use crate::api::guard::{Guard, Permission};
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::app::App;
use crate::domains::Domain;
use crate::error::Result;
use crate::groups::Group;
use crate::identity_providers::{IdentityProvider, SsoTest, read};
use crate::read::{ById, Scope};
use crate::sso::{backchannel_logout_uri, initiate_login_uri, jwks_uri, redirect_uri};
use crate::subscriptions::Subscription;
use crate::users::User;
pub use links::on_user;
pub use mutations::on_mutation;

/// Life cycle of an identity provider's configuration; any change to issuer, client or secret falls back to DRAFT.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "identity_provider::Status")]
pub enum SsoStatus {
    /// No test has passed since it was made or last changed: it signs nobody in.
    Draft,
    /// A test passed; it can be switched on.
    Tested,
    /// It signs people in.
    Enabled,
    /// It was switched off, and can be switched on again without another test.
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
    /// Client id and secret in the `Authorization` header (RFC 6749, section 2.3.1).
    ClientSecretBasic,
    /// Client id and secret in the body of the request.
    ClientSecretPost,
    /// A statement signed by a key of ours, published at `jwksUri` (RFC 7523).
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
        t.value("id", |provider| Gid(Kind::IdentityProvider, provider.0.id))
            .doc("Global id, opaque.");
        t.value("version", |provider| provider.0.version)
            .doc("Grows with every change; send back what you read.");
        t.text("name", |provider| &provider.0.name)
            .doc("What administrators call it: one line of at most 100 characters.");
        t.value("status", |provider| SsoStatus::from(provider.0.status))
            .doc("Whether it signs people in, and if not, what is missing.");
        client(t);
        addresses(t);
        whom(t);
        t.child("claimMapping", |provider| ClaimMapping(provider.0.clone()))
            .doc("Names of the claims to read.");
        t.one_opt("lastTest", last_tests)
            .doc("Its latest trial sign-in, finished or not; null before the first.");
        t.value("lastSignInAt", |provider| provider.0.last_sign_in_at)
            .doc("When somebody last signed in through it; null if nobody has.");
        t.value("createdAt", |provider| provider.0.created_at)
            .doc("When it was made.");
    }
}

fn client(t: &mut Type<IdentityProvider>) {
    t.text("issuer", |provider| &provider.0.issuer)
        .doc("The https address it names itself by; it stays what it is.");
    t.text("clientId", |provider| &provider.0.client_id)
        .doc("What the provider knows us by; empty while that has not been entered.");
    t.value("tokenAuthMethod", |provider| {
        TokenAuthMethod::from(provider.0.token_auth_method)
    })
    .doc("How we prove who we are when a code is exchanged for tokens.");
    t.value("scopes", |provider| provider.0.scopes.0.clone())
        .doc("What the provider is asked for, `openid` among them; at most 20.");
    t.value("secretUpdatedAt", |provider| provider.0.secret_updated_at)
        .doc("When the client secret was set; null if there is none.");
    t.value("secretExpiresAt", |provider| provider.0.secret_expires_at)
        .doc("When the provider stops accepting it, if that was said. Administrators are told 30 days, 7 days and 1 day before.");
}

fn whom(t: &mut Type<IdentityProvider>) {
    t.many("domains", domains)
        .doc("Those whose addresses it signs in.");
    t.value("enforcement", |provider| {
        SsoEnforcement::from(provider.0.enforcement)
    })
    .doc("Whether other ways to sign in stay open to the people of its domains; OPTIONAL for a new one.");
    t.reference::<User, _>("breakGlassUser", |provider| provider.0.break_glass_user_id)
        .doc("The administrator who keeps a password while single sign-on is required.");
    t.value("isAuthoritative", |provider| provider.0.is_authoritative)
        .doc("It never sends `email_verified` and is believed for the addresses of its verified domains.");
    t.value("verifiesAsText", |provider| provider.0.verifies_as_text)
        .doc("It sends `email_verified` as the text `true`, which counts.");
    t.value("trustsPrompt", |provider| provider.0.trusts_prompt)
        .doc("Where it does not say when somebody signed in, that it was told to ask them anew counts as a recent sign-in.");
    t.child("jit", |provider| JitSettings(provider.0.clone()))
        .doc("What happens when someone unknown signs in through it.");
}

async fn domains(scope: Scope, providers: Rows<IdentityProvider>) -> Result<Vec<Vec<Domain>>> {
    let routed = read::domains_of_providers(&scope).await?;
    let ids: Vec<Uuid> = routed.values().flatten().copied().collect();
    let found = Domain::by_ids(&scope, &ids).await?;
    let of = |provider: &IdentityProvider| -> Vec<Domain> {
        let own = routed.get(&provider.0.id).into_iter().flatten();
        own.filter_map(|id| found.iter().find(|domain| domain.0.id == *id))
            .cloned()
            .collect()
    };
    Ok(providers.iter().map(of).collect())
}

async fn last_tests(scope: Scope, providers: Rows<IdentityProvider>) -> Result<Links<SsoTest>> {
    let found = read::latest_trials(&scope).await?;
    let wanted = providers.iter().map(|provider| Some(provider.0.id));
    Ok(Links::by_key(wanted, found, |test| test.0.identity_provider_id))
}

fn addresses(t: &mut Type<IdentityProvider>) {
    t.values("redirectUri", address(redirect_uri))
        .doc("Where the provider sends the browser back to. To be registered at the identity provider, to the letter.");
    t.values("initiateLoginUri", address(initiate_login_uri))
        .doc("Where a sign-in begins that starts at the provider, for example in its portal (OpenID Connect Core, section 4).");
    t.values("backchannelLogoutUri", address(backchannel_logout_uri))
        .doc(
            "Where the provider says that a session of its own is over (OpenID Connect Back-Channel Logout).",
        );
    t.values("jwksUri", address(jwks_uri))
        .doc("Our public key, for PRIVATE_KEY_JWT.");
}

/// One of our addresses for each provider; they begin with what the server is configured to be reached by.
fn address(
    of: fn(&App, Uuid) -> Url,
) -> impl Fn(Scope, Rows<IdentityProvider>) -> Ready<Result<Vec<String>>> + Send + Sync + 'static {
    move |scope, providers| {
        let addresses = providers
            .iter()
            .map(|provider| of(scope.app(), provider.0.id).to_string());
        ready(Ok(addresses.collect()))
    }
}

/// What becomes of people nobody has invited.
#[derive(Clone, Debug)]
pub struct JitSettings(Arc<identity_provider::Model>);

impl Object for JitSettings {
    const NAME: &'static str = "JitSettings";
    const DOC: &'static str = "What happens when someone unknown signs in through the connection. Roles above USER never come from the identity provider.";

    fn describe(t: &mut Type<Self>) {
        t.value("isEnabled", |jit| jit.0.provisions)
            .doc("Whether they become users of the account; if not, they are refused.");
        t.many("defaultSubscriptions", default_subscriptions)
            .doc("What everybody who becomes a user so gets a seat of; at most 20.");
        t.many("defaultGroups", default_groups)
            .doc("What everybody who becomes a user so comes into; at most 20. Groups that were deleted since are left out.");
        t.value("allowsWithoutSeat", |jit| jit.0.allows_without_seat)
            .doc("When the default subscriptions have no free seat: sign the user in without one (true) or refuse (false).");
    }
}

async fn default_subscriptions(scope: Scope, settings: Rows<JitSettings>) -> Result<Vec<Vec<Subscription>>> {
    let named = |jit: &JitSettings| jit.0.default_subscription_ids.0.clone();
    let ids: Vec<Uuid> = settings.iter().flat_map(named).collect();
    let found = Subscription::by_ids(&scope, &ids).await?;
    let of = |jit: &JitSettings| -> Vec<Subscription> {
        let find = |id: &Uuid| found.iter().find(|subscription| subscription.0.id == *id);
        let named = jit.0.default_subscription_ids.0.iter();
        named.filter_map(find).cloned().collect()
    };
    Ok(settings.iter().map(of).collect())
}

async fn default_groups(scope: Scope, settings: Rows<JitSettings>) -> Result<Vec<Vec<Group>>> {
    let named = |jit: &JitSettings| jit.0.default_group_ids.0.clone();
    let ids: Vec<Uuid> = settings.iter().flat_map(named).collect();
    let found = Group::by_ids(&scope, &ids).await?;
    let of = |jit: &JitSettings| -> Vec<Group> {
        let find = |id: &Uuid| found.iter().find(|group| group.0.id == *id);
        jit.0
            .default_group_ids
            .0
            .iter()
            .filter_map(find)
            .cloned()
            .collect()
    };
    Ok(settings.iter().map(of).collect())
}

/// How a provider calls what we read.
#[derive(Clone, Debug)]
pub struct ClaimMapping(Arc<identity_provider::Model>);

impl Object for ClaimMapping {
    const NAME: &'static str = "ClaimMapping";
    const DOC: &'static str = "Names of the claims to read.";

    fn describe(t: &mut Type<Self>) {
        t.text("email", |claims| &claims.0.email_claim)
            .doc("The claim that has the e-mail address.");
        t.text("givenName", |claims| &claims.0.given_name_claim)
            .doc("The claim that has the given name.");
        t.text("familyName", |claims| &claims.0.family_name_claim)
            .doc("The claim that has the family name.");
        t.text_opt("groups", |claims| claims.0.groups_claim.as_deref())
            .doc("The claim that has the groups, which give neither roles nor seats; null if none is named.");
    }
}

/// `Account.identityProviders`.
pub fn on_account(t: &mut Type<Account>) {
    t.many("identityProviders", of_accounts)
        .doc("The oldest first; at most 20.")
        .guard(Guard::from(Permission::SsoRead).premium());
}

async fn of_accounts(scope: Scope, accounts: Rows<Account>) -> Result<Vec<Vec<IdentityProvider>>> {
    let found = read::all(&scope).await?;
    let ids = accounts.iter().map(|account| account.0.id);
    Ok(group(ids, found, |provider| provider.0.account_id))
}
