//! Reading notifications and what somebody chose about them: nobody reads another's.

use std::sync::Arc;

use entity::notification::{Column, Entity, Kind};
use entity::notification_preference as preference;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ColumnTrait, EntityTrait, FromQueryResult, Iterable, QueryFilter, QueryOrder, QuerySelect, Select,
    Statement,
};
use uuid::Uuid;

use super::ways::Preference;
use crate::error::Result;
use crate::limits;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::terms::alternatives;
use crate::read::{ById, Scope, count};

/// Unread ones are counted up to so many.
pub const MOST_COUNTED: u64 = limits::UNREAD_COUNTED as u64;

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

/// Which of them.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub is_unread: Option<bool>,
    pub kinds: Option<Vec<Kind>>,
}

impl Filter {
    fn narrow(&self, query: Select<Entity>) -> Result<Select<Entity>> {
        let query = match self.is_unread {
            Some(true) => query.filter(Column::ReadAt.is_null()),
            Some(false) => query.filter(Column::ReadAt.is_not_null()),
            None => query,
        };
        Ok(match &self.kinds {
            Some(kinds) => query.filter(Column::Kind.is_in(alternatives(kinds)?.iter().copied())),
            None => query,
        })
    }
}

/// How many the reader has not marked as read, as far as they are counted.
pub async fn unread(scope: &Scope) -> Result<i32> {
    let member = scope.member()?;
    let values = [
        member.account_id.into(),
        member.user_id.into(),
        MOST_COUNTED.into(),
    ];
    let statement = Statement::from_sql_and_values(scope.app().db().backend(), UNREAD, values);
    let counted = Unread::find_by_statement(statement).one(scope.db()).await?;
    let unread = counted.map(|counted| counted.unread).unwrap_or_default();
    Ok(i32::try_from(unread).unwrap_or(i32::MAX))
}

#[derive(FromQueryResult)]
struct Unread {
    unread: i64,
}

/// By the index of what is unread, and never more of it than is counted. What is not shown is read from the beginning.
const UNREAD: &str = "SELECT count(*) AS unread FROM (SELECT 1 FROM notifications WHERE account_id = $1 AND user_id = $2 \
    AND read_at IS NULL LIMIT $3) AS counted";

/// A page of the reader's, the newest first.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    filter: &Filter,
    wants_total: bool,
) -> Result<Slice<Notification>> {
    let page = Page::new(request, scope.account_id()?, &format!("notifications {filter:?}"))?;
    let listed = filter.narrow(own(scope)?)?;
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

/// The reader's behind one, in the order they were told.
pub(super) async fn behind(scope: &Scope, after: Uuid, most: u64) -> Result<Vec<Notification>> {
    let found = own(scope)?
        .filter(Column::Id.gt(after))
        .order_by_asc(Column::Id)
        .limit(most)
        .all(scope.db())
        .await?;
    Ok(found
        .into_iter()
        .map(|model| Notification(Arc::new(model)))
        .collect())
}

/// The reader's last one; nil where there is none.
pub(super) async fn last(scope: &Scope) -> Result<Uuid> {
    let last = own(scope)?
        .select_only()
        .column(Column::Id)
        .order_by_desc(Column::Id)
        .limit(1);
    let found: Option<Uuid> = last.into_tuple().one(scope.db()).await?;
    Ok(found.unwrap_or_default())
}

/// By which ways the reader hears of each kind, in the order of the schema.
pub async fn preferences(scope: &Scope) -> Result<Vec<Preference>> {
    let member = scope.member()?;
    let chosen = preference::Entity::find()
        .filter(preference::Column::AccountId.eq(member.account_id))
        .filter(preference::Column::UserId.eq(member.user_id))
        .all(scope.db())
        .await?;
    let of = |kind| {
        let row = chosen.iter().find(|row| row.kind == kind);
        row.map_or(Preference::usual(kind), Preference::from)
    };
    Ok(Kind::iter().map(of).collect())
}

fn own(scope: &Scope) -> Result<Select<Entity>> {
    let member = scope.member()?;
    Ok(Entity::find()
        .filter(Column::AccountId.eq(member.account_id))
        .filter(Column::UserId.eq(member.user_id))
        .filter(Expr::cust("is_shown")))
}
