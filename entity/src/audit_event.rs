//! What was done or refused, by whom. Append-only: the database refuses changes.

use sea_orm::entity::prelude::*;

use crate::lists::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub occurred_at: DateTimeUtc,
    /// Dotted and stable: `users.invite`, `seats.assign`.
    pub action: String,
    pub actor_kind: String,
    /// The user who acted or on whose behalf the system did.
    pub actor_id: Option<Uuid>,
    pub actor_label: String,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: String,
    pub outcome: AuditOutcome,
    /// Global ids of what was touched.
    pub targets: Texts,
    /// Fields with their values before and after; never a secret.
    #[sea_orm(column_type = "JsonBinary")]
    pub changes: Option<Json>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AuditOutcome {
    Success,
    Denied,
}
