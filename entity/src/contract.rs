//! The agreement that holds subscriptions.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contracts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub number: String,
    pub starts_on: Date,
    pub ends_on: Date,
    pub auto_renews: bool,
    pub purchaser_name: Option<String>,
    pub reseller_name: Option<String>,
    /// When it was said that it ends and is not renewed; null if that was not said.
    pub terminated_at: Option<DateTimeUtc>,
    pub created_at: DateTimeUtc,
    pub version: i32,
    /// By so many months a renewal moves the last day.
    pub renewal_months: i32,
    /// The first day of the next term that it was renewed for; of the running one, once that has begun.
    pub next_term_on: Option<Date>,
    /// For which last day it was told that it ends, and so many days before at the most.
    pub told_for: Option<Date>,
    pub told_days: Option<i32>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
