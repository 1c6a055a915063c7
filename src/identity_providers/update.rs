//! Changing a provider. What the provider's side would notice makes it a draft again: a test has to show that it still works.

use entity::identity_provider::{self, Model, Status};
use entity::ids::Kind;
use sea_orm::{ActiveModelTrait, ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::settings::{ProviderSettings, note_changes};
use super::{notice, references, require, routing, rules};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

/// Changes what is written about a provider.
#[derive(Clone, Debug)]
pub struct UpdateIdentityProvider {
    pub provider_id: Uuid,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub settings: ProviderSettings,
}

impl Command for UpdateIdentityProvider {
    type Output = Model;
    const NAME: &'static str = "identity_providers.update";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    async fn apply(self, work: &mut Work) -> Result<Model> {
        rules::require_premium(work.member()?)?;
        let before = find(work, self.provider_id).await?;
        if self
            .expected_version
            .is_some_and(|expected| expected != before.version)
        {
            let text = "Somebody changed this identity provider meanwhile. Read it again.";
            return Err(Refusal::new(Code::StaleVersion, text)
                .at("input.expectedVersion")
                .into());
        }
        let mut after = before.clone();
        self.settings
            .write(&mut after, work.app().secrets(), work.now())?;
        if !rules::talks_alike(&before, &after) {
            after.status = Status::Draft;
        }
        references::check(work, &before, &after).await?;
        let is_rerouted = match &self.settings.domains {
            Some(domains) => routing::route(work, &before, domains).await?,
            None => false,
        };
        if after == before && !is_rerouted {
            return Ok(before);
        }
        work.touch(Kind::IdentityProvider.text(after.id));
        note_changes(work, &before, &after);
        if before.secret_expires_at != after.secret_expires_at {
            notice::plan(work, &after).await?;
        }
        let after = store(work, after).await?;
        require::end_other_sessions(work, &after).await?;
        Ok(after)
    }
}

/// A provider of the acting member's account.
pub async fn find(work: &Work, provider_id: Uuid) -> Result<Model> {
    let found = identity_provider::Entity::find_by_id((work.account_id()?, provider_id))
        .one(work.reader())
        .await?;
    let missing = || Refusal::new(Code::NotFound, "There is no such identity provider.");
    Ok(found.ok_or_else(|| missing().at("input.identityProviderId"))?)
}

/// Writes a provider as its next version. The account's lock is held since it was read.
pub async fn store(work: &Work, mut provider: Model) -> Result<Model> {
    provider.version += 1;
    // A row stays where its key has put it: keys are compared, never set.
    let mut columns = provider.clone().into_active_model().reset_all();
    columns.not_set(identity_provider::Column::AccountId);
    columns.not_set(identity_provider::Column::Id);
    let next = identity_provider::Entity::update_many()
        .set(columns)
        .filter(identity_provider::Column::AccountId.eq(provider.account_id))
        .filter(identity_provider::Column::Id.eq(provider.id));
    work.update(next).await?;
    Ok(provider)
}
