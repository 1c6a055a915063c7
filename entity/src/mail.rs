//! A mail to be sent. Written in the transaction of what it tells; unique by key, so that it is told once.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mails")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub account_id: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    /// What the mail tells, for example `invitation:<id>:2`.
    pub key: String,
    pub kind: String,
    pub to_address: String,
    pub to_name: Option<String>,
    /// What the template needs. Never a token: links are made when the mail is sent.
    #[sea_orm(column_type = "JsonBinary")]
    pub payload: Json,
    pub status: Status,
    pub run_at: DateTimeUtc,
    pub attempts: i32,
    pub lease_token: Option<Uuid>,
    pub lease_until: Option<DateTimeUtc>,
    pub last_error: Option<String>,
    pub created_at: DateTimeUtc,
    pub sent_at: Option<DateTimeUtc>,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Life cycle of a mail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, EnumIter, DeriveActiveEnum)]
#[sea_orm(
    rs_type = "String",
    db_type = "String(StringLen::N(16))",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Status {
    Ready,
    Sent,
    /// Refused for good, or given up after too many attempts.
    Dead,
}
