//! A person's place in one account.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "users")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// Set when the invitation is accepted.
    pub identity_id: Option<Uuid>,
    pub version: i32,
    /// As typed.
    pub email: String,
    /// Lower-cased, domain in punycode: what is compared.
    pub email_key: String,
    pub email_verified: bool,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    /// The order of lists by given name and by the name that is shown: a sort key of the account's language.
    pub given_key: Vec<u8>,
    /// The order of lists by family name.
    pub family_key: Vec<u8>,
    /// What free-text search looks in: name and address, folded.
    pub search_text: String,
    pub role: Role,
    pub status: Status,
    pub origin: Origin,
    pub locale: Option<String>,
    /// The customer's own number for the person.
    pub external_id: Option<String>,
    pub created_at: DateTimeUtc,
    pub last_signed_in_at: Option<DateTimeUtc>,
    pub disabled_at: Option<DateTimeUtc>,
    pub removed_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a user may do; `access` in the main crate holds the matrix.
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
pub enum Role {
    /// Exactly one per account, guarded by a partial unique index.
    PrimaryAdmin,
    SecondaryAdmin,
    /// Premium plan only.
    SsoAdmin,
    /// Classic view only.
    ContractManager,
    /// Classic view only.
    SoftwareCoordinator,
    User,
}

/// Life cycle of a user.
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
pub enum Status {
    /// Known, not invited yet.
    Staged,
    /// Invited; may hold seats, cannot sign in yet.
    Pending,
    Active,
    /// Cannot sign in; the seats are released.
    Disabled,
    /// A tombstone: kept for history, listed nowhere.
    Removed,
}

/// How a user came to be.
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
pub enum Origin {
    Invitation,
    CsvImport,
    SsoJit,
    Api,
    Migration,
}
