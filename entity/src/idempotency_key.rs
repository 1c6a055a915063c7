//! A key a client gave to a creating call, so that a repetition is recognised.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub key: String,
    pub command: String,
    pub body_hash: Vec<u8>,
    /// What the first call made.
    pub subject_id: Option<Uuid>,
    /// What the first call answered, where it is not read off what it made.
    #[sea_orm(column_type = "JsonBinary")]
    pub answer: Option<Json>,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
