//! A generation of the key that signs access tokens, after the first. The key itself comes from the master key and is stored nowhere.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "signing_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Counts up from 2.
    pub generation: i32,
    pub created_at: DateTimeUtc,
    /// From when on it signs; it is published before.
    pub signs_from: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
