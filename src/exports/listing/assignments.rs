//! Every seat that somebody holds, in the order they were given.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use entity::assignment::{self, Source};
use entity::ids::Kind;
use entity::lists::Uuids;
use sea_orm::{
    ActiveEnum, ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select,
};
use uuid::Uuid;

use super::offer::{Offer, Seat};
use super::people::{Person, by_ids};
use super::{BATCH, Listing, People, names};
use crate::error::Result;
use crate::exports::lines::{Cell, Lines};
use crate::exports::request::Request;
use crate::platform::db::Snapshot;
use crate::read::Scope;

type Row = (Uuid, Uuid, Uuid, Uuid, DateTime<Utc>, Uuids, Source);

pub struct Assignments {
    account_id: Uuid,
    query: Select<assignment::Entity>,
    offer: Offer,
    /// The seat that was read last.
    after: Uuid,
}

impl Assignments {
    pub async fn of(scope: &Scope, at: &Snapshot, request: &Request) -> Result<Self> {
        let account_id = scope.account_id()?;
        let mut query = assignment::Entity::find().filter(assignment::Column::AccountId.eq(account_id));
        if let Some(ids) = People::of(scope, request).await?.ids() {
            query = query.filter(assignment::Column::UserId.in_subquery(ids));
        }
        Ok(Self {
            account_id,
            query,
            offer: Offer::of(scope.app(), at, account_id).await?,
            after: Uuid::nil(),
        })
    }
}

#[async_trait::async_trait]
impl Listing for Assignments {
    fn columns(&self) -> Vec<String> {
        let mut columns = names(&["assignment_id"]);
        columns.extend(names(&Person::NAMED));
        columns.extend(names(&["status"]));
        columns.extend(names(&Offer::COLUMNS));
        columns.extend(names(&["source", "subscription_id"]));
        columns
    }

    async fn count(&self, at: &Snapshot) -> Result<u64> {
        let ids = self.query.clone().select_only().column(assignment::Column::Id);
        Ok(ids.count(at).await?)
    }

    async fn next(&mut self, at: &Snapshot, lines: &mut Lines) -> Result<u64> {
        let batch: Vec<Row> = self
            .query
            .clone()
            .select_only()
            .columns([
                assignment::Column::Id,
                assignment::Column::UserId,
                assignment::Column::ProductId,
                assignment::Column::SubscriptionId,
                assignment::Column::AssignedAt,
                assignment::Column::Components,
                assignment::Column::Source,
            ])
            .filter(assignment::Column::Id.gt(self.after))
            .order_by_asc(assignment::Column::Id)
            .limit(BATCH)
            .into_tuple()
            .all(at)
            .await?;
        let Some((last, ..)) = batch.last() else {
            return Ok(0);
        };
        self.after = *last;
        let mut holders: Vec<Uuid> = batch.iter().map(|row| row.1).collect();
        holders.sort_unstable();
        holders.dedup();
        let people = by_ids(at, self.account_id, &holders).await?;
        let people: HashMap<Uuid, Person> = people.into_iter().map(|person| (person.id, person)).collect();
        let count = batch.len() as u64;
        for (id, user_id, product_id, subscription_id, assigned_at, components, source) in batch {
            lines.cell(Cell::Id(Kind::Assignment, id))?;
            // Keys see to it that the holder of a seat is there.
            let Some(holder) = people.get(&user_id) else {
                return Err(crate::error::Error::internal("a seat without its holder"));
            };
            holder.write(lines)?;
            holder.write_status(lines)?;
            let seat = Seat::from((user_id, product_id, subscription_id, assigned_at, components));
            self.offer.write(&seat, lines)?;
            lines.cell(Cell::Text(&source.to_value()))?;
            lines.cell(Cell::Id(Kind::Subscription, subscription_id))?;
            lines.end()?;
        }
        Ok(count)
    }
}
