//! A new provider. It signs nobody in before a test has passed.

use entity::identity_provider;
use entity::ids::Kind;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use secrecy::{ExposeSecret, SecretString};
use uuid::Uuid;

use super::rules::is_same_client;
use super::settings::{ProviderSettings, blank, note_changes};
use super::{notice, references, routing, rules};
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::directory::providers;
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::idempotency::{self, Once, Repeat};
use crate::platform::seal::Content;
use crate::sso::provider::discovery;

/// Providers of one account.
const MOST: usize = 20;

/// Makes a provider, or finds the one that has the same issuer and client already.
#[derive(Clone, Debug)]
pub struct CreateIdentityProvider {
    pub issuer: String,
    pub settings: ProviderSettings,
}

/// What came of it.
#[derive(Debug)]
pub struct Created {
    pub provider: identity_provider::Model,
    pub is_new: bool,
}

impl Command for CreateIdentityProvider {
    type Output = Created;
    const NAME: &'static str = "identity_providers.create";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    /// The provider is asked who it is, after everything that can be judged without it.
    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        let account_id = actor.account_id().ok_or(Error::Unauthenticated)?;
        let (issuer, url) = rules::issuer(&self.issuer)?;
        let now = app.clock().now();
        let mut trial = blank(account_id, Uuid::nil(), issuer, now);
        self.settings.write(&mut trial, app.secrets(), now)?;
        app.outbound()
            .check(&url)
            .map_err(|error| rules::not_allowed(&error))?;
        discovery::probe(app, &trial.issuer)
            .await
            .map_err(rules::cannot_be_used)?;
        self.issuer = trial.issuer;
        Ok(())
    }

    async fn apply(self, work: &mut Work) -> Result<Created> {
        let account_id = work.account_id()?;
        rules::require_premium(work.member()?)?;
        let known = identity_provider::Entity::find()
            .filter(identity_provider::Column::AccountId.eq(account_id))
            .all(work.reader())
            .await?;
        let before = blank(account_id, work.new_id(), self.issuer, work.now());
        let mut provider = before.clone();
        self.settings
            .write(&mut provider, work.app().secrets(), work.now())?;
        if let Some(known) = known.iter().find(|known| is_same_client(known, &provider)) {
            work.touch(Kind::IdentityProvider.text(known.id));
            return Ok(Created {
                provider: known.clone(),
                is_new: false,
            });
        }
        if known.len() >= MOST {
            let text = "An account has at most 20 identity providers.";
            let detail = Detail::Quota {
                limit: 20,
                retry_after_seconds: None,
            };
            return Err(Refusal::new(Code::QuotaExceeded, text).with(detail).into());
        }
        references::check(work, &before, &provider).await?;
        work.insert(vec![identity_provider::ActiveModel::from(provider.clone())])
            .await?;
        providers::list(work, provider.id, account_id).await?;
        let domains = self.settings.domains.unwrap_or_default();
        routing::route(work, &provider, &domains).await?;
        notice::plan(work, &provider).await?;
        work.touch(Kind::IdentityProvider.text(provider.id));
        work.changed("issuer", None, Some(provider.issuer.clone()));
        note_changes(work, &before, &provider);
        Ok(Created {
            provider,
            is_new: true,
        })
    }
}

/// Kept is which one it is: its row has a secret in it.
impl Repeat for Created {
    type Kept = Uuid;

    fn keep(&self) -> Uuid {
        self.provider.id
    }

    async fn again(kept: Uuid, work: &Work) -> Result<Self> {
        let found = identity_provider::Entity::find_by_id((work.account_id()?, kept));
        let provider = found.one(work.reader()).await?;
        let gone = || {
            Refusal::new(
                Code::NotFound,
                "The identity provider that this call made was deleted.",
            )
        };
        Ok(Self {
            provider: provider.ok_or_else(gone)?,
            is_new: true,
        })
    }
}

/// As [`CreateIdentityProvider`], for a caller who means one that is not there yet; under a key, the second call is the first one again.
#[derive(Debug)]
pub struct AddIdentityProvider {
    once: Once<CreateIdentityProvider>,
    /// No part of the hash the key remembers.
    secret: Option<SecretString>,
}

impl AddIdentityProvider {
    /// `sent` is the hash of the input as it was sent, without the secret.
    pub fn sent(idempotency_key: Option<String>, sent: [u8; 32], command: CreateIdentityProvider) -> Self {
        Self {
            secret: command.settings.client_secret.clone().flatten(),
            once: Once::sent(idempotency_key, sent, command),
        }
    }
}

impl Command for AddIdentityProvider {
    type Output = identity_provider::Model;
    const NAME: &'static str = CreateIdentityProvider::NAME;
    /// The command within leaves the row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        self.once.action()
    }

    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        self.once.prepare(app, actor).await
    }

    async fn apply(self, work: &mut Work) -> Result<identity_provider::Model> {
        let done = work.run(self.once).await?;
        if done.is_repeated && is_another_secret(work, &done.output.provider, self.secret.as_ref())? {
            return Err(idempotency::reused().into());
        }
        if done.output.is_new {
            return Ok(done.output.provider);
        }
        Err(rules::client_taken().into())
    }
}

/// Whether a call names another secret than the one the provider was made with. One that was changed since says nothing about the call.
fn is_another_secret(
    work: &Work,
    provider: &identity_provider::Model,
    given: Option<&SecretString>,
) -> Result<bool> {
    if provider
        .secret_updated_at
        .is_some_and(|at| at != provider.created_at)
    {
        return Ok(false);
    }
    let secrets = work.app().secrets();
    let unseal = |sealed| secrets.unseal(Content::ClientSecret, provider.account_id, provider.id, sealed);
    let kept = provider.sealed_secret.as_deref().map(unseal).transpose()?;
    let given = given.map(rules::client_secret).transpose()?;
    let text =
        |secret: &Option<SecretString>| secret.as_ref().map(|secret| secret.expose_secret().to_owned());
    Ok(text(&kept) != text(&given))
}
