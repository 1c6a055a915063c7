//! Reading who waits: always of the reader's account.

use std::collections::HashMap;

use entity::waitlist_entry::{Column, Entity, Model};
use sea_orm::{ColumnTrait, Condition, EntityTrait, FromQueryResult, QueryFilter, Statement};
use uuid::Uuid;

use crate::error::Result;
use crate::platform::arrays::listed;
use crate::read::paging::{Direction, Page, PageRequest, Slice, Sorted};
use crate::read::{Scope, account_row, count};

account_row! {
    /// Somebody who waits for a seat of a product.
    WaitlistEntry, waitlist_entry
}

/// Conditions; all given ones must hold.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    pub product_id: Option<Uuid>,
    pub user_id: Option<Uuid>,
}

/// The place of an entry in its line.
#[derive(FromQueryResult)]
struct Place {
    id: Uuid,
    position: i64,
}

impl WaitlistEntry {
    /// Those who wait, in the order in which they are served, and how many, if that is wanted.
    pub async fn page(
        scope: &Scope,
        request: &PageRequest,
        filter: &Filter,
        is_counted: bool,
    ) -> Result<Slice<Self>> {
        let account_id = scope.account_id()?;
        let page = Page::new(request, account_id, &format!("waitlist {filter:?}"))?;
        let all = Entity::find().filter(Column::AccountId.eq(account_id)).filter(
            Condition::all()
                .add_option(filter.product_id.map(|id| Column::ProductId.eq(id)))
                .add_option(filter.user_id.map(|id| Column::UserId.eq(id))),
        );
        let total = match is_counted {
            true => Some(count(scope, all.clone()).await?),
            false => None,
        };
        let sorted = Sorted::Number(Column::Rank.into_expr());
        let rows = page.narrow_sorted(all, sorted, Column::Id, Direction::Asc)?;
        let rows: Vec<Model> = rows.all(scope.db()).await?;
        let slice = page.close_keyed(rows, total, |row| (row.rank.to_string().into_bytes(), row.id));
        Ok(slice.map(Self::from))
    }

    /// Where each of some entries stands in its line, from 1: one statement for all of them.
    pub async fn positions(scope: &Scope, entries: &[Self]) -> Result<Vec<i32>> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let backend = scope.db().backend();
        let mut values = vec![scope.account_id()?.into()];
        let ids = entries.iter().map(|entry| entry.0.id).collect();
        let among = listed(backend, ids, &mut values);
        let sql = format!(
            "SELECT e.id, COUNT(*) AS position FROM waitlist_entries e \
             JOIN waitlist_entries w ON w.account_id = e.account_id AND w.product_id = e.product_id AND w.rank <= e.rank \
             WHERE e.account_id = $1 AND e.id {among} GROUP BY e.id"
        );
        let statement = Statement::from_sql_and_values(backend, sql, values);
        let found = Place::find_by_statement(statement).all(scope.db()).await?;
        let places: HashMap<Uuid, i64> = found
            .into_iter()
            .map(|place| (place.id, place.position))
            .collect();
        // Whoever has been given a seat a moment ago stands nowhere.
        let position = |entry: &Self| places.get(&entry.0.id).copied().unwrap_or_default();
        let position = |entry| i32::try_from(position(entry)).unwrap_or(i32::MAX);
        Ok(entries.iter().map(position).collect())
    }
}
