//! The worker's own bookkeeping of an export: where its file is to be, how far it is, and how it all ended.
//!
//! These commands are the platform's, not those of whoever asked: an export must come to an end also when they have lost the right to it.

use chrono::Duration;
use entity::export::{self, Kind, Status};
use entity::ids;
use entity::notification::{self, Severity};
use entity::user;
use sea_orm::EntityTrait;

use super::step;
use crate::access::Action;
use crate::background::jobs::{self, Lease};
use crate::command::{Command, Record, Work};
use crate::error::{Code, Refusal, Result};
use crate::notifications::{Notice, notify};

/// An export waits for a store that is away for so long, and fails then.
const LONGEST_WAIT: Duration = Duration::hours(24);
const SHORTEST_PAUSE: Duration = Duration::seconds(2);
const LONGEST_PAUSE: Duration = Duration::seconds(60);

/// What the worker has to say about an export.
#[derive(Debug)]
pub enum Note {
    /// The file is written from now on, under this key.
    Begun { object_key: String },
    /// So many things are to be written.
    Counted { total: i32 },
    /// The file is stored in pieces, which the store knows by this.
    InPieces { upload_id: String },
    /// So many things are written.
    Written { processed: i32 },
    /// The file is whole.
    Finished {
        rows: i32,
        byte_size: i64,
        processed: i32,
    },
    /// Somebody cancelled, and nothing of the file is left.
    Cancelled,
    /// Whoever asked may not any more, or it takes too long. Whether anything of the file is left: then it goes when files go.
    Failed { refusal: Refusal, is_left: bool },
    /// The object store does not answer.
    StoreAway { reason: String },
    /// There is nothing to do any more.
    Nothing,
}

/// Books what the worker has done, under its lease.
#[derive(Debug)]
pub struct Book {
    pub lease: Lease,
    pub lease_for: Duration,
    pub note: Note,
}

impl Command for Book {
    type Output = export::Model;
    const NAME: &'static str = "exports.book";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<export::Model> {
        let account_id = self.lease.account_id;
        work.lock(account_id).await?;
        // However far it gets, whoever takes it up again begins at the beginning: what kills its worker again and again is given up.
        jobs::renew(work, &self.lease, self.lease_for).await?;
        let mut export = step::load(work, account_id, self.lease.subject_id).await?;
        if let Note::StoreAway { reason } = &self.note
            && wait_for_store(work, &self.lease, &mut export, reason).await?
        {
            return Ok(export);
        }
        export.store_away_since = None;
        match self.note {
            Note::Nothing => {
                jobs::finish(work, &self.lease).await?;
                return Ok(export);
            }
            Note::Begun { object_key } => {
                (export.object_key, export.upload_id) = (Some(object_key), None);
                export.started_at = export.started_at.or(Some(work.now()));
                if export.status == Status::Queued {
                    export.status = Status::Running;
                }
            }
            Note::Counted { total } => {
                export.processed = carried_over(&export, total);
                export.total = Some(total);
            }
            Note::InPieces { upload_id } => export.upload_id = Some(upload_id),
            Note::Written { processed } => export.processed = export.processed.max(processed),
            Note::Finished {
                rows,
                byte_size,
                processed,
            } => {
                (export.row_count, export.byte_size) = (Some(rows), Some(byte_size));
                (export.processed, export.total) = (processed, Some(processed));
                (export.status, export.upload_id) = (Status::Succeeded, None);
            }
            Note::Cancelled => {
                (export.object_key, export.upload_id) = (None, None);
                export.status = Status::Cancelled;
            }
            Note::StoreAway { .. } => {
                let text = "The file store was away for a day. Ask for the export again.";
                step::fail(&mut export, &Refusal::new(Code::ExportFailed, text));
            }
            Note::Failed { refusal, is_left } => {
                if !is_left {
                    (export.object_key, export.upload_id) = (None, None);
                }
                step::fail(&mut export, &refusal);
            }
        }
        if step::is_final(export.status) {
            jobs::finish(work, &self.lease).await?;
            announce(work, &export).await?;
        }
        step::store(work, &mut export).await?;
        Ok(export)
    }
}

/// What an earlier attempt had written, of what there is to be written now: whoever starts over does not fall behind what was shown.
fn carried_over(export: &export::Model, total: i32) -> i32 {
    match export.total {
        Some(before) if before > 0 => {
            let done =
                (i64::from(export.processed) * i64::from(total) + i64::from(before) - 1) / i64::from(before);
            i32::try_from(done).unwrap_or(total).min(total)
        }
        _ => 0,
    }
}

/// Puts the job off, and says in the export since when it waits. False when it has waited too long.
async fn wait_for_store(
    work: &mut Work,
    lease: &Lease,
    export: &mut export::Model,
    reason: &str,
) -> Result<bool> {
    let since = *export.store_away_since.get_or_insert(work.now());
    let waited = work.now() - since;
    if waited > LONGEST_WAIT {
        return Ok(false);
    }
    // Looked for often at first, as most are back soon, and once a minute after a while.
    let pause = (waited / 4).clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
    jobs::put_off(work, lease, work.now() + pause, reason).await?;
    if waited.is_zero() {
        step::store(work, export).await?;
    }
    Ok(true)
}

/// Tells whoever asked: once, because this transaction is. Who cancelled knows.
async fn announce(work: &mut Work, export: &export::Model) -> Result<()> {
    if export.status == Status::Cancelled {
        return Ok(());
    }
    let asked = user::Entity::find_by_id((export.account_id, export.created_by))
        .one(work.reader())
        .await?;
    let Some(asked) = asked.filter(|user| user.status == user::Status::Active) else {
        return Ok(());
    };
    let what = match export.kind {
        Kind::Users => "people",
        Kind::Assignments => "seats",
        Kind::AuditEvents => "audit events",
    };
    let (severity, title, body) = match export.status {
        Status::Succeeded => {
            let rows = export.row_count.unwrap_or_default();
            let lines = if rows == 1 { "line" } else { "lines" };
            (
                Severity::Info,
                format!("Your export of {what} is ready"),
                format!("The file has {rows} {lines} and is kept for seven days."),
            )
        }
        _ => (
            Severity::Warning,
            format!("Your export of {what} failed"),
            export.failure_message.clone().unwrap_or_default(),
        ),
    };
    let notice = Notice {
        kind: notification::Kind::ExportReady,
        severity,
        title,
        body,
        subject: Some(ids::Kind::Export.text(export.id)),
    };
    notify(work, export.account_id, &[asked.id], &notice).await?;
    Ok(())
}
