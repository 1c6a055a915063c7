//! A message to one user, shown in the app.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "notifications")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub user_id: Uuid,
    pub kind: Kind,
    pub severity: Severity,
    pub title: String,
    pub body: String,
    /// Global id of what it is about.
    pub subject: Option<String>,
    pub created_at: DateTimeUtc,
    /// What is not shown in the app is read from the beginning.
    pub read_at: Option<DateTimeUtc>,
    /// Whether it is listed in the app; otherwise it is there for the mail of the day alone.
    pub is_shown: bool,
    /// Whether the next mail of the day is to tell it: until it is read or told.
    pub in_digest: bool,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// What a message is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(32))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Kind {
    ImportFinished,
    ExportReady,
    SeatsExhausted,
    SeatsRunningOut,
    InvitationBounced,
    RoleChanged,
    SsoProblem,
    DomainCheckFailed,
    JobFinished,
    SeatEnding,
    CreditsRunningOut,
    CreditsExhausted,
    ContractEnding,
    AccessRequested,
    AccessDecided,
}

/// How soon somebody has to do something about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Severity {
    Info,
    Warning,
    Critical,
}
