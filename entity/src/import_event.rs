//! One step of an import, kept for clients that reconnect. The id is the import's with the sequence in its last four bytes: two events of one number cannot be stored.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;

use crate::import::{Counts, Undo};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub import_id: Uuid,
    pub sequence: i32,
    /// The import as it was then.
    pub snapshot: Snapshot,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How far an import was when the event was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
pub struct Snapshot {
    /// Absent from what was written before it could change.
    #[serde(default)]
    pub mode: Option<String>,
    pub status: String,
    pub phase: String,
    pub processed: i32,
    pub total: Option<i32>,
    pub succeeded: i32,
    pub failed: i32,
    pub skipped: i32,
    pub outcomes: Counts,
    /// Whether a dry run was planned by then.
    #[serde(default)]
    pub has_preview: bool,
    #[serde(default)]
    pub store_away_since: Option<DateTimeUtc>,
    #[serde(default)]
    pub undo: Option<Undo>,
    /// Rows of this step, as lines of the file: first and last.
    pub lines: Option<(i32, i32)>,
}
