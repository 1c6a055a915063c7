//! An account's cloud credits: how they stand, and what holds for them. Triggers of `credit_entries` keep the sums. All amounts are in ten-thousandths.

use sea_orm::entity::prelude::*;

use crate::lists::Numbers;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_books")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// The account's too: it has one.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// How many entries the ledger has; the number of the last one.
    pub entries: i64,
    /// The sum of all entries.
    pub balance: i64,
    pub granted: i64,
    pub consumed: i64,
    pub expired: i64,
    /// What adjustments have added, less what they have taken.
    pub adjusted: i64,
    pub allows_overdraft: bool,
    /// The lowest balance where overdraft is not allowed: 0, or what was overdrawn while it was.
    pub least: i64,
    /// The balance after credits were last added: what notices are measured against.
    pub pot: i64,
    /// The highest percentage of the pot that was told of as used; 0: none was.
    pub told_percent: i32,
    /// From which percentages of the pot on administrators are told.
    pub notice_percents: Numbers,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
