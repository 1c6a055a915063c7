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
    /// Its place in the account's chain; none for what was written before there was one. PostgreSQL says it.
    pub seq: Option<i64>,
    /// What only the holder of the master key can write to what stands here.
    pub code: Option<Vec<u8>>,
    /// SHA-256 over the hash before and the code. PostgreSQL says it.
    pub hash: Option<Vec<u8>>,
    /// Up to where whoever wrote this had seen the chain.
    pub seen_seq: Option<i64>,
    /// The hash there.
    pub seen_hash: Option<Vec<u8>>,
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
