//! One record of an imported file and what became of it. The id is the import's with the line number in its last four bytes, so rows sort by line.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;

use crate::lists::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "import_rows")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub import_id: Uuid,
    /// Line of the file where the record starts, from 1.
    pub line: i32,
    pub outcome: RowOutcome,
    /// True for what a dry run foresees, false for what was done.
    pub is_planned: bool,
    pub cells: Texts,
    pub user_id: Option<Uuid>,
    pub problems: Option<Problems>,
    /// What it made, for whoever takes it back; null: nothing, or it was only planned.
    pub effects: Option<Effects>,
    /// What became of that when the import was taken back; null: nothing was there to be taken back.
    pub undo: Option<RowUndo>,
    /// Why something was left.
    pub undo_problems: Option<Problems>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RowOutcome {
    Invited,
    Assigned,
    InvitedAndAssigned,
    /// The invitation had expired and was sent again.
    Reinvited,
    /// Seats were taken back.
    Unassigned,
    /// No seat was left, and the person waits for one.
    Waitlisted,
    Unchanged,
    /// An earlier line tells of the same person, and this one names no product and no group.
    Duplicate,
    Failed,
    /// The import was cancelled before this row.
    NotProcessed,
}

/// What became of a row when its import was taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(8))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum RowUndo {
    Undone,
    /// Something of it was changed since, and stays.
    Left,
}

/// What a row made.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
pub struct Effects {
    /// The person is in the account by this row.
    #[serde(default)]
    pub is_new: bool,
    /// An invitation was sent to them.
    #[serde(default)]
    pub is_invited: bool,
    /// Seats that were given.
    #[serde(default)]
    pub seats: Vec<Uuid>,
    /// Seats that were held, and in which other components are on now.
    #[serde(default)]
    pub customised: Vec<Uuid>,
    /// Seats that were taken back.
    #[serde(default)]
    pub freed: Vec<Freed>,
    /// Memberships in groups that are new.
    #[serde(default)]
    pub joined: Vec<Uuid>,
    /// Places in a line that were taken.
    #[serde(default)]
    pub waiting: Vec<Uuid>,
}

/// A seat that somebody had.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Freed {
    pub product_id: Uuid,
    pub subscription_id: Uuid,
    /// Those that were on.
    pub components: Vec<Uuid>,
    /// The last day on which it was to be held.
    #[serde(default)]
    pub expires_on: Option<Date>,
}

/// Why a row failed or was only done in part.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
pub struct Problems(pub Vec<Problem>);

/// One reason: code and message as clients see them, and the column at fault.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Problem {
    pub code: String,
    pub message: String,
    pub column: Option<String>,
}
