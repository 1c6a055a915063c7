//! Which account has verified a domain: one of the directories, which hold what is unique over all accounts.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "domain_owners")]
pub struct Model {
    /// As in the account's own row: lower-cased, in punycode, without a trailing dot.
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub account_id: Uuid,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
