//! What an account bought: a product, a number of seats, a term.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "subscriptions")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i32,
    pub product_id: Uuid,
    pub contract_id: Uuid,
    pub state: State,
    pub seats: i32,
    /// Counts the assignments. Never above `seats`: a guarded update and a CHECK see to it.
    pub seats_used: i32,
    /// Those of `seats_used` whose user has not accepted the invitation yet.
    pub seats_reserved: i32,
    pub starts_on: Date,
    /// Last day of the term.
    pub ends_on: Date,
    pub created_at: DateTimeUtc,
    /// How many seats it is to have from its next term on; null: as many as now.
    pub next_seats: Option<i32>,
    /// When that term begins; null until it was renewed.
    pub next_term_on: Option<Date>,
    /// For which last day it was told that it ends, and so many days before at the most.
    pub told_for: Option<Date>,
    pub told_days: Option<i32>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What was agreed; whether the term runs is computed from its dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum State {
    Active,
    Trial,
    PastDue,
    Cancelled,
}
