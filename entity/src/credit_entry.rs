//! One entry of an account's ledger of cloud credits. It is never changed and never deleted. Amounts are in ten-thousandths.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "credit_entries")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    /// Made of the number and the account, so that ids are in the order of the ledger.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Its place in the ledger, from 1 on without a gap.
    pub number: i64,
    pub kind: Kind,
    /// What the balance changed by.
    pub amount: i64,
    pub balance_after: i64,
    pub occurred_at: DateTimeUtc,
    /// Whose use consumed them.
    pub user_id: Option<Uuid>,
    /// What they were consumed by.
    pub product_id: Option<Uuid>,
    /// The day of the use.
    pub used_on: Option<Date>,
    /// The lot that it began, or that lapsed.
    pub lot_id: Option<Uuid>,
    /// That lot's last day.
    pub expires_on: Option<Date>,
    /// What the seller knows it by; unique within the account.
    pub reference: Option<String>,
    /// What the seller says about it.
    pub note: Option<String>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Why the balance changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Kind {
    Grant,
    Consumption,
    Expiry,
    Adjustment,
}
