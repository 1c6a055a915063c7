//! Making the file of an export, from the beginning to the end or not at all.
//!
//! Everything is read within one snapshot of the database, so that what is changed meanwhile is in the file as a whole or not at all. Whoever is put back starts over: a snapshot cannot be
//! taken up again, and what an earlier attempt stored is taken away first.

use std::time::Duration as Span;

use chrono::Duration;
use entity::export::{self, Format, Kind, Status};
use entity::{account, user};
use sea_orm::EntityTrait;
use tokio::time::Instant;

use super::book::{Book, Note};
use super::lines::Lines;
use super::{listing, read, step};
use crate::access::{Actor, Member, Origin, permit};
use crate::app::App;
use crate::background::jobs::Lease;
use crate::background::objects;
use crate::error::{Code, Error, Refusal, Result};
use crate::platform;
use crate::platform::db::Snapshot;
use crate::platform::storage::{Key, Pieces};
use crate::read::Scope;

/// How often it is told how far the file is, and looked whether somebody cancelled.
const TELL: Span = Span::from_secs(1);
/// A file takes no longer: a snapshot keeps the database from clearing away what is old.
const LONGEST: Span = Span::from_mins(30);

/// Does an export. Errors are the platform's: the job is put back and tried again.
pub async fn carry_on(app: &App, lease: &Lease) -> Result<()> {
    let run = Run::of(app, lease);
    let export = export::Entity::find_by_id((lease.account_id, lease.subject_id))
        .one(app.reader())
        .await?;
    // Where the database is spread over several machines its row may become visible a moment later: the job is put back.
    let export = export.ok_or_else(|| Error::internal("the export is not there, or not there yet"))?;
    if step::is_final(export.status) {
        return run.book(Note::Nothing).await.map(drop);
    }
    let made = tokio::time::timeout(LONGEST, run.make(export));
    let halt = match made.await.unwrap_or(Err(Halt::TooLong)) {
        Ok(()) => return Ok(()),
        Err(halt) => halt,
    };
    match halt {
        Halt::StoreAway(reason) => run.wait(reason).await,
        Halt::Cancelled => match run.discard().await {
            Ok(()) => run.book(Note::Cancelled).await.map(drop),
            Err(Halt::StoreAway(reason)) => run.wait(reason).await,
            Err(_) => Err(Error::internal(
                "what was stored of a cancelled export cannot be taken away",
            )),
        },
        Halt::TooLong => {
            let text = "The export took too long. Ask for less at a time.";
            run.fail(Refusal::new(Code::ExportFailed, text)).await
        }
        // Whoever asked for it may not have it: that ends the export, not the worker.
        Halt::Failed(Error::Forbidden | Error::SessionExpired) => {
            let text = "Whoever asked for this may not see it any more.";
            run.fail(Refusal::new(Code::ExportFailed, text)).await
        }
        Halt::Failed(error) => Err(error),
    }
}

/// Ends an export whose job was given up.
pub async fn give_up(app: &App, lease: &Lease) -> Result<()> {
    let text = "The export could not be finished for a reason on our side. Ask for it again.";
    Run::of(app, lease)
        .fail(Refusal::new(Code::ExportFailed, text))
        .await
}

/// Why the work does not go on now.
enum Halt {
    /// What the store, or the way to it, said.
    StoreAway(String),
    Cancelled,
    TooLong,
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

struct Run<'a> {
    app: &'a App,
    lease: &'a Lease,
    lease_for: Duration,
}

impl<'a> Run<'a> {
    fn of(app: &'a App, lease: &'a Lease) -> Self {
        Self {
            app,
            lease,
            lease_for: app.settings().job_lease,
        }
    }

    async fn book(&self, note: Note) -> Result<export::Model> {
        let command = Book {
            lease: self.lease.clone(),
            lease_for: self.lease_for,
            note,
        };
        self.app.run(&Actor::Platform, command).await
    }

    /// As [`book`](Self::book), for whoever goes on afterwards: unless somebody cancelled.
    async fn note(&self, note: Note) -> Result<(), Halt> {
        match self.book(note).await?.status {
            Status::Cancelling => Err(Halt::Cancelled),
            _ => Ok(()),
        }
    }

    async fn wait(&self, reason: String) -> Result<()> {
        tracing::warn!(reason, export = %self.lease.subject_id, "an export waits for the object store");
        self.book(Note::StoreAway { reason }).await.map(drop)
    }

    /// What cannot be taken away now goes when files go.
    async fn fail(&self, refusal: Refusal) -> Result<()> {
        let is_left = self.discard().await.is_err();
        self.book(Note::Failed { refusal, is_left }).await.map(drop)
    }

    async fn make(&self, export: export::Model) -> Result<(), Halt> {
        self.discard().await?;
        if export.status == Status::Cancelling {
            return Err(Halt::Cancelled);
        }
        let scope = self.scope(&export).await?;
        let key = objects::exported(
            export.account_id,
            export.id,
            self.lease.token,
            extension(export.format),
        )?;
        // Whatever is stored under it from now on is found again.
        let object_key = key.as_str().to_owned();
        self.note(Note::Begun { object_key }).await?;
        let at = self.app.db().snapshot().await.map_err(Error::from)?;
        let written = self.write(&export, &scope, &at, key).await;
        if written.is_ok() {
            at.close().await.map_err(Error::from)?;
        }
        let note = written?;
        self.book(note).await?;
        Ok(())
    }

    /// Writes everything within a snapshot and stores it; what there is to note of it at the end.
    async fn write(
        &self,
        export: &export::Model,
        scope: &Scope,
        at: &Snapshot,
        key: Key,
    ) -> Result<Note, Halt> {
        let request = read::request(export)?;
        let mut listing = listing::of(export.kind, scope, at, &request).await?;
        let total = number(listing.count(at).await?)?;
        self.note(Note::Counted { total }).await?;
        let delimiter = request.delimiter.unwrap_or_default();
        let has_mark = request.has_mark.unwrap_or(export.format == Format::Csv);
        let mut lines = Lines::new(export.format, delimiter, has_mark, listing.columns())?;
        let mut file = File::new(key, content_type(export.format));
        let (mut written, mut told_at) = (0, Instant::now());
        loop {
            let more = listing.next(at, &mut lines).await?;
            if more == 0 {
                break;
            }
            written += more;
            while let Some(piece) = lines.piece()? {
                self.store(&mut file, piece).await?;
            }
            if told_at.elapsed() >= TELL {
                told_at = Instant::now();
                let processed = number(written)?;
                self.note(Note::Written { processed }).await?;
            }
        }
        let rows = number(lines.rows())?;
        let byte_size = self.finish(file, lines.rest()?).await?;
        Ok(Note::Finished {
            rows,
            byte_size,
            processed: number(written)?,
        })
    }

    /// Stores a piece of the file. What the store calls the pieces is noted before the first of them lies there.
    async fn store(&self, file: &mut File, piece: Vec<u8>) -> Result<(), Halt> {
        file.stored += piece.len() as u64;
        let pieces = match &mut file.pieces {
            Some(pieces) => pieces,
            none => {
                let begun = self.app.storage().begin_pieces(&file.key, file.content_type);
                let begun = begun.await.map_err(of_store)?;
                let upload_id = begun.upload_id().to_owned();
                self.note(Note::InPieces { upload_id }).await?;
                none.insert(begun)
            }
        };
        pieces.put(piece.into()).await.map_err(of_store)
    }

    /// Stores the last piece, and makes a file of all of them: from this moment on there is one. Its length.
    async fn finish(&self, mut file: File, rest: Vec<u8>) -> Result<i64, Halt> {
        let byte_size = i64::try_from(file.stored + rest.len() as u64).map_err(Error::internal)?;
        match file.pieces.take() {
            Some(mut pieces) => {
                if !rest.is_empty() {
                    pieces.put(rest.into()).await.map_err(of_store)?;
                }
                pieces.finish().await.map_err(of_store)?;
            }
            None => {
                let put = self.app.storage().put(&file.key, rest.into(), file.content_type);
                put.await.map_err(of_store)?;
            }
        }
        Ok(byte_size)
    }

    /// Takes away what an attempt has stored: this one, or one whose worker died.
    async fn discard(&self) -> Result<(), Halt> {
        let export = export::Entity::find_by_id((self.lease.account_id, self.lease.subject_id))
            .one(self.app.reader())
            .await
            .map_err(Error::from)?;
        let Some(export) = export else { return Ok(()) };
        objects::discard(self.app.storage(), &export)
            .await
            .map_err(of_store)
    }

    /// Whoever asked for it, with the rights of today.
    async fn scope(&self, export: &export::Model) -> Result<Scope> {
        let db = self.app.reader();
        let user = user::Entity::find_by_id((export.account_id, export.created_by))
            .one(db)
            .await?;
        let account = account::Entity::find_by_id(export.account_id).one(db).await?;
        let user = user.filter(|user| user.status == user::Status::Active);
        let (user, account) = user.zip(account).ok_or(Error::Forbidden)?;
        let origin = Origin {
            request_id: export.id.to_string(),
            ..Origin::default()
        };
        let actor = Actor::Member(Member::absent(&account, user, origin));
        for action in read::request(export)?.needs(export.kind) {
            permit(&actor, action)?;
        }
        Ok(Scope::new(self.app.clone(), actor))
    }
}

/// A file in the making.
struct File {
    key: Key,
    content_type: &'static str,
    /// Those that are stored, where it is longer than one.
    pieces: Option<Pieces>,
    /// In bytes.
    stored: u64,
}

impl File {
    fn new(key: Key, content_type: &'static str) -> Self {
        Self {
            key,
            content_type,
            pieces: None,
            stored: 0,
        }
    }
}

fn number(count: u64) -> Result<i32> {
    i32::try_from(count).map_err(Error::internal)
}

/// What the file's name ends with.
pub fn extension(format: Format) -> &'static str {
    match format {
        Format::Csv => "csv",
        Format::Ndjson => "ndjson",
    }
}

pub fn content_type(format: Format) -> &'static str {
    match format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Ndjson => "application/x-ndjson",
    }
}

/// What it lists, as part of a file's name.
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Users => "users",
        Kind::Assignments => "assignments",
        Kind::AuditEvents => "audit-events",
    }
}
