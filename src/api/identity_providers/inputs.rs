//! What clients send about a provider, and how it becomes [`Settings`]. Left out means: as it is. `null` takes away, where something can be taken.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use secrecy::SecretString;
use uuid::Uuid;

use super::{SsoEnforcement, TokenAuthMethod};
use crate::api::errors::require_id;
use crate::error::{Code, Refusal, Result};
use crate::identity_providers::{CreateIdentityProvider, Settings, UpdateIdentityProvider};

/// Ids one list may hold.
const MOST_IDS: usize = crate::limits::PROVIDER_IDS;

/// Input of jit settings.
#[derive(InputObject, Debug, Default)]
pub struct JitSettingsInput {
    is_enabled: Option<bool>,
    default_subscription_ids: Option<Vec<ID>>,
    allows_without_seat: Option<bool>,
}

/// Input of claim mapping.
#[derive(InputObject, Debug, Default)]
pub struct ClaimMappingInput {
    email: Option<String>,
    given_name: Option<String>,
    family_name: Option<String>,
    groups: MaybeUndefined<String>,
}

/// Input of create identity provider.
#[derive(InputObject)]
pub struct CreateIdentityProviderInput {
    name: String,
    /// https only; fetched through the SSRF guard.
    issuer: String,
    client_id: String,
    /// Without one: a public client, or one that proves itself by a key.
    client_secret: Option<String>,
    secret_expires_at: Option<DateTime<Utc>>,
    #[graphql(default_with = "TokenAuthMethod::ClientSecretBasic")]
    token_auth_method: TokenAuthMethod,
    /// Without any: openid, email, profile.
    scopes: Option<Vec<String>>,
    /// Verified domains of the account.
    domain_ids: Vec<ID>,
    /// The provider never sends `email_verified`: believe it for the addresses of its verified domains.
    #[graphql(default)]
    is_authoritative: bool,
    jit: Option<JitSettingsInput>,
    claim_mapping: Option<ClaimMappingInput>,
    pub idempotency_key: Option<String>,
}

/// Input of update identity provider.
#[derive(InputObject)]
pub struct UpdateIdentityProviderInput {
    identity_provider_id: ID,
    expected_version: Option<i32>,
    name: Option<String>,
    client_id: Option<String>,
    client_secret: MaybeUndefined<String>,
    secret_expires_at: MaybeUndefined<DateTime<Utc>>,
    token_auth_method: Option<TokenAuthMethod>,
    scopes: Option<Vec<String>>,
    domain_ids: Option<Vec<ID>>,
    is_authoritative: Option<bool>,
    enforcement: Option<SsoEnforcement>,
    /// An active administrator who has a password; needed while single sign-on is required.
    break_glass_user_id: MaybeUndefined<ID>,
    jit: Option<JitSettingsInput>,
    claim_mapping: Option<ClaimMappingInput>,
}

impl CreateIdentityProviderInput {
    pub fn command(self) -> Result<CreateIdentityProvider> {
        let mut settings = Settings {
            name: Some(self.name),
            client_id: Some(self.client_id),
            client_secret: Some(self.client_secret.map(SecretString::from)),
            secret_expires_at: Some(self.secret_expires_at),
            token_auth_method: Some(self.token_auth_method.into()),
            scopes: self.scopes,
            domains: Some(ids(Kind::Domain, &self.domain_ids, "input.domainIds")?),
            is_authoritative: Some(self.is_authoritative),
            ..Settings::default()
        };
        settings.add(
            self.jit.unwrap_or_default(),
            self.claim_mapping.unwrap_or_default(),
        )?;
        Ok(CreateIdentityProvider {
            issuer: self.issuer,
            settings,
        })
    }
}

impl UpdateIdentityProviderInput {
    pub fn command(self) -> Result<UpdateIdentityProvider> {
        let domains = self
            .domain_ids
            .map(|given| ids(Kind::Domain, &given, "input.domainIds"));
        let break_glass_user = self.break_glass_user_id.as_opt_ref().map(|user| {
            user.map(|user| require_id(Kind::User, user, "input.breakGlassUserId"))
                .transpose()
        });
        let mut settings = Settings {
            name: self.name,
            client_id: self.client_id,
            client_secret: taken(self.client_secret).map(|secret| secret.map(SecretString::from)),
            secret_expires_at: taken(self.secret_expires_at),
            token_auth_method: self.token_auth_method.map(Into::into),
            scopes: self.scopes,
            domains: domains.transpose()?,
            is_authoritative: self.is_authoritative,
            enforcement: self.enforcement.map(Into::into),
            break_glass_user: break_glass_user.transpose()?,
            ..Settings::default()
        };
        settings.add(
            self.jit.unwrap_or_default(),
            self.claim_mapping.unwrap_or_default(),
        )?;
        let provider = &self.identity_provider_id;
        Ok(UpdateIdentityProvider {
            provider_id: require_id(Kind::IdentityProvider, provider, "input.identityProviderId")?,
            expected_version: self.expected_version,
            settings,
        })
    }
}

impl Settings {
    fn add(&mut self, jit: JitSettingsInput, claims: ClaimMappingInput) -> Result<()> {
        let field = "input.jit.defaultSubscriptionIds";
        let subscriptions = jit.default_subscription_ids;
        let subscriptions = subscriptions.map(|given| ids(Kind::Subscription, &given, field));
        self.default_subscriptions = subscriptions.transpose()?;
        self.provisions = jit.is_enabled;
        self.allows_without_seat = jit.allows_without_seat;
        self.email_claim = claims.email;
        self.given_name_claim = claims.given_name;
        self.family_name_claim = claims.family_name;
        self.groups_claim = taken(claims.groups);
        Ok(())
    }
}

/// `Some(None)` for what was given as `null`.
#[expect(
    clippy::option_option,
    reason = "left as it is, emptied, or set: the command has these three"
)]
fn taken<T>(given: MaybeUndefined<T>) -> Option<Option<T>> {
    match given {
        MaybeUndefined::Undefined => None,
        MaybeUndefined::Null => Some(None),
        MaybeUndefined::Value(value) => Some(Some(value)),
    }
}

/// A list of ids; an empty one names nothing, which is something to say.
fn ids(kind: Kind, given: &[ID], field: &str) -> Result<Vec<Uuid>> {
    if given.len() > MOST_IDS {
        let text = format!("At most {MOST_IDS} can be named here.");
        return Err(Refusal::new(Code::TooManyItems, text).at(field).into());
    }
    let id = |(place, id): (usize, &ID)| require_id(kind, id, &format!("{field}.{place}"));
    given.iter().enumerate().map(id).collect()
}
