//! An e-mail domain an account says is its own. Proven by a DNS record, it decides where its addresses sign in.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "domains")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Lower-cased, in punycode, without a trailing dot.
    pub name: String,
    pub status: Status,
    pub created_by: Option<Uuid>,
    pub created_at: DateTimeUtc,
    /// An unproven claim is over after this.
    pub claim_ends_at: DateTimeUtc,
    pub verified_at: Option<DateTimeUtc>,
    pub last_checked_at: Option<DateTimeUtc>,
    /// For people: what the last look at the DNS found.
    pub last_check_message: Option<String>,
    /// When the platform looks again; only for a verified domain.
    pub next_check_at: Option<DateTimeUtc>,
    /// Daily checks in a row that did not find the record.
    pub misses: i32,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Life cycle of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    Pending,
    /// In one account at most, guarded by a partial unique index.
    Verified,
    /// Checked, and the record was not there.
    Failed,
    /// It was verified, but the record has been missing for seven daily checks.
    Lapsed,
}
