//! The worker's own bookkeeping of an import: what was read, what a dry run foresees, and how it all ended.
//!
//! These commands are the platform's, not the uploader's: an import must come to an end also when whoever started it has lost the right to.

use std::sync::Arc;

use chrono::Duration;
use entity::ids::Kind;
use entity::import::{Mapping, Phase, Status};
use entity::import_row::{Effects, RowOutcome};
use entity::notification;
use entity::{account, import, user};
use sea_orm::{ActiveEnum, EntityTrait};
use serde_json::Value;

use super::batch;
use super::notice::Ending;
use super::parse::Row;
use super::people::RowResults;
use super::step;
use crate::access::Action;
use crate::background::jobs::{self, Lease};
use crate::background::outbox::{self, Letter, Mail};
use crate::command::{Command, Record, Work};
use crate::error::{Code, Refusal, Result};
use crate::notifications::{Notice, notify};

/// An import waits for a store that is away for so long, and fails then.
const LONGEST_WAIT: Duration = Duration::hours(24);
const SHORTEST_PAUSE: Duration = Duration::seconds(2);
const LONGEST_PAUSE: Duration = Duration::seconds(60);

/// What the worker has to say about an import.
#[derive(Debug)]
pub enum Note {
    /// The file was read: so many rows.
    Read {
        total: i32,
        mapping: Option<Mapping>,
        header_key: Option<String>,
    },
    /// A dry run foresees this.
    Planned {
        rows: Arc<[Row]>,
        results: RowResults,
        preview: Value,
    },
    /// Rows are refused as a whole, because one of them cannot be done.
    Rejected { rows: Arc<[Row]>, results: RowResults },
    /// Somebody cancelled; these rows were never come to.
    Cancelled { rows: Arc<[Row]> },
    /// The file as a whole, or whoever uploaded it, is the trouble.
    Failed(Refusal),
    /// Every row is done.
    Finished,
    /// The object store does not answer.
    StoreAway { reason: String },
    /// There is nothing to do any more.
    Nothing,
}

/// Books what the worker found, under its lease.
#[derive(Debug)]
pub struct Book {
    pub lease: Lease,
    pub lease_for: Duration,
    pub note: Note,
}

impl Command for Book {
    type Output = import::Model;
    const NAME: &'static str = "imports.book";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<import::Model> {
        let account_id = self.lease.account_id;
        let account = work.lock(account_id).await?;
        jobs::hold(work, &self.lease, self.lease_for).await?;
        let mut import = step::load(work, account_id, self.lease.subject_id).await?;
        let mut lines = None;
        if let Note::StoreAway { reason } = &self.note
            && wait_for_store(work, &self.lease, &mut import, reason).await?
        {
            return Ok(import);
        }
        import.store_away_since = None;
        match self.note {
            Note::Nothing => {
                jobs::finish(work, &self.lease).await?;
                return Ok(import);
            }
            // What the import came to stays as it was; asked for again, taking it back goes on.
            Note::Failed(refusal) if import.phase == Phase::Undoing => {
                import.phase = Phase::Done;
                if let Some(undo) = &mut import.undo {
                    undo.failure = Some(refusal.message);
                }
                jobs::finish(work, &self.lease).await?;
                step::store(work, &mut import, None).await?;
                return Ok(import);
            }
            Note::Read {
                total,
                mapping,
                header_key,
            } => {
                (import.total, import.mapping, import.header_key) = (Some(total), mapping, header_key);
                import.phase = Phase::Validating;
                import.started_at = import.started_at.or(Some(work.now()));
                if import.status == Status::Queued {
                    import.status = Status::Running;
                }
            }
            Note::Planned {
                rows,
                results,
                preview,
            } => {
                lines = batch::record(work, &mut import, &rows, results, true).await?;
                import.preview = Some(preview);
                // Cancelled while it was being planned: the next look ends it.
                if import.status != Status::Cancelling {
                    import.status = Status::AwaitingConfirmation;
                    import.phase = Phase::Waiting;
                    jobs::finish(work, &self.lease).await?;
                }
            }
            Note::Rejected { rows, results } => {
                lines = batch::record(work, &mut import, &rows, not_done(results), false).await?;
            }
            Note::Cancelled { rows } => {
                let done = usize::try_from(import.processed)
                    .unwrap_or(usize::MAX)
                    .min(rows.len());
                batch::record_unprocessed(work, &mut import, &rows[done..]).await?;
                import.status = Status::Cancelled;
            }
            Note::StoreAway { .. } => {
                let text = "The file store was away for a day. What was done is in the rows; upload the file again for the rest.";
                step::fail(&mut import, &Refusal::new(Code::ImportFailed, text));
            }
            Note::Failed(refusal) => step::fail(&mut import, &refusal),
            Note::Finished => match rejection(&import) {
                Some(refusal) => step::fail(&mut import, &refusal),
                None => import.status = ending(&import),
            },
        }
        if step::is_final(import.status) {
            import.phase = Phase::Done;
            jobs::finish(work, &self.lease).await?;
            announce(work, account.as_ref(), &import).await?;
        }
        step::store(work, &mut import, lines).await?;
        Ok(import)
    }
}

/// Puts the job off, and says in the import since when it waits. False when it has waited too long.
async fn wait_for_store(
    work: &mut Work,
    lease: &Lease,
    import: &mut import::Model,
    reason: &str,
) -> Result<bool> {
    let since = *import.store_away_since.get_or_insert(work.now());
    let waited = work.now() - since;
    if waited > LONGEST_WAIT {
        return Ok(false);
    }
    // Looked for often at first, as most are back soon, and once a minute after a while.
    let pause = (waited / 4).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
    jobs::put_off(work, lease, work.now() + pause, reason).await?;
    if waited.is_zero() {
        step::store(work, import, None).await?;
    }
    Ok(true)
}

/// With one bad row nothing is done: the good ones were not processed.
pub fn not_done(results: RowResults) -> RowResults {
    let mut results = results;
    for result in &mut results {
        (result.user_id, result.effects) = (None, Effects::default());
        if result.outcome != RowOutcome::Failed {
            result.outcome = RowOutcome::NotProcessed;
            result.problems.clear();
        }
    }
    results
}

/// All or nothing was asked for, and it came to nothing.
fn rejection(import: &import::Model) -> Option<Refusal> {
    (import.on_error == import::OnError::RejectAll && import.failed > 0).then(|| {
        let text = format!(
            "Nothing was changed, because {} of {} rows cannot be done. Mend them, or let the others be done without them.",
            import.failed, import.processed
        );
        Refusal::new(Code::Invalid, text)
    })
}

fn ending(import: &import::Model) -> Status {
    match import.failed {
        0 => Status::Succeeded,
        _ => Status::SucceededWithErrors,
    }
}

/// Tells the uploader, in the app and by mail: once, because the keys and this transaction are.
async fn announce(work: &mut Work, account: Option<&account::Model>, import: &import::Model) -> Result<()> {
    let uploader = user::Entity::find_by_id((import.account_id, import.created_by))
        .one(work.reader())
        .await?;
    let Some(uploader) = uploader.filter(|user| user.status == user::Status::Active) else {
        return Ok(());
    };
    let Ending {
        title,
        body,
        severity,
    } = Ending::of(import);
    let notice = Notice {
        kind: notification::Kind::ImportFinished,
        severity,
        title,
        body,
        subject: Some(Kind::Import.text(import.id)),
    };
    let told = notify(work, import.account_id, &[uploader.id], &notice).await?;
    if !told.wants_mail(uploader.id, notice.kind) {
        return Ok(());
    }
    let mail = Mail {
        key: format!("import-finished:{}", import.id),
        to_address: uploader.email,
        to_name: uploader.given_name,
        letter: Letter::ImportFinished {
            account_name: account.map(|account| account.name.clone()).unwrap_or_default(),
            filename: import.filename.clone(),
            import_id: import.id,
            status: import.status.to_value(),
            total: import.total.unwrap_or_default(),
            outcomes: import.outcomes.0.clone().into_iter().collect(),
        },
    };
    outbox::write(work, import.account_id, vec![mail]).await
}
