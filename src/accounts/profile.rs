//! What seldom changes of an account.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use entity::account::{Entity, Plan, View};
use entity::lists::Texts;
use sea_orm::{ConnectionTrait, DerivePartialModel, EntityTrait};
use uuid::Uuid;

use crate::error::Result;

/// What seldom changes of an account, and so is kept in memory. Its counters change with every user: they are read when they are asked for ([`Counts`](super::Counts)).
#[derive(Clone, Debug, DerivePartialModel)]
#[sea_orm(entity = "Entity")]
pub struct Profile {
    pub id: Uuid,
    pub version: i32,
    pub name: String,
    pub slug: String,
    pub plan: Plan,
    pub view: View,
    pub invitation_lifetime_days: i32,
    pub allowed_invite_domains: Texts,
    pub default_locale: String,
    pub names_version: i32,
    pub seat_notice_percent: i32,
    pub audit_kept_days: i32,
    pub reclaim_idle_days: Option<i32>,
    pub grace_days: i32,
    pub created_at: DateTime<Utc>,
}

/// An account as the database has it.
pub async fn read<C: ConnectionTrait>(db: &C, id: Uuid) -> Result<Option<Arc<Profile>>> {
    let found = Entity::find_by_id(id).into_partial_model().one(db).await?;
    Ok(found.map(Arc::new))
}
