//! One batch of rows, one transaction: people, seats, invitations, mails, the rows' outcomes, the counters and the event commit together.

use chrono::Duration;
use entity::ids::numbered;
use entity::import::{self, Phase, Status};
use entity::import_row::{self, Effects, Problems, RowOutcome};
use entity::lists::Texts;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;

use super::judge::RowResult;
use super::parse::Row;
use super::people::{RowResults, line};
use super::portion::Portion;
use super::step::{self, Tally};
use crate::access::Action;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Work};
use crate::error::Result;

/// What a batch found when it came to work.
#[derive(Clone, Debug, PartialEq)]
pub enum Progress {
    /// Rows were done.
    Done,
    /// Somebody cancelled: nothing was done.
    Cancelled,
    /// All or nothing, and a row cannot be done: nothing was. The results say why; judged again a moment later, the same rows might pass.
    Rejected(RowResults),
}

/// Whether a row came to nothing.
pub fn has_failed(results: &RowResults) -> bool {
    results.iter().any(|result| result.outcome == RowOutcome::Failed)
}

/// Does a batch and books it.
#[derive(Clone, Debug)]
pub struct ApplyBatch {
    pub lease: Lease,
    pub lease_for: Duration,
    pub people: Portion,
    /// Take everything back when a row fails.
    pub all_or_nothing: bool,
}

impl Command for ApplyBatch {
    type Output = Progress;
    const NAME: &'static str = "imports.apply_batch";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    async fn apply(self, work: &mut Work) -> Result<Progress> {
        jobs::hold(work, &self.lease, self.lease_for).await?;
        let mut import = step::load(work, self.lease.account_id, self.lease.subject_id).await?;
        if import.status == Status::Cancelling {
            return Ok(Progress::Cancelled);
        }
        let (rows, range) = self.people.rows();
        let results = work.run(self.people).await?.results;
        if self.all_or_nothing && has_failed(&results) {
            work.take_back();
            return Ok(Progress::Rejected(results));
        }
        let lines = record(work, &mut import, &rows[range], results, false).await?;
        import.status = Status::Running;
        import.phase = Phase::Applying;
        import.store_away_since = None;
        step::store(work, &mut import, lines).await?;
        Ok(Progress::Done)
    }
}

/// Books the rows that a cancelled import never came to.
pub async fn record_unprocessed(work: &mut Work, import: &mut import::Model, rows: &[Row]) -> Result<()> {
    let left = || RowResult {
        outcome: RowOutcome::NotProcessed,
        user_id: None,
        problems: Vec::new(),
        seats: Vec::new(),
        effects: Effects::default(),
    };
    let results = rows.iter().map(|_| left()).collect();
    record(work, import, rows, results, false).await?;
    Ok(())
}

/// Writes rows with what came of them and, unless that is only planned, counts them. Answers their first and last line.
pub async fn record(
    work: &Work,
    import: &mut import::Model,
    rows: &[Row],
    results: RowResults,
    is_planned: bool,
) -> Result<Option<(i32, i32)>> {
    let mut models = Vec::with_capacity(rows.len());
    for (row, result) in rows.iter().zip(results) {
        let line = line(row);
        if !is_planned {
            step::count(import, result.outcome, 1);
        }
        models.push(import_row::ActiveModel {
            account_id: Set(import.account_id),
            id: Set(numbered(import.id, line)),
            import_id: Set(import.id),
            line: Set(line),
            outcome: Set(result.outcome),
            is_planned: Set(is_planned),
            cells: Set(Texts(row.cells.clone())),
            // What a dry run made was taken back.
            user_id: Set(result.user_id.filter(|_| !is_planned)),
            problems: Set((!result.problems.is_empty()).then_some(Problems(result.problems))),
            effects: Set(Some(result.effects).filter(|effects| {
                !is_planned
                    && (*effects != Effects::default() || step::tally(result.outcome) == Tally::Succeeded)
            })),
            undo: Set(None),
            undo_problems: Set(None),
        });
    }
    let planned_before = OnConflict::columns([import_row::Column::AccountId, import_row::Column::Id])
        .update_columns([
            import_row::Column::Outcome,
            import_row::Column::IsPlanned,
            import_row::Column::UserId,
            import_row::Column::Problems,
            import_row::Column::Effects,
        ])
        .to_owned();
    work.insert_or(models, planned_before).await?;
    Ok(rows
        .first()
        .zip(rows.last())
        .map(|(first, last)| (line(first), line(last))))
}
