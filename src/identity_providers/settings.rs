//! What an administrator can say about a provider, at its making and later: the same words, the same rules.

use chrono::{DateTime, Utc};
use entity::identity_provider::{Enforcement, Model, Status, TokenAuthMethod};
use entity::ids::Kind;
use entity::lists::Uuids;
use sea_orm::ActiveEnum;
use secrecy::SecretString;
use uuid::Uuid;

use super::rules;
use crate::command::Work;
use crate::error::{Error, Result};
use crate::platform::seal::Content;
use crate::platform::secrets::Secrets;

/// What is `None` stays as it is; what is `Some(None)` is taken away.
#[derive(Clone, Debug, Default)]
pub struct ProviderSettings {
    pub name: Option<String>,
    pub client_id: Option<String>,
    /// A client without a secret is a public one.
    pub client_secret: Option<Option<SecretString>>,
    pub secret_expires_at: Option<Option<DateTime<Utc>>>,
    pub token_auth_method: Option<TokenAuthMethod>,
    pub scopes: Option<Vec<String>>,
    /// The domains whose addresses it signs in, all of them.
    pub domains: Option<Vec<Uuid>>,
    pub is_authoritative: Option<bool>,
    pub verifies_as_text: Option<bool>,
    pub trusts_prompt: Option<bool>,
    pub enforcement: Option<Enforcement>,
    pub break_glass_user: Option<Option<Uuid>>,
    pub provisions: Option<bool>,
    pub allows_without_seat: Option<bool>,
    pub default_subscriptions: Option<Vec<Uuid>>,
    pub default_groups: Option<Vec<Uuid>>,
    pub email_claim: Option<String>,
    pub given_name_claim: Option<String>,
    pub family_name_claim: Option<String>,
    pub groups_claim: Option<Option<String>>,
}

/// A provider nobody has said anything about yet.
pub fn blank(account_id: Uuid, id: Uuid, issuer: String, now: DateTime<Utc>) -> Model {
    Model {
        account_id,
        id,
        version: 1,
        name: String::new(),
        status: Status::Draft,
        issuer,
        client_id: String::new(),
        token_auth_method: TokenAuthMethod::ClientSecretBasic,
        scopes: rules::usual_scopes(),
        sealed_secret: None,
        secret_updated_at: None,
        secret_expires_at: None,
        enforcement: Enforcement::Optional,
        break_glass_user_id: None,
        is_authoritative: false,
        verifies_as_text: false,
        trusts_prompt: false,
        provisions: false,
        allows_without_seat: true,
        default_subscription_ids: Uuids::default(),
        default_group_ids: Uuids::default(),
        email_claim: "email".to_owned(),
        given_name_claim: "given_name".to_owned(),
        family_name_claim: "family_name".to_owned(),
        groups_claim: None,
        last_sign_in_at: None,
        created_at: now,
    }
}

impl ProviderSettings {
    /// Writes what was said into a provider, if it can stand there. Nothing is stored.
    pub fn write(&self, provider: &mut Model, secrets: &Secrets, now: DateTime<Utc>) -> Result<()> {
        if let Some(name) = &self.name {
            provider.name = rules::name(name)?;
        }
        self.write_client(provider, secrets, now)?;
        self.write_claims(provider)?;
        set(&mut provider.is_authoritative, self.is_authoritative);
        set(&mut provider.verifies_as_text, self.verifies_as_text);
        set(&mut provider.trusts_prompt, self.trusts_prompt);
        set(&mut provider.enforcement, self.enforcement);
        set(&mut provider.break_glass_user_id, self.break_glass_user);
        set(&mut provider.provisions, self.provisions);
        set(&mut provider.allows_without_seat, self.allows_without_seat);
        if let Some(subscriptions) = &self.default_subscriptions {
            provider.default_subscription_ids = Uuids(rules::default_subscriptions(subscriptions)?);
        }
        if let Some(groups) = &self.default_groups {
            provider.default_group_ids = Uuids(rules::default_groups(groups)?);
        }
        Ok(())
    }

    fn write_client(&self, provider: &mut Model, secrets: &Secrets, now: DateTime<Utc>) -> Result<()> {
        if let Some(client_id) = &self.client_id {
            provider.client_id = rules::client_id(client_id)?;
        }
        if let Some(secret) = &self.client_secret {
            let seal = |secret: &SecretString| {
                let secret = rules::client_secret(secret)?;
                let sealed =
                    secrets.seal(Content::ClientSecret, provider.account_id, provider.id, &secret)?;
                Ok::<_, Error>(sealed)
            };
            provider.sealed_secret = secret.as_ref().map(seal).transpose()?;
            provider.secret_updated_at = secret.as_ref().map(|_| now);
            // The day of the former secret says nothing about this one.
            provider.secret_expires_at = None;
        }
        if let Some(expires_at) = self.secret_expires_at {
            if let Some(at) = expires_at {
                rules::secret_expiry(at, provider.sealed_secret.is_some(), now)?;
            }
            provider.secret_expires_at = expires_at;
        }
        set(&mut provider.token_auth_method, self.token_auth_method);
        if let Some(scopes) = &self.scopes {
            provider.scopes = rules::scopes(scopes.clone())?;
        }
        Ok(())
    }

    fn write_claims(&self, provider: &mut Model) -> Result<()> {
        for (claim, given, field) in [
            (&mut provider.email_claim, &self.email_claim, "email"),
            (
                &mut provider.given_name_claim,
                &self.given_name_claim,
                "givenName",
            ),
            (
                &mut provider.family_name_claim,
                &self.family_name_claim,
                "familyName",
            ),
        ] {
            if let Some(given) = given {
                *claim = rules::claim(given, field)?;
            }
        }
        if let Some(groups) = &self.groups_claim {
            let groups = groups.as_ref().map(|groups| rules::claim(groups, "groups"));
            provider.groups_claim = groups.transpose()?;
        }
        Ok(())
    }
}

/// Says for the audit log what became of a provider; of a secret, only that there is another.
pub fn note_changes(work: &mut Work, before: &Model, after: &Model) {
    let shown = |provider: &Model| {
        [
            ("name", Some(provider.name.clone())),
            ("status", Some(provider.status.to_value())),
            ("clientId", Some(provider.client_id.clone())),
            ("tokenAuthMethod", Some(provider.token_auth_method.to_value())),
            ("scopes", Some(provider.scopes.0.join(" "))),
            (
                "secretUpdatedAt",
                provider.secret_updated_at.map(|at| at.to_rfc3339()),
            ),
            (
                "secretExpiresAt",
                provider.secret_expires_at.map(|at| at.to_rfc3339()),
            ),
            ("isAuthoritative", Some(provider.is_authoritative.to_string())),
            ("verifiesAsText", Some(provider.verifies_as_text.to_string())),
            ("trustsPrompt", Some(provider.trusts_prompt.to_string())),
            ("enforcement", Some(provider.enforcement.to_value())),
            (
                "breakGlassUser",
                provider.break_glass_user_id.map(|id| Kind::User.text(id)),
            ),
            ("jit.isEnabled", Some(provider.provisions.to_string())),
            (
                "jit.allowsWithoutSeat",
                Some(provider.allows_without_seat.to_string()),
            ),
            ("jit.defaultSubscriptions", Some(subscriptions(provider))),
            ("jit.defaultGroups", Some(groups(provider))),
            ("claimMapping.email", Some(provider.email_claim.clone())),
            ("claimMapping.givenName", Some(provider.given_name_claim.clone())),
            (
                "claimMapping.familyName",
                Some(provider.family_name_claim.clone()),
            ),
            ("claimMapping.groups", provider.groups_claim.clone()),
        ]
    };
    for ((field, was), (_, is)) in shown(before).into_iter().zip(shown(after)) {
        if was != is {
            work.changed(field, was, is);
        }
    }
}

fn subscriptions(provider: &Model) -> String {
    let ids = provider.default_subscription_ids.0.iter();
    let ids: Vec<String> = ids.map(|id| Kind::Subscription.text(*id)).collect();
    ids.join(" ")
}

fn groups(provider: &Model) -> String {
    let ids = provider.default_group_ids.0.iter();
    let ids: Vec<String> = ids.map(|id| Kind::Group.text(*id)).collect();
    ids.join(" ")
}

fn set<T: Clone>(place: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *place = given;
    }
}
