//! One step of a job, kept for clients that reconnect. The id is the job's with the sequence in its last four bytes: two events of one number cannot be stored.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;

use crate::import::Counts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_job_events")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub bulk_job_id: Uuid,
    pub sequence: i32,
    /// The job as it was then.
    pub snapshot: Snapshot,
    pub created_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// How far a job was when the event was written.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
pub struct Snapshot {
    pub status: String,
    pub phase: String,
    pub processed: i32,
    pub succeeded: i32,
    pub failed: i32,
    pub skipped: i32,
    pub outcomes: Counts,
    /// Whether work on it had begun.
    pub has_started: bool,
    /// People of this step, by their places: first and last.
    pub places: Option<(i32, i32)>,
}
