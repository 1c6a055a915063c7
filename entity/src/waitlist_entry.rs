//! Somebody who waits for a seat of a product.

use sea_orm::entity::prelude::*;

use crate::assignment::Source;
use crate::lists::Uuids;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "waitlist_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub product_id: Uuid,
    /// Whoever has the lowest is next; unique within the product.
    pub rank: i64,
    /// The components that are to be on; null: the defaults of then.
    pub components: Option<Uuids>,
    /// What asked for the seat.
    pub source: Source,
    pub requested_by: Option<Uuid>,
    pub created_at: DateTimeUtc,
    /// The last day on which the seat is to be held.
    pub expires_on: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
