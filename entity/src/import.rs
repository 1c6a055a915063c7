//! One uploaded CSV file and everything done with it.

use sea_orm::FromJsonQueryResult;
use sea_orm::entity::prelude::*;

use crate::lists::Texts;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "imports")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub upload_id: Uuid,
    pub created_by: Uuid,
    pub kind: Kind,
    /// What everybody of the file is given; null for a file that says it itself.
    pub sources: Option<Sources>,
    pub mode: Mode,
    pub on_error: OnError,
    pub send_invitations: bool,
    pub status: Status,
    pub phase: Phase,
    pub filename: String,
    /// The private copy that was checked: the bytes that are imported, whatever is put under the upload's link later.
    pub object_key: String,
    /// Null: detected.
    pub encoding: Option<String>,
    /// Number of the last event; grows by one with each.
    pub sequence: i32,
    /// Rows done, in file order: where a worker resumes.
    pub processed: i32,
    /// Null until the file was read.
    pub total: Option<i32>,
    pub succeeded: i32,
    pub failed: i32,
    pub skipped: i32,
    /// Rows by outcome; always sums to `processed`.
    pub outcomes: Counts,
    /// What a dry run found.
    #[sea_orm(column_type = "JsonBinary")]
    pub preview: Option<Json>,
    pub failure_code: Option<String>,
    pub failure_message: Option<String>,
    /// Where in the file: line, and column if it is one.
    pub failure_field: Option<Texts>,
    pub created_at: DateTimeUtc,
    pub started_at: Option<DateTimeUtc>,
    pub updated_at: DateTimeUtc,
    pub finished_at: Option<DateTimeUtc>,
    /// When the file, its checked copy and the report went from the object store.
    pub objects_deleted_at: Option<DateTimeUtc>,
    /// Since when work stands still because the object store does not answer.
    pub store_away_since: Option<DateTimeUtc>,
    /// How far it is taken back, once somebody asked for that. What the import came to stays in `status`.
    pub undo: Option<Undo>,
    /// Columns that were named by hand, for this file or for an earlier one with the same headers.
    pub mapping: Option<Mapping>,
    /// Names the headers of the file; null until it was read.
    pub header_key: Option<String>,
    /// Whoever finds no seat waits for one.
    pub waits: bool,
    /// The last day on which the seats of the file are held.
    pub expires_on: Option<Date>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Kind {
    Users,
    /// The same seats for everybody in the file.
    Assignments,
    /// The same seats taken back from everybody in the file.
    Unassignments,
}

/// Whether rows are applied at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Mode {
    DryRun,
    Apply,
}

/// What happens to the good rows of a file with bad ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum OnError {
    RejectAll,
    SkipFailed,
}

/// Life cycle; from `Succeeded` on nothing changes any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(24))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    Queued,
    Running,
    AwaitingConfirmation,
    Cancelling,
    Succeeded,
    SucceededWithErrors,
    Failed,
    Cancelled,
}

/// What the import is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Phase {
    Waiting,
    Downloading,
    Parsing,
    Validating,
    Applying,
    Notifying,
    Done,
    /// It has come to its end and is taken back.
    Undoing,
}

/// Which columns hold what, as somebody said.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
pub struct Mapping(pub Vec<Mapped>);

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Mapped {
    pub column: MappedColumn,
    /// What it holds, by the name that clients see.
    pub field: String,
}

/// A column, by its heading or its place.
#[derive(Clone, Debug, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
pub enum MappedColumn {
    Header(String),
    /// From 1.
    Number(i32),
}

/// How far taking an import back is.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
pub struct Undo {
    pub asked_by: Uuid,
    pub asked_at: DateTimeUtc,
    /// Rows are gone through from the last to the first: those before this line are still to come.
    pub before_line: i32,
    /// Rows that were looked at.
    pub processed: i32,
    pub undone: i32,
    pub left: i32,
    /// Why it came to a halt.
    pub failure: Option<String>,
    pub finished_at: Option<DateTimeUtc>,
}

impl Undo {
    /// Nothing is taken back yet.
    pub fn of(asked_by: Uuid, asked_at: DateTimeUtc) -> Self {
        Self {
            asked_by,
            asked_at,
            before_line: i32::MAX,
            processed: 0,
            undone: 0,
            left: 0,
            failure: None,
            finished_at: None,
        }
    }
}

/// What everybody of a file is given.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
pub struct Sources(pub Vec<Source>);

/// A seat of one product.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Source {
    pub product_id: Uuid,
    /// Null: any in-term subscription of the product.
    pub subscription_id: Option<Uuid>,
    /// The components that are on; null: the product's defaults for a new seat, and those of now for one that is held.
    pub components: Option<Vec<Uuid>>,
}

/// Rows by outcome.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize, FromJsonQueryResult)]
pub struct Counts(pub std::collections::BTreeMap<String, i32>);
