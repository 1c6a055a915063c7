//! Telling users something, in the transaction of what is told.

use entity::notification::{self, Kind, Severity};
use entity::user::{self, Role, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QuerySelect, Select};
use uuid::Uuid;

use crate::access::{Action, role_may};
use crate::command::Work;
use crate::error::Result;
use crate::platform::constants::Constants;

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
    let row = |user_id: &Uuid| row(work, account_id, *user_id, notice);
    work.insert(users.iter().map(row).collect()).await
}

/// Tells each of some users something of their own.
pub async fn notify_each(work: &Work, account_id: Uuid, notices: &[(Uuid, Notice)]) -> Result<()> {
    let row = |(user_id, notice): &(Uuid, Notice)| row(work, account_id, *user_id, notice);
    work.insert(notices.iter().map(row).collect()).await
}

fn row(work: &Work, account_id: Uuid, user_id: Uuid, notice: &Notice) -> notification::ActiveModel {
    notification::ActiveModel {
        account_id: Set(account_id),
        id: Set(work.new_id()),
        user_id: Set(user_id),
        kind: Set(notice.kind),
        severity: Set(notice.severity),
        title: Set(notice.title.clone()),
        body: Set(notice.body.clone()),
        subject: Set(notice.subject.clone()),
        created_at: Set(work.now()),
        read_at: Set(None),
    }
}

/// Tells whoever may do something about it.
pub async fn notify_who_may(work: &Work, account_id: Uuid, action: Action, notice: &Notice) -> Result<()> {
    let able = able(account_id, action).select_only().column(user::Column::Id);
    let users: Vec<Uuid> = able.into_tuple().all(work.reader()).await?;
    notify(work, account_id, &users, notice).await
}

/// Who may do something about it: the active users of an account who have the right to an action.
pub async fn who_may(work: &Work, account_id: Uuid, action: Action) -> Result<Vec<user::Model>> {
    Ok(able(account_id, action).all(work.reader()).await?)
}

fn able(account_id: Uuid, action: Action) -> Select<user::Entity> {
    let able = Role::iter().filter(|role| role_may(*role, action));
    user::Entity::find()
        .filter(user::Column::AccountId.eq(account_id))
        .filter(user::Column::Status.eq_constant(Status::Active))
        .filter(user::Column::Role.is_in(able))
}
