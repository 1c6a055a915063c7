//! The head of an account's audit log, and up to where it was cleared away. Triggers of `audit_events` keep the head.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "audit_chains")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The account's too: it has one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// When the first event in it occurred.
    pub begun_at: DateTimeUtc,
    /// The number of the last event.
    pub seq: i64,
    /// Its hash.
    pub hash: Vec<u8>,
    /// The number of the last event that was cleared away; 0 if none was.
    pub base_seq: i64,
    /// Its hash.
    pub base_hash: Option<Vec<u8>>,
    /// That it was Muster that cleared it away.
    pub base_code: Option<Vec<u8>>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
