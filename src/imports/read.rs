//! Reading imports, their rows and events: always of the reader's account.

use std::sync::Arc;

use entity::ids::numbered;
use entity::import_row::{RowOutcome, RowUndo};
use entity::{import, import_event, import_row};
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use crate::error::Result;
use crate::read::paging::{Direction, Page, PageRequest, Slice};
use crate::read::{Scope, account_row, count, terms};

account_row! {
    /// A CSV file being checked and applied in the background.
    Import, import
}

account_row! {
    /// One record of the file and what became of it.
    ImportRow, import_row
}

/// State of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowStatus {
    /// A dry run foresees no trouble.
    Valid,
    Applied,
    Unchanged,
    Skipped,
    Failed,
}

/// Which records; all given conditions must hold.
#[derive(Clone, Debug, Default)]
pub struct RowFilter {
    pub statuses: Option<Vec<RowStatus>>,
    pub undo: Option<Vec<RowUndo>>,
}

impl Import {
    /// The account's imports, the latest first.
    pub async fn page(scope: &Scope, request: &PageRequest, wants_total: bool) -> Result<Slice<Self>> {
        let account_id = scope.account_id()?;
        let page = Page::new(request, account_id, "imports")?;
        let listed = import::Entity::find().filter(import::Column::AccountId.eq(account_id));
        let total = match wants_total {
            true => Some(count(scope, listed.clone()).await?),
            false => None,
        };
        let rows = page
            .narrow(listed, import::Column::Id, Direction::Desc)
            .all(scope.db())
            .await?;
        let rows = rows.into_iter().map(|model| Self(Arc::new(model))).collect();
        Ok(page.close(rows, total, |import: &Self| ("", import.0.id)))
    }

    /// The events kept after a sequence, in order.
    pub async fn events_after(
        scope: &Scope,
        id: Uuid,
        sequence: i32,
        most: u64,
    ) -> Result<Vec<import_event::Model>> {
        Ok(import_event::Entity::find()
            .filter(import_event::Column::AccountId.eq(scope.account_id()?))
            .filter(import_event::Column::Id.gt(numbered(id, sequence)))
            .filter(import_event::Column::Id.lte(numbered(id, i32::MAX)))
            .filter(import_event::Column::ImportId.eq(id))
            .order_by_asc(import_event::Column::Id)
            .limit(most)
            .all(scope.db())
            .await?)
    }
}

/// Lines of an import's file, first and last.
#[derive(Clone, Copy, Debug)]
pub struct Stretch {
    pub import_id: Uuid,
    pub first: i32,
    pub last: i32,
}

impl Stretch {
    /// No line at all.
    pub fn none(import_id: Uuid) -> Self {
        Self {
            import_id,
            first: 1,
            last: 0,
        }
    }
}

impl ImportRow {
    pub fn status(&self) -> RowStatus {
        match (self.0.outcome, self.0.is_planned) {
            (RowOutcome::Failed, _) => RowStatus::Failed,
            (RowOutcome::NotProcessed, _) => RowStatus::Skipped,
            (_, true) => RowStatus::Valid,
            (RowOutcome::Unchanged, _) => RowStatus::Unchanged,
            (RowOutcome::Duplicate, _) => RowStatus::Skipped,
            _ => RowStatus::Applied,
        }
    }

    /// The rows of an import in the order of the file.
    pub async fn page(
        scope: &Scope,
        import_id: Uuid,
        request: &PageRequest,
        filter: &RowFilter,
        wants_total: bool,
    ) -> Result<Slice<Self>> {
        let account_id = scope.account_id()?;
        let page = Page::new(request, account_id, &format!("rows {import_id} {filter:?}"))?;
        let mut listed = import_row::Entity::find()
            .filter(import_row::Column::AccountId.eq(account_id))
            .filter(import_row::Column::Id.gte(numbered(import_id, 0)))
            .filter(import_row::Column::Id.lte(numbered(import_id, i32::MAX)));
        if let Some(undo) = &filter.undo {
            let undo = terms::alternatives(undo)?.iter().copied();
            listed = listed.filter(import_row::Column::Undo.is_in(undo));
        }
        if let Some(statuses) = &filter.statuses {
            listed = listed.filter(condition(terms::alternatives(statuses)?));
        }
        let total = match wants_total {
            true => Some(count(scope, listed.clone()).await?),
            false => None,
        };
        let rows = page
            .narrow(listed, import_row::Column::Id, Direction::Asc)
            .all(scope.db())
            .await?;
        let rows = rows.into_iter().map(|model| Self(Arc::new(model))).collect();
        Ok(page.close(rows, total, |row: &Self| ("", row.0.id)))
    }

    /// The rows of each of some stretches of lines, at most so many of each, in one look.
    pub async fn stretches(scope: &Scope, wanted: &[Stretch], most: i32) -> Result<Vec<Vec<Self>>> {
        let mut any = Condition::any();
        for stretch in wanted {
            let last = stretch.last.min(stretch.first.saturating_add(most - 1));
            let from = import_row::Column::Id.gte(numbered(stretch.import_id, stretch.first));
            any = any.add(
                Condition::all()
                    .add(from)
                    .add(import_row::Column::Id.lte(numbered(stretch.import_id, last))),
            );
        }
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let found = import_row::Entity::find()
            .filter(import_row::Column::AccountId.eq(scope.account_id()?))
            .filter(any)
            .order_by_asc(import_row::Column::Id)
            .all(scope.db())
            .await?;
        let rows: Vec<Self> = found.into_iter().map(|model| Self(Arc::new(model))).collect();
        let of = |stretch: &Stretch| {
            let lines = stretch.first..=stretch.last;
            let is_in = |row: &&Self| row.0.import_id == stretch.import_id && lines.contains(&row.0.line);
            rows.iter()
                .filter(is_in)
                .take(usize::try_from(most).unwrap_or_default())
                .cloned()
                .collect()
        };
        Ok(wanted.iter().map(of).collect())
    }
}

const DONE: [RowOutcome; 6] = [
    RowOutcome::Invited,
    RowOutcome::Assigned,
    RowOutcome::InvitedAndAssigned,
    RowOutcome::Reinvited,
    RowOutcome::Unassigned,
    RowOutcome::Waitlisted,
];

fn condition(statuses: &[RowStatus]) -> Condition {
    let is = |outcomes: &[RowOutcome]| import_row::Column::Outcome.is_in(outcomes.iter().copied());
    let planned = import_row::Column::IsPlanned.eq(true);
    let done = || import_row::Column::IsPlanned.eq(false);
    let mut any = Condition::any();
    for (place, status) in statuses.iter().enumerate() {
        // Named once more it would say nothing new.
        if statuses[..place].contains(status) {
            continue;
        }
        any = any.add(match status {
            RowStatus::Valid => Condition::all()
                .add(planned.clone())
                .add(import_row::Column::Outcome.is_not_in([RowOutcome::Failed, RowOutcome::NotProcessed])),
            RowStatus::Applied => Condition::all().add(done()).add(is(&DONE)),
            RowStatus::Unchanged => Condition::all().add(done()).add(is(&[RowOutcome::Unchanged])),
            RowStatus::Skipped => Condition::any()
                .add(is(&[RowOutcome::NotProcessed]))
                .add(Condition::all().add(done()).add(is(&[RowOutcome::Duplicate]))),
            RowStatus::Failed => Condition::all().add(is(&[RowOutcome::Failed])),
        });
    }
    any
}
