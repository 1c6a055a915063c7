//! What somebody used of a product in a month: the sum of its days.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "usage_months")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Made of user, product and month.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub product_id: Uuid,
    /// Its first day.
    pub month: Date,
    /// A bit for each day, the lowest for the first.
    pub days_used: i32,
    /// How many of them are set.
    pub days: i32,
    pub last_day: Date,
    pub minutes: i64,
    pub launches: i64,
    /// In ten-thousandths.
    pub credits: i64,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
