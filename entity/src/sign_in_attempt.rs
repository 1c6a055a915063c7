//! One occurrence of what is rate limited, a failed attempt to sign in or another, remembered for as long as it counts against the next one. Global: whoever
//! guesses belongs to no account.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "sign_in_attempts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// SHA-256 of what the attempt counts against: an e-mail, a network address, a session, an account.
    pub key: Vec<u8>,
    pub attempted_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
