//! One seat of one subscription given to one user. At most one per user and product.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::lists::Uuids;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "assignments")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub version: i32,
    pub user_id: Uuid,
    pub subscription_id: Uuid,
    /// The subscription's product, repeated here for the rule of one assignment per product.
    pub product_id: Uuid,
    /// The components that are on.
    pub components: Uuids,
    pub source: Source,
    pub assigned_by: Option<Uuid>,
    pub assigned_at: DateTimeUtc,
    /// The last day on which it is held; null: until it is taken back.
    pub expires_on: Option<Date>,
    /// For which last day its user was told that it ends.
    pub expiry_told_for: Option<Date>,
    /// When its user was told that it will be taken back unless they come; null if they have come since.
    pub reclaim_told_at: Option<DateTimeUtc>,
    /// The place in a line (a waitlist entry, gone since) that it was given to, if it was.
    pub waited_as: Option<Uuid>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What made an assignment.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    PartialOrd,
    Ord,
    EnumIter,
    DeriveActiveEnum,
    Serialize,
    Deserialize,
)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Source {
    Manual,
    CsvImport,
    Group,
    SsoJit,
    Api,
}
