//! Reading the audit log: always of the reader's account.

use entity::audit_event::{Column, Entity, Model};
use entity::rows::Row;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use super::AuditEvent;
use super::filter::Filter;
use crate::error::Result;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, count};

/// A page of events, the newest first, and the total if it is wanted.
pub async fn page(
    scope: &Scope,
    request: &PageRequest,
    filter: &Filter,
    is_counted: bool,
) -> Result<Slice<AuditEvent>> {
    let page = Page::new(request, scope.account_id()?, &format!("auditEvents {filter:?}"))?;
    let listed = matching(scope, filter)?;
    let total = match is_counted {
        true => Some(count(scope, listed.clone()).await?),
        false => None,
    };
    let rows = found(scope, page.narrow(listed, Column::Id, Direction::Desc)).await?;
    Ok(page.close(rows, total, |event: &AuditEvent| ("", event.0.id)))
}

/// Events in the order in which they occurred, so many at the most: from the first on, or behind one that was read before. What readers may see of them is
/// [`masking`](super::masking)'s.
pub async fn in_order(
    scope: &Scope,
    filter: &Filter,
    after: Option<Uuid>,
    most: u64,
) -> Result<Vec<AuditEvent>> {
    let mut listed = matching(scope, filter)?;
    if let Some(after) = after {
        listed = listed.filter(Column::Id.gt(after));
    }
    found(scope, listed.order_by_asc(Column::Id).limit(most)).await
}

fn matching(scope: &Scope, filter: &Filter) -> Result<Select<Entity>> {
    let condition = filter.condition(scope.account_id()?, scope.db().backend())?;
    Ok(Entity::find().filter(condition))
}

async fn found(scope: &Scope, query: Select<Entity>) -> Result<Vec<AuditEvent>> {
    let rows = query.into_model::<Row<Model>>().all(scope.db()).await?;
    Ok(rows.into_iter().map(|Row(model)| model.into()).collect())
}
