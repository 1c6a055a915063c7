//! Reading notifications: nobody reads another's.

use entity::notification::{Column, Entity};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Select};
use std::sync::Arc;
use uuid::Uuid;

use crate::error::Result;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{ById, Scope, count};

/// A message to one user.
#[derive(Clone, Debug)]
pub struct Notification(pub Arc<entity::notification::Model>);

impl ById for Notification {
    fn id(&self) -> Uuid {
        self.0.id
    }

    async fn by_ids(scope: &Scope, ids: &[Uuid]) -> Result<Vec<Self>> {
        if ids.is_empty() || scope.actor().person().is_none() {
            return Ok(Vec::new());
        }
        let found = own(scope)?.filter(Column::Id.is_in(ids.iter().copied()));
        let found = found.all(scope.db()).await?;
        Ok(found.into_iter().map(|model| Self(Arc::new(model))).collect())
    }
}

/// How many the reader has not marked as read.
pub async fn unread(scope: &Scope) -> Result<i32> {
    count(scope, own(scope)?.filter(Column::ReadAt.is_null())).await
}

/// A page of the reader's, the newest first.
pub async fn page(scope: &Scope, request: &PageRequest, wants_total: bool) -> Result<Slice<Notification>> {
    let page = Page::new(request, scope.account_id()?, "notifications")?;
    let listed = own(scope)?;
    let total = match wants_total {
        true => Some(count(scope, listed.clone()).await?),
        false => None,
    };
    let rows = page
        .narrow(listed, Column::Id, Direction::Desc)
        .all(scope.db())
        .await?;
    let rows = rows
        .into_iter()
        .map(|model| Notification(Arc::new(model)))
        .collect();
    Ok(page.close(rows, total, |notification: &Notification| ("", notification.0.id)))
}

fn own(scope: &Scope) -> Result<Select<Entity>> {
    let member = scope.member()?;
    Ok(Entity::find()
        .filter(Column::AccountId.eq(member.account_id))
        .filter(Column::UserId.eq(member.user_id)))
}
