//! A customer: one company or team. The tenant.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::lists::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Grows with every change an administrator makes; `expectedVersion` compares with it.
    pub version: i32,
    pub name: String,
    pub slug: String,
    pub plan: Plan,
    pub view: View,
    pub invitation_lifetime_days: i32,
    /// Only addresses of these domains are invited; empty means any.
    pub allowed_invite_domains: Texts,
    /// The language whose order lists by name have.
    pub default_locale: String,
    /// By which version of the rules the sort keys and search texts of all users are made, for `default_locale`; 0 while they are being written anew.
    pub names_version: i32,
    /// From which share of its seats taken on a subscription is told of to the administrators.
    pub seat_notice_percent: i32,
    /// For how many days its audit log is kept; the database refuses to delete what is younger.
    pub audit_kept_days: i32,
    /// Seats of people who did not come for so many days are taken back by themselves; null: they are not.
    pub reclaim_idle_days: Option<i32>,
    /// For how many days after a term access goes on for whoever holds a seat.
    pub grace_days: i32,
    /// The last day on which contracts were looked after.
    pub contracts_looked_after_on: Option<Date>,
    /// The last day on which seats that end were looked after.
    pub seats_looked_after_on: Option<Date>,
    /// The five counters are kept in the transactions that change users, so that a total costs nothing to read.
    pub users_staged: i32,
    pub users_pending: i32,
    pub users_active: i32,
    pub users_disabled: i32,
    /// Users of any status but removed whose role is administrative.
    pub users_admin: i32,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What the customer pays for.
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
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Plan {
    Standard,
    Premium,
}

/// Which user management the account works with.
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
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum View {
    Current,
    /// Contract managers and software coordinators; single add and bulk add of at most 50.
    Classic,
}
