//! One signed-in browser or device, for one account. Its refresh tokens are one family, told apart by generation; none is stored.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sessions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Absent when the session began at a provider: what a provider asserts never reaches a global identity.
    pub identity_id: Option<Uuid>,
    /// The provider the session began at; such a session is good for this account alone.
    pub identity_provider_id: Option<Uuid>,
    /// The provider's own name for its session (`sid`).
    pub provider_session: Option<String>,
    pub user_id: Uuid,
    pub auth_method: AuthMethod,
    /// Which refresh token of the family is good.
    pub generation: i32,
    pub rotated_at: DateTimeUtc,
    pub authenticated_at: DateTimeUtc,
    pub created_at: DateTimeUtc,
    pub last_seen_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub ended_at: Option<DateTimeUtc>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    /// The ID token it began with, encrypted with the master key: some providers want it back when somebody signs out there.
    pub sealed_id_token: Option<Vec<u8>>,
    /// Which code by mail is good for proving once more who one is; 0 before the first.
    pub code_generation: i32,
    pub code_sent_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How a session was begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum AuthMethod {
    Password,
    Invitation,
    Sso,
}
