//! One person of a job, and what became of it for them. The id is the job's with the place in its last four bytes, so items sort by place.

use sea_orm::entity::prelude::*;

use crate::import_row::Problems;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "bulk_job_items")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub bulk_job_id: Uuid,
    /// From 1.
    pub place: i32,
    pub user_id: Uuid,
    /// Null until it was their turn.
    pub outcome: Option<Outcome>,
    pub problems: Option<Problems>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What became of it for one person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Outcome {
    Applied,
    Unchanged,
    /// No seat was left, and they wait for one.
    Waitlisted,
    Failed,
    /// The job came to its end before it was their turn.
    NotProcessed,
}
