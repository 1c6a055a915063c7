//! Telling users something, in the transaction of what is told.

use entity::notification::{self, Kind, Severity};
use entity::user::{self, Role, Status};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::ways::Told;
use crate::access::{Action, role_may};
use crate::command::Work;
use crate::error::Result;
use crate::platform::constants::Constants;
use crate::platform::events::Wake;

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

/// Tells some users of an account. Answers who of them wants the mail that goes with it.
pub async fn notify(work: &mut Work, account_id: Uuid, users: &[Uuid], notice: &Notice) -> Result<Told> {
    let each: Vec<(Uuid, Notice)> = users.iter().map(|user| (*user, notice.clone())).collect();
    notify_each(work, account_id, &each).await
}

/// Tells each of some users something of their own, each by the ways they chose. The account is locked by whoever tells.
pub async fn notify_each(work: &mut Work, account_id: Uuid, notices: &[(Uuid, Notice)]) -> Result<Told> {
    if notices.is_empty() {
        return Ok(Told::default());
    }
    let people: Vec<(Uuid, Kind)> = notices
        .iter()
        .map(|(user, notice)| (*user, notice.kind))
        .collect();
    let told = Told::of(work, account_id, &people).await?;
    let last = last(work, account_id).await?;
    let mut rows = Vec::with_capacity(notices.len());
    for (user_id, notice) in notices {
        let preference = told.preference(*user_id, notice.kind);
        if !preference.in_app && !preference.digest {
            continue;
        }
        if preference.in_app {
            work.wake(Wake::Notices {
                account_id,
                id: *user_id,
            });
        }
        rows.push(notification::ActiveModel {
            account_id: Set(account_id),
            id: Set(work.new_id_after(last)),
            user_id: Set(*user_id),
            kind: Set(notice.kind),
            severity: Set(notice.severity),
            title: Set(notice.title.clone()),
            body: Set(notice.body.clone()),
            subject: Set(notice.subject.clone()),
            created_at: Set(work.now()),
            read_at: Set((!preference.in_app).then_some(work.now())),
            is_shown: Set(preference.in_app),
            in_digest: Set(preference.digest),
        });
    }
    work.insert(rows).await?;
    Ok(told)
}

/// The last of the account that is there.
async fn last(work: &Work, account_id: Uuid) -> Result<Uuid> {
    let last = notification::Entity::find()
        .select_only()
        .column(notification::Column::Id)
        .filter(notification::Column::AccountId.eq(account_id))
        .order_by_desc(notification::Column::Id)
        .limit(1);
    let found: Option<Uuid> = last.into_tuple().one(work.reader()).await?;
    Ok(found.unwrap_or_default())
}

/// Tells whoever may do something about it.
pub async fn notify_who_may(
    work: &mut Work,
    account_id: Uuid,
    action: Action,
    notice: &Notice,
) -> Result<Told> {
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
