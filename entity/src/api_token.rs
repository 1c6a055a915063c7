//! A credential for scripts. The secret is shown once and never kept.

use sea_orm::entity::prelude::*;

use crate::lists::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "api_tokens")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub name: String,
    /// The secret's first characters, to tell tokens apart.
    pub hint: String,
    /// SHA-256 of the secret.
    pub secret_hash: Vec<u8>,
    /// Names of scopes.
    pub scopes: Texts,
    /// Whose rights bound those of the token.
    pub created_by: Uuid,
    pub created_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    /// To the minute.
    pub last_used_at: Option<DateTimeUtc>,
    pub revoked_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
