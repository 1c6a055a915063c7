//! The reader's own change of address, while its link is good.

use entity::email_change;
use sea_orm::EntityTrait;

use super::ask::Asked;
use crate::error::Result;
use crate::read::Scope;

/// What the reader asked for and has not confirmed.
pub async fn pending(scope: &Scope) -> Result<Option<Asked>> {
    let member = scope.member()?;
    let found = email_change::Entity::find_by_id((member.account_id, member.user_id));
    let now = scope.app().clock().now();
    let found = found.one(scope.db()).await?;
    let pending = found.filter(|change| change.used_at.is_none() && change.expires_at > now);
    Ok(pending.map(|change| Asked {
        email: change.email,
        expires_at: change.expires_at,
    }))
}
