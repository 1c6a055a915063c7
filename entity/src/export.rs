//! A file made of what an account has, at one moment.

use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "exports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub created_by: Uuid,
    pub kind: Kind,
    pub format: Format,
    /// What else was asked for: which rows, which columns, how they are written.
    #[sea_orm(column_type = "JsonBinary")]
    pub request: Json,
    pub status: Status,
    /// Grows by one with every change.
    pub sequence: i32,
    /// People, seats or events that were written.
    pub processed: i32,
    /// Null until they were counted.
    pub total: Option<i32>,
    /// Lines of the file, its header aside; null until it is whole.
    pub row_count: Option<i32>,
    pub byte_size: Option<i64>,
    /// Where the file is, or is to be. Every attempt writes one of its own: what another attempt writes, late, is nobody's file.
    pub object_key: Option<String>,
    /// What the store calls the pieces of a file that is not whole yet.
    pub upload_id: Option<String>,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub updated_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// When the file went from the object store.
    pub objects_deleted_at: Option<DateTimeUtc>,
    /// Since when work stands still because the object store does not answer.
    pub store_away_since: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What an export lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Kind {
    Users,
    Assignments,
    AuditEvents,
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Format {
    Csv,
    Ndjson,
}

/// More columns than a list of people has by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ColumnSet {
    /// One with the codes of all products.
    Products,
    /// One for each product.
    Subscriptions,
    /// A line for each seat.
    SubscriptionRows,
}

/// What stands between two cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Delimiter {
    #[default]
    Comma,
    Semicolon,
    Tab,
}

/// Life cycle; from `Succeeded` on nothing changes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    Queued,
    Running,
    Cancelling,
    Succeeded,
    Failed,
    Cancelled,
}
