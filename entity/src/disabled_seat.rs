//! A seat that a user gave up by being disabled, to be taken back when they are enabled again.

use sea_orm::entity::prelude::*;

use crate::assignment::Source;
use crate::lists::Uuids;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "disabled_seats")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    /// The product and not the subscription: that may have lapsed by then, and another of the same product serves as well.
    pub product_id: Uuid,
    /// The components that were on.
    pub components: Uuids,
    /// What held it: one that groups alone gave is theirs to give again.
    pub source: Source,
    pub released_at: DateTimeUtc,
    /// The last day on which it was to be held.
    pub expires_on: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
