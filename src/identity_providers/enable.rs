//! Switching a provider on and off.

use entity::identity_provider::{Enforcement, Model, Status};
use entity::ids::Kind;
use sea_orm::ActiveEnum;
use uuid::Uuid;

use super::update::{find, store};
use super::{references, require, rules};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Refusal, Result};
use crate::sessions::end_sessions_begun_by;

/// Has a provider sign people in, or no longer; then the sessions it began end, as they do when it is deleted. Said twice, it changes nothing the second time.
#[derive(Clone, Debug)]
pub struct SetSsoEnabled {
    pub provider_id: Uuid,
    pub is_enabled: bool,
}

impl Command for SetSsoEnabled {
    type Output = Model;
    const NAME: &'static str = "identity_providers.set_enabled";

    fn action(&self) -> Action {
        Action::ManageSso
    }

    async fn apply(self, work: &mut Work) -> Result<Model> {
        rules::require_premium(work.member()?)?;
        let before = find(work, self.provider_id).await?;
        let status = match (self.is_enabled, before.status) {
            (true, _) => {
                let at = |refusal: Refusal| refusal.at("input.isEnabled");
                rules::may_enable(&before).map_err(at)?;
                Status::Enabled
            }
            (false, Status::Enabled) => Status::Disabled,
            (false, unused) => unused,
        };
        if status == before.status {
            return Ok(before);
        }
        if status == Status::Enabled && before.enforcement == Enforcement::Required {
            // While it was off, whoever was to keep the way in may have lost it.
            references::check_break_glass(work, &before).await?;
        }
        work.touch(Kind::IdentityProvider.text(before.id));
        work.changed("status", Some(before.status.to_value()), Some(status.to_value()));
        let after = store(work, Model { status, ..before }).await?;
        match after.status {
            Status::Enabled => require::end_other_sessions(work, &after).await?,
            _ => end_sessions_begun_by(work, after.account_id, after.id).await?,
        }
        Ok(after)
    }
}
