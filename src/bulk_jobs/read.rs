//! Reading jobs, their people and events: always of the reader's account.

use std::sync::Arc;

use entity::bulk_job_item::Outcome;
use entity::ids::numbered;
use entity::{bulk_job, bulk_job_event, bulk_job_item};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::{Code, Refusal, Result};
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, account_row, count, terms};

account_row! {
    /// One thing done in the background for many people.
    BulkJob, bulk_job
}

account_row! {
    /// One of them and what became of it.
    BulkJobItem, bulk_job_item
}

/// Which of them; all given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct ItemFilter {
    /// It came to one of these.
    pub outcomes: Option<Vec<Outcome>>,
}

pub fn missing() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such job.")
}

impl BulkJob {
    /// The account's jobs, the latest first.
    pub async fn page(scope: &Scope, request: &PageRequest, wants_total: bool) -> Result<Slice<Self>> {
        let account_id = scope.account_id()?;
        let page = Page::new(request, account_id, "bulk jobs")?;
        let listed = bulk_job::Entity::find().filter(bulk_job::Column::AccountId.eq(account_id));
        let total = match wants_total {
            true => Some(count(scope, listed.clone()).await?),
            false => None,
        };
        let rows = page
            .narrow(listed, bulk_job::Column::Id, Direction::Desc)
            .all(scope.db())
            .await?;
        let rows = rows.into_iter().map(Self::from).collect();
        Ok(page.close(rows, total, |job: &Self| ("", job.0.id)))
    }

    /// The events kept after a sequence, in order.
    pub async fn events_after(
        scope: &Scope,
        id: Uuid,
        sequence: i32,
        most: u64,
    ) -> Result<Vec<bulk_job_event::Model>> {
        Ok(bulk_job_event::Entity::find()
            .filter(bulk_job_event::Column::AccountId.eq(scope.account_id()?))
            .filter(bulk_job_event::Column::Id.gt(numbered(id, sequence)))
            .filter(bulk_job_event::Column::Id.lte(numbered(id, i32::MAX)))
            .order_by_asc(bulk_job_event::Column::Id)
            .limit(most)
            .all(scope.db())
            .await?)
    }
}

impl BulkJobItem {
    /// The people of a job in their order.
    pub async fn page(
        scope: &Scope,
        job_id: Uuid,
        request: &PageRequest,
        filter: &ItemFilter,
        wants_total: bool,
    ) -> Result<Slice<Self>> {
        let account_id = scope.account_id()?;
        let page = Page::new(
            request,
            account_id,
            &format!("bulk job items {job_id} {filter:?}"),
        )?;
        let mut listed = bulk_job_item::Entity::find()
            .filter(bulk_job_item::Column::AccountId.eq(account_id))
            .filter(bulk_job_item::Column::Id.gte(numbered(job_id, 0)))
            .filter(bulk_job_item::Column::Id.lte(numbered(job_id, i32::MAX)));
        if let Some(outcomes) = &filter.outcomes {
            let outcomes = terms::alternatives(outcomes)?.iter().copied();
            listed = listed.filter(bulk_job_item::Column::Outcome.is_in(outcomes));
        }
        let total = match wants_total {
            true => Some(count(scope, listed.clone()).await?),
            false => None,
        };
        let rows = page
            .narrow(listed, bulk_job_item::Column::Id, Direction::Asc)
            .all(scope.db())
            .await?;
        let rows = rows.into_iter().map(|model| Self(Arc::new(model))).collect();
        Ok(page.close(rows, total, |item: &Self| ("", item.0.id)))
    }

    /// The people of each of some stretches of places of jobs, at most so many of each, in one look.
    pub async fn stretches(scope: &Scope, wanted: &[Stretch], most: i32) -> Result<Vec<Vec<Self>>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let mut any = Condition::any();
        for (job_id, first, last) in wanted {
            let last = (*last).min(first.saturating_add(most - 1));
            any = any.add(
                Condition::all()
                    .add(bulk_job_item::Column::Id.gte(numbered(*job_id, *first)))
                    .add(bulk_job_item::Column::Id.lte(numbered(*job_id, last))),
            );
        }
        let found = bulk_job_item::Entity::find()
            .filter(bulk_job_item::Column::AccountId.eq(scope.account_id()?))
            .filter(any)
            .order_by_asc(bulk_job_item::Column::Id)
            .all(scope.db())
            .await?;
        let items: Vec<Self> = found.into_iter().map(Self::from).collect();
        let of = |(job_id, first, last): &Stretch| {
            let is_in =
                |item: &&Self| item.0.bulk_job_id == *job_id && (*first..=*last).contains(&item.0.place);
            let most = usize::try_from(most).unwrap_or_default();
            items.iter().filter(is_in).take(most).cloned().collect()
        };
        Ok(wanted.iter().map(of).collect())
    }
}

/// Places of a job, first and last.
pub type Stretch = (Uuid, i32, i32);
