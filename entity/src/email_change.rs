//! A new address somebody wants to have, until the link that was sent there comes back. Of one user there is one: the next takes its place.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "email_changes")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The user's.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Where it was asked for: that session goes on.
    pub session_id: Uuid,
    /// As it was typed.
    pub email: String,
    pub email_key: String,
    /// Counts the links; only the latest is good.
    pub generation: i32,
    pub asked_at: DateTimeUtc,
    pub expires_at: DateTimeUtc,
    pub used_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
