//! Working through an import, from wherever it stands.
//!
//! The file is read and parsed anew each time: that takes milliseconds, is the same every time, and leaves nothing to be kept in step with it.

use std::sync::Arc;

use chrono::Duration;
use entity::ids::numbered;
use entity::import::{self, Mode, OnError, Phase, Status};
use entity::import_row::{self, RowOutcome};
use entity::{account, user};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use super::batch::{ApplyBatch, Progress, has_failed};
use super::finish::{Book, Note, not_done};
use super::parse::{self, Encoding, MAX_FILE_BYTES, ParsedFile, Row};
use super::people::Came;
use super::portion::Portion;
use super::preview::{preview, seats_needed};
use super::report::{FailedRow, error_report};
use super::step;
use super::undo::{UndoBatch, Undoing};
use crate::access::{Actor, Member, Origin};
use crate::app::App;
use crate::background::jobs::Lease;
use crate::background::objects;
use crate::error::{Code, Error, Refusal, Result};
use crate::platform;
use crate::platform::storage::{Key, ReadError};

/// Rows of one transaction: few enough that a click waits no longer than it takes to notice, many enough that commits cost nothing.
const BATCH: usize = 500;

/// Does what is left to do of an import. Errors are the platform's: the job is put back and tried again.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let run = Run {
        app,
        lease,
        lease_for: app.settings().job_lease,
    };
    let import = import::Entity::find_by_id((lease.account_id, lease.subject_id))
        .one(app.reader())
        .await?;
    // Where the database is spread over several machines its row may become visible a moment later: the job is put back.
    let import = import.ok_or_else(|| Error::internal("the import is not there, or not there yet"))?;
    let has_ended = step::is_final(import.status) && import.phase != Phase::Undoing;
    if has_ended || import.status == Status::AwaitingConfirmation {
        return run.book(Note::Nothing).await.map(drop);
    }
    let error = match run.work_through(import).await {
        Ok(()) => return Ok(()),
        Err(Halt::StoreAway(reason)) => {
            tracing::warn!(reason, import = %lease.subject_id, "an import waits for the object store");
            return run.book(Note::StoreAway { reason }).await.map(drop);
        }
        Err(Halt::Failed(error)) => error,
    };
    match error {
        // Whoever started it may not go on with it: that ends the import, not the worker.
        Error::Forbidden | Error::SessionExpired => {
            let text = "Whoever asked for this may not import people any more.";
            run.book(Note::Failed(Refusal::new(Code::ImportFailed, text)))
                .await
                .map(drop)
        }
        Error::Refused(refusals) => match refusals.into_iter().next() {
            Some(refusal) => run.book(Note::Failed(refusal)).await.map(drop),
            None => Ok(()),
        },
        error => Err(error),
    }
}

/// Why the work does not go on now.
enum Halt {
    /// What the store, or the way to it, said.
    StoreAway(String),
    Failed(Error),
}

impl From<Error> for Halt {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// A store that is away is waited for.
fn of_store(error: platform::Error) -> Halt {
    match error {
        platform::Error::Unavailable(cause) => Halt::StoreAway(format!("{cause:?}")),
        other => Halt::Failed(other.into()),
    }
}

/// Ends an import whose job was given up.
pub async fn give_up(app: &App, lease: &Lease) -> Result<()> {
    let text = "The import could not be finished for a reason on our side. What was done is in its rows; upload the file again for the rest.";
    let run = Run {
        app,
        lease,
        lease_for: app.settings().job_lease,
    };
    run.book(Note::Failed(Refusal::new(Code::ImportFailed, text)))
        .await
        .map(drop)
}

struct Run<'a> {
    app: &'a App,
    lease: &'a Lease,
    lease_for: Duration,
}

impl Run<'_> {
    async fn book(&self, note: Note) -> Result<import::Model> {
        let command = Book {
            lease: self.lease.clone(),
            lease_for: self.lease_for,
            note,
        };
        self.app.run(&Actor::Platform, command).await
    }

    async fn work_through(&self, import: import::Model) -> Result<(), Halt> {
        if let Some(undo) = import.undo.as_ref().filter(|_| import.phase == Phase::Undoing) {
            let actor = self.actor(&import, undo.asked_by).await?;
            return Ok(self.undo(&actor).await?);
        }
        let actor = self.actor(&import, import.created_by).await?;
        let (import, file) = self.read(import).await?;
        let rows: Arc<[Row]> = file.rows.clone().into();
        let total = i32::try_from(rows.len()).map_err(Error::internal)?;
        let import = if import.started_at.is_none() {
            let (mapping, header_key) = (import.mapping, import.header_key);
            self.book(Note::Read {
                total,
                mapping,
                header_key,
            })
            .await?
        } else {
            import
        };
        if import.status == Status::Cancelling {
            return self.end(&file, Note::Cancelled { rows }).await;
        }
        if import.send_invitations && rows.iter().any(needs_utf8) {
            self.app.mailer().learn().await;
        }
        if import.mode == Mode::DryRun && import.preview.is_none() {
            return self.plan(&actor, &import, &file, rows).await;
        }
        self.apply(&actor, &import, &file, rows).await
    }

    /// Takes back what is left to be taken back, batch by batch. The file is not needed for that.
    async fn undo(&self, actor: &Actor) -> Result<()> {
        loop {
            let batch = UndoBatch {
                lease: self.lease.clone(),
                lease_for: self.lease_for,
            };
            if self.app.run(actor, batch).await? == Undoing::Done {
                return Ok(());
            }
        }
    }

    /// Whoever asked for it, with the rights of today.
    async fn actor(&self, import: &import::Model, user_id: Uuid) -> Result<Actor> {
        let db = self.app.reader();
        let user = user::Entity::find_by_id((import.account_id, user_id))
            .one(db)
            .await?;
        let account = account::Entity::find_by_id(import.account_id).one(db).await?;
        let (user, account) = user.zip(account).ok_or(Error::Forbidden)?;
        let origin = Origin {
            request_id: import.id.to_string(),
            ..Origin::default()
        };
        Ok(Actor::Import {
            import_id: import.id,
            on_behalf_of: Member::absent(&account, user, origin),
        })
    }

    /// The file, and the import with the columns that somebody has named.
    async fn read(&self, mut import: import::Model) -> Result<(import::Model, ParsedFile), Halt> {
        let key = Key::parse(&import.object_key).map_err(Error::from)?;
        let limit = u64::try_from(MAX_FILE_BYTES).map_err(Error::internal)?;
        let bytes = match self.app.storage().get_limited(&key, limit).await {
            Ok(bytes) => bytes,
            Err(ReadError::Failed(error)) => return Err(of_store(error)),
            Err(other) => {
                let text = format!("the pinned copy cannot be read: {other:?}");
                return Err(Error::internal(text).into());
            }
        };
        self.recall(&mut import, &bytes).await?;
        let (encoding, kind) = (encoding(&import), kind(&import));
        let mapping = import.mapping.clone().unwrap_or_default().0;
        // Parsing is work for a core, not for the threads that answer requests.
        let parsed = tokio::task::spawn_blocking(move || parse::parse(&bytes, encoding, kind, &mapping));
        let parsed = parsed.await.map_err(Error::internal)?.map_err(Error::from)?;
        Ok((import, parsed))
    }

    /// Columns that nobody names for a file that is new are those that were named for the last one with the same headers, if that was applied: what a dry run only tried
    /// out says nothing of later files.
    async fn recall(&self, import: &mut import::Model, bytes: &[u8]) -> Result<()> {
        if import.started_at.is_some() {
            return Ok(());
        }
        import.header_key = parse::header_key(bytes, encoding(import), kind(import));
        let Some(key) = import.header_key.as_deref().filter(|_| import.mapping.is_none()) else {
            return Ok(());
        };
        let before = import::Entity::find()
            .filter(import::Column::AccountId.eq(import.account_id))
            .filter(import::Column::HeaderKey.eq(key))
            .filter(import::Column::Status.is_in([Status::Succeeded, Status::SucceededWithErrors]))
            .filter(import::Column::Mapping.is_not_null())
            .order_by_desc(import::Column::Id)
            .one(self.app.reader())
            .await?;
        import.mapping = before.and_then(|before| before.mapping);
        Ok(())
    }

    /// Rehearses the whole file as one piece, so that the plan sees the seats go.
    async fn rehearse(&self, actor: &Actor, import: &import::Model, rows: &Arc<[Row]>) -> Result<Came> {
        let command = Portion::of(import, rows.clone(), 0..rows.len());
        self.app.rehearse(actor, command).await
    }

    async fn plan(
        &self,
        actor: &Actor,
        import: &import::Model,
        file: &ParsedFile,
        rows: Arc<[Row]>,
    ) -> Result<(), Halt> {
        let mut came = self.rehearse(actor, import, &rows).await?;
        let needed = seats_needed(&came.results);
        // Nothing would be done: what one row cannot have keeps all others from theirs.
        if import.on_error == OnError::RejectAll && has_failed(&came.results) {
            came = Came {
                results: not_done(came.results),
                mails: 0,
            };
        }
        let found = preview(self.app, import, file, &came, needed).await?;
        let preview = serde_json::to_value(found).map_err(Error::internal)?;
        let planned = self
            .book(Note::Planned {
                rows: rows.clone(),
                results: came.results,
                preview,
            })
            .await?;
        if planned.status == Status::Cancelling {
            return self.end(file, Note::Cancelled { rows }).await;
        }
        Ok(())
    }

    async fn apply(
        &self,
        actor: &Actor,
        import: &import::Model,
        file: &ParsedFile,
        rows: Arc<[Row]>,
    ) -> Result<(), Halt> {
        let mut done = usize::try_from(import.processed).map_err(Error::internal)?;
        let all_or_nothing = import.on_error == OnError::RejectAll;
        let size = if all_or_nothing { rows.len() } else { BATCH };
        while done < rows.len() {
            let range = done..(done + size).min(rows.len());
            done = range.end;
            let people = Portion::of(import, rows.clone(), range);
            let lease = self.lease.clone();
            let command = ApplyBatch {
                lease,
                lease_for: self.lease_for,
                people,
                all_or_nothing,
            };
            match self.app.run(actor, command).await? {
                Progress::Done => {}
                Progress::Cancelled => return self.end(file, Note::Cancelled { rows }).await,
                Progress::Rejected(results) => {
                    self.book(Note::Rejected {
                        rows: rows.clone(),
                        results,
                    })
                    .await?;
                }
            }
        }
        self.end(file, Note::Finished).await
    }

    /// Writes the report of the failed rows before the import says that there is one.
    async fn end(&self, file: &ParsedFile, note: Note) -> Result<(), Halt> {
        let failed = import_row::Entity::find()
            .filter(import_row::Column::AccountId.eq(self.lease.account_id))
            .filter(import_row::Column::Id.gte(numbered(self.lease.subject_id, 0)))
            .filter(import_row::Column::Id.lte(numbered(self.lease.subject_id, i32::MAX)))
            .filter(import_row::Column::ImportId.eq(self.lease.subject_id))
            .filter(import_row::Column::Outcome.eq(RowOutcome::Failed))
            // What a dry run foresaw and nobody came to has not failed.
            .filter(import_row::Column::IsPlanned.eq(false))
            .order_by_asc(import_row::Column::Id)
            .all(self.app.reader())
            .await
            .map_err(Error::from)?;
        if !failed.is_empty() {
            let headers: Vec<String> = file.columns.iter().map(|column| column.header.clone()).collect();
            let failed: Vec<FailedRow> = failed.into_iter().map(failed_row).collect();
            let report = error_report(&file.form, &headers, &failed).map_err(Error::internal)?;
            let key = objects::report(self.lease.account_id, self.lease.subject_id)?;
            self.app
                .storage()
                .put(&key, report.into(), "text/csv")
                .await
                .map_err(of_store)?;
        }
        self.book(note).await?;
        Ok(())
    }
}

/// The encoding the uploader named; what an older version wrote and nobody knows any more is detected.
fn encoding(import: &import::Model) -> Encoding {
    match import.encoding.as_deref() {
        Some("UTF_8") => Encoding::Utf8,
        Some("UTF_16LE") => Encoding::Utf16Le,
        Some("UTF_16BE") => Encoding::Utf16Be,
        Some("WINDOWS_1252") => Encoding::Windows1252,
        _ => Encoding::Detect,
    }
}

fn kind(import: &import::Model) -> parse::Kind {
    kind_of(import.kind)
}

/// As the parser knows it.
pub fn kind_of(kind: import::Kind) -> parse::Kind {
    match kind {
        import::Kind::Users => parse::Kind::Users,
        import::Kind::Assignments => parse::Kind::Assignments,
        import::Kind::Unassignments => parse::Kind::Unassignments,
    }
}

fn needs_utf8(row: &Row) -> bool {
    row.entry.as_ref().is_ok_and(|entry| entry.email.needs_utf8())
}

fn failed_row(row: import_row::Model) -> FailedRow {
    let problems = row.problems.unwrap_or_default().0;
    let problems: Vec<String> = problems
        .iter()
        .map(|problem| format!("{}: {}", problem.code, problem.message))
        .collect();
    FailedRow {
        cells: row.cells.0,
        problem: problems.join("; "),
    }
}
