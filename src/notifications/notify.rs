//! Telling users something, in the transaction of what is told.

use entity::notification::{self, Kind, Severity};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;

/// Something to tell.
#[derive(Clone, Debug)]
pub struct Notice {
    pub kind: Kind,
    pub severity: Severity,
    pub title: String,
    pub body: String,
    /// Global id of what it is about.
    pub subject: Option<String>,
}

/// Tells some users of an account.
pub async fn notify(work: &Work, account_id: Uuid, users: &[Uuid], notice: &Notice) -> Result<()> {
    let rows = users.iter().map(|user_id| notification::ActiveModel {
        account_id: Set(account_id),
        id: Set(work.new_id()),
        user_id: Set(*user_id),
        kind: Set(notice.kind),
        severity: Set(notice.severity),
        title: Set(notice.title.clone()),
        body: Set(notice.body.clone()),
        subject: Set(notice.subject.clone()),
        created_at: Set(work.now()),
        read_at: Set(None),
    });
    work.insert(rows.collect()).await
}
