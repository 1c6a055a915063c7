//! The offer to join that a user gets by e-mail. The token is not stored, and neither is anything it could be made from.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "invitations")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub role: super::user::Role,
    pub status: Status,
    /// Counts the tokens made for this invitation; only the last one opens it.
    pub generation: i32,
    /// SHA-256 of the current token's secret part.
    pub token_hash: Vec<u8>,
    pub invited_by: Option<Uuid>,
    pub message: Option<String>,
    pub created_at: DateTimeUtc,
    /// `EXPIRED` is pending past this moment: computed, never swept.
    pub expires_at: DateTimeUtc,
    /// When the relay last took a mail with a link; the folder, where mails go into one.
    pub last_sent_at: Option<DateTimeUtc>,
    /// How many it took.
    pub send_count: i32,
    pub accepted_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
    /// What has become of the mail with the current link.
    pub delivery_status: Delivery,
    /// Since when that is so.
    pub delivery_at: DateTimeUtc,
    /// What the relay answered, if it did not take the mail.
    pub delivery_reason: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Life cycle of an invitation as stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    Pending,
    Accepted,
    Revoked,
}

/// What has become of a mail.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Delivery {
    /// It was not tried yet.
    Queued,
    /// The relay took it.
    Sent,
    /// It did not go out, and is tried again.
    Delayed,
    /// It was refused for good, or given up.
    Bounced,
}
