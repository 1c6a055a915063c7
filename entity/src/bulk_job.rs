//! One thing done in the background for many people.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;
use serde::{Deserialize, Serialize};

use crate::assignment;
use crate::import::{Counts, OnError, Phase, Status};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_jobs")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub created_by: Uuid,
    /// The API token that asked for it in their name.
    pub token_id: Option<Uuid>,
    /// What is done for each of them.
    pub task: Task,
    pub on_error: OnError,
    pub status: Status,
    pub phase: Phase,
    /// Number of the last event; grows by one with each.
    pub sequence: i32,
    /// People done, in their order: where a worker resumes.
    pub processed: i32,
    pub total: i32,
    pub succeeded: i32,
    pub failed: i32,
    pub skipped: i32,
    /// People by outcome; always sums to `processed`.
    pub outcomes: Counts,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub updated_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What is done for each, with all it takes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, FromJsonQueryResult)]
#[serde(tag = "action", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Task {
    AssignSeats {
        sources: Vec<SeatFrom>,
        components: Option<Vec<Uuid>>,
        source: assignment::Source,
        /// Whoever finds no seat waits for one.
        waits: bool,
        /// The last day on which the seats are held.
        #[serde(default)]
        expires_on: Option<Date>,
    },
    UnassignSeats {
        product_id: Uuid,
    },
    AddGroupMembers {
        group_id: Uuid,
    },
    RemoveGroupMembers {
        group_id: Uuid,
    },
}

/// What a seat is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SeatFrom {
    Subscription(Uuid),
    /// Any in-term subscription of the product.
    Product(Uuid),
}
