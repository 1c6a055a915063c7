//! What clients send about a provider, and how it becomes [`ProviderSettings`]. Left out means: as it is. `null` takes away, where something can be taken.

use async_graphql::{ID, InputObject, MaybeUndefined};
use chrono::{DateTime, Utc};
use entity::ids::Kind;
use secrecy::SecretString;
use uuid::Uuid;

use super::{SsoEnforcement, TokenAuthMethod};
use crate::api::errors::require_id;
use crate::error::{Code, Refusal, Result};
use crate::identity_providers::{CreateIdentityProvider, ProviderSettings, UpdateIdentityProvider};

/// Ids one list may hold.
const MOST_IDS: usize = crate::limits::PROVIDER_IDS;

/// What happens when someone unknown signs in through the connection.
#[derive(InputObject, Debug, Default)]
pub struct JitSettingsInput {
    /// Whether they become users of the account; false for a new provider. Null: as it is.
    is_enabled: Option<bool>,
    /// What everybody who becomes a user so gets a seat of: at most 20 subscriptions, in a list of at most 100 ids; none for a new provider. Null: as it is.
    default_subscription_ids: Option<Vec<ID>>,
    /// Groups that everybody who becomes a user so comes into, with the seats that these give, at most 20; where there is none left they wait. None for a new provider. Null: as it is.
    default_group_ids: Option<Vec<ID>>,
    /// When the default subscriptions have no free seat: sign the user in without one (true, and so for a new provider) or refuse (false). Null: as it is.
    allows_without_seat: Option<bool>,
}

/// Names of the claims to read, each at most 100 characters.
#[derive(InputObject, Debug, Default)]
pub struct ClaimMappingInput {
    /// The e-mail address; `email` for a new provider. Null: as it is.
    email: Option<String>,
    /// The given name; `given_name` for a new provider. Null: as it is.
    given_name: Option<String>,
    /// The family name; `family_name` for a new provider. Null: as it is.
    family_name: Option<String>,
    /// The groups, which give neither roles nor seats. Null: none is named, and so for a new provider; left out: as it is.
    groups: MaybeUndefined<String>,
}

/// A new identity provider: where it is, what it knows us by, and whom it signs in.
#[derive(InputObject)]
pub struct CreateIdentityProviderInput {
    /// What administrators call it: one line of at most 100 characters.
    name: String,
    /// https only, at most 500 characters, with neither query nor fragment, to the letter as the provider names itself; fetched through the SSRF guard.
    issuer: String,
    /// What the provider knows us by, at most 500 characters. Once for an issuer. Null: not known yet, because the provider wants our addresses first; it is
    /// entered later, before the first test.
    client_id: Option<String>,
    /// At most 2000 characters. Without one: a public client, or one that proves itself by a key.
    client_secret: Option<String>,
    /// When the provider stops accepting the secret: in the future, in the year 9999 at the latest. Null: it is not known to end.
    secret_expires_at: Option<DateTime<Utc>>,
    /// How we prove who we are when a code is exchanged for tokens.
    #[graphql(default_with = "TokenAuthMethod::ClientSecretBasic")]
    token_auth_method: TokenAuthMethod,
    /// At most 20 of at most 200 characters, openid among them. Null: openid, email, profile.
    scopes: Option<Vec<String>>,
    /// Verified domains of the account, at most 100: it signs in people whose addresses are in them.
    domain_ids: Vec<ID>,
    /// The provider never sends `email_verified`: believe it for the addresses of its verified domains.
    #[graphql(default)]
    is_authoritative: bool,
    /// The provider sends `email_verified` as the text `true`: let it count.
    #[graphql(default)]
    verifies_as_text: bool,
    /// Where the provider does not say when somebody signed in (`auth_time`), believe that it asked them anew because we told it to (`prompt=login`).
    #[graphql(default)]
    trusts_prompt: bool,
    /// What happens when someone unknown signs in. Null: they are refused.
    jit: Option<JitSettingsInput>,
    /// Names of the claims to read. Null: those that OpenID Connect names.
    claim_mapping: Option<ClaimMappingInput>,
    /// 1 to 200 bytes, remembered for 24 hours: the same call sent again finds the provider it made; another one under the key is refused. Null: every call is
    /// one of its own.
    pub idempotency_key: Option<String>,
}

/// What changes of an identity provider. What is left out stays as it is.
#[derive(InputObject)]
pub struct UpdateIdentityProviderInput {
    /// One of the account's.
    identity_provider_id: ID,
    /// The `version` that was read; the call is refused with `STALE_VERSION` when it is another by now. Null: whichever it is.
    expected_version: Option<i32>,
    /// What administrators call it: one line of at most 100 characters. Null: as it is.
    name: Option<String>,
    /// What the provider knows us by, at most 500 characters. Null: as it is.
    client_id: Option<String>,
    /// At most 2000 characters. Null takes it away; left out: as it is. Either change takes away `secretExpiresAt` unless that is given too.
    client_secret: MaybeUndefined<String>,
    /// When the provider stops accepting the secret: in the future, in the year 9999 at the latest. Null: it is not known to end; left out: as it is.
    secret_expires_at: MaybeUndefined<DateTime<Utc>>,
    /// How we prove who we are when a code is exchanged for tokens. Null: as it is.
    token_auth_method: Option<TokenAuthMethod>,
    /// At most 20 of at most 200 characters, openid among them. Null: as they are.
    scopes: Option<Vec<String>>,
    /// All the verified domains whose addresses it signs in, at most 100; an empty list takes them away. Null: as they are.
    domain_ids: Option<Vec<ID>>,
    /// The provider never sends `email_verified`: believe it for the addresses of its verified domains. Null: as it is.
    is_authoritative: Option<bool>,
    /// The provider sends `email_verified` as the text `true`: let it count. Null: as it is.
    verifies_as_text: Option<bool>,
    /// Where the provider does not say when somebody signed in (`auth_time`), believe that it asked them anew because we told it to (`prompt=login`). Null: as
    /// it is.
    trusts_prompt: Option<bool>,
    /// Whether other ways to sign in stay open to the people of its domains. Null: as it is.
    enforcement: Option<SsoEnforcement>,
    /// An active administrator who has a password; needed while single sign-on is required. Null: nobody; left out: as it is.
    break_glass_user_id: MaybeUndefined<ID>,
    /// What happens when someone unknown signs in. Null: as it is.
    jit: Option<JitSettingsInput>,
    /// Names of the claims to read. Null: as they are.
    claim_mapping: Option<ClaimMappingInput>,
}

impl CreateIdentityProviderInput {
    pub fn command(self) -> Result<CreateIdentityProvider> {
        let mut settings = ProviderSettings {
            name: Some(self.name),
            client_id: self.client_id,
            client_secret: Some(self.client_secret.map(SecretString::from)),
            secret_expires_at: Some(self.secret_expires_at),
            token_auth_method: Some(self.token_auth_method.into()),
            scopes: self.scopes,
            domains: Some(ids(Kind::Domain, &self.domain_ids, "input.domainIds")?),
            is_authoritative: Some(self.is_authoritative),
            verifies_as_text: Some(self.verifies_as_text),
            trusts_prompt: Some(self.trusts_prompt),
            ..ProviderSettings::default()
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
        let mut settings = ProviderSettings {
            name: self.name,
            client_id: self.client_id,
            client_secret: taken(self.client_secret).map(|secret| secret.map(SecretString::from)),
            secret_expires_at: taken(self.secret_expires_at),
            token_auth_method: self.token_auth_method.map(Into::into),
            scopes: self.scopes,
            domains: domains.transpose()?,
            is_authoritative: self.is_authoritative,
            verifies_as_text: self.verifies_as_text,
            trusts_prompt: self.trusts_prompt,
            enforcement: self.enforcement.map(Into::into),
            break_glass_user: break_glass_user.transpose()?,
            ..ProviderSettings::default()
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

impl ProviderSettings {
    fn add(&mut self, jit: JitSettingsInput, claims: ClaimMappingInput) -> Result<()> {
        let field = "input.jit.defaultSubscriptionIds";
        let subscriptions = jit.default_subscription_ids;
        let subscriptions = subscriptions.map(|given| ids(Kind::Subscription, &given, field));
        self.default_subscriptions = subscriptions.transpose()?;
        let groups = jit.default_group_ids;
        let groups = groups.map(|given| ids(Kind::Group, &given, "input.jit.defaultGroupIds"));
        self.default_groups = groups.transpose()?;
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
