//! Starting an import: the uploaded bytes are checked and pinned, then the import and its job are written.

use aws_lc_rs::digest;
use chrono::{DateTime, NaiveDate, Utc};
use entity::ids;
use entity::import::{Counts, Kind, Mapped, Mapping, Mode, OnError, Phase, Sources, Status};
use entity::{import, upload};
use sea_orm::sea_query::Expr;
use sea_orm::{ActiveEnum, ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::step;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::assignments::{SeatSource, check_last_day, for_all};
use crate::background::{jobs, objects};
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::storage::{Key, ReadError, Sha256};
use crate::rate_limit::{Count, of_account, rates};

/// Starts an import of an uploaded file. Starting it twice gives the same import.
#[derive(Clone, Debug)]
pub struct StartImport {
    pub upload_id: Uuid,
    pub kind: Kind,
    /// What everybody of the file is given: for assignments alone, and never nothing.
    pub sources: Vec<SeatSource>,
    /// The components that are on in it; null: the products' defaults.
    pub components: Option<Vec<Uuid>>,
    /// Columns that are named by hand, each and its meaning once; the others are told by their headers. `None`: as for the last file with the same headers.
    pub mapping: Option<Vec<Mapped>>,
    pub mode: Mode,
    pub on_error: OnError,
    /// Whoever finds no seat waits for one.
    pub waits: bool,
    /// Of assignments, the last day on which the seats are held.
    pub expires_on: Option<NaiveDate>,
    pub send_invitations: bool,
    /// Null: detected.
    pub encoding: Option<&'static str>,
}

impl StartImport {
    /// Hash of what somebody asks for who starts the import of an upload: its bytes, and what is to be done with them, in the words they are stored in.
    pub fn asked(&self, upload: &upload::Model) -> Result<[u8; 32]> {
        let (mode, on_error) = (self.mode.to_value(), self.on_error.to_value());
        let asked = (
            &upload.sha256,
            mode,
            on_error,
            self.send_invitations,
            self.encoding,
        );
        // What is known by its hash since before there were other kinds stays known.
        let text = match self.kind {
            Kind::Users if self.mapping.is_none() && !self.waits => serde_json::to_vec(&asked),
            kind if self.waits || self.expires_on.is_some() => {
                let for_all = (&self.sources, &self.components, self.waits, self.expires_on);
                serde_json::to_vec(&(asked, kind.to_value(), for_all, &self.mapping))
            }
            kind => {
                let for_all = (&self.sources, &self.components);
                serde_json::to_vec(&(asked, kind.to_value(), for_all, &self.mapping))
            }
        };
        let text = text.map_err(Error::internal)?;
        let hash = digest::digest(&digest::SHA256, &text);
        hash.as_ref().try_into().map_err(Error::internal)
    }
}

impl Command for StartImport {
    type Output = import::Model;
    const NAME: &'static str = "imports.start";

    fn action(&self) -> Action {
        Action::ImportUsers
    }

    /// Looks at what was really uploaded and keeps exactly those bytes, under a key nobody was ever given a link for.
    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        let account_id = actor.account_id().ok_or(Error::Unauthenticated)?;
        let upload = upload::Entity::find_by_id((account_id, self.upload_id))
            .one(app.reader())
            .await?;
        let upload = upload.ok_or_else(missing)?;
        match upload.status {
            upload::Status::Consumed => return Ok(()),
            upload::Status::Rejected => return Err(changed().into()),
            upload::Status::AwaitingFile => {}
        }
        check_age(&upload, app.clock().now())?;
        // Whether or not the file is there: looking reads it.
        let count = Count {
            counters: of_account(rates::IMPORTS, account_id),
            action: self.action(),
        };
        app.run(actor, count).await?;
        let from = Key::parse(&upload.object_key)?;
        let to = objects::pinned(account_id, upload.id)?;
        let sha256 =
            Sha256::parse_base64(&upload.sha256).ok_or_else(|| Error::internal("an unchecked digest"))?;
        let size = u64::try_from(upload.byte_size).map_err(Error::internal)?;
        let expired = upload.expires_at <= app.clock().now();
        match app
            .storage()
            .pin(&from, &to, size, &sha256, &upload.content_type)
            .await
        {
            Ok(_) => Ok(()),
            Err(ReadError::Absent) if expired => Err(Refusal::new(
                Code::UploadExpired,
                "The link of this upload has expired before a file arrived. Upload again.",
            )
            .at("input.uploadId")
            .into()),
            Err(ReadError::Absent) => Err(Refusal::new(Code::UploadIncomplete, "No file has arrived yet.")
                .at("input.uploadId")
                .into()),
            Err(ReadError::LengthMismatch { .. } | ReadError::TooLarge { .. }) => {
                let text = "The file that arrived is not as long as was announced. Upload again.";
                Err(Refusal::new(Code::UploadIncomplete, text)
                    .at("input.uploadId")
                    .into())
            }
            Err(ReadError::ChecksumMismatch) => Err(changed().into()),
            Err(ReadError::Failed(error)) => Err(error.into()),
        }
    }

    async fn apply(self, work: &mut Work) -> Result<import::Model> {
        let member = work.member()?.clone();
        let known = import::Entity::find()
            .filter(import::Column::AccountId.eq(member.account_id))
            .filter(import::Column::UploadId.eq(self.upload_id))
            .one(work.reader())
            .await?;
        if let Some(known) = known {
            return Ok(known);
        }
        let upload = upload::Entity::find_by_id((member.account_id, self.upload_id))
            .one(work.reader())
            .await?;
        let upload = upload.ok_or_else(missing)?;
        // What was pinned may have been cleared away since.
        check_age(&upload, work.now())?;
        let mut import = self.import(work, &upload, member.user_id)?;
        import.sources = self.for_all(work).await?;
        work.insert(vec![import::ActiveModel::from(import.clone())])
            .await?;
        step::tell(work, &import, None).await?;
        let consumed = upload::Entity::update_many()
            .col_expr(upload::Column::Status, Expr::value(upload::Status::Consumed))
            .filter(upload::Column::AccountId.eq(member.account_id))
            .filter(upload::Column::Id.eq(upload.id));
        work.update(consumed).await?;
        jobs::enqueue(work, jobs::Kind::Import, member.account_id, import.id).await?;
        work.touch(ids::Kind::Import.text(import.id));
        Ok(import)
    }
}

impl StartImport {
    /// What everybody is given, judged: what is wrong with it need not be told of each row.
    async fn for_all(&self, work: &Work) -> Result<Option<Sources>> {
        if self.expires_on.is_some() && self.kind != Kind::Assignments {
            let text = "Only a file that gives everybody the same seats has a last day for them.";
            return Err(Refusal::new(Code::Invalid, text).at("input.expiresOn").into());
        }
        if self.waits && self.kind == Kind::Unassignments {
            let text = "Whoever a seat is taken from does not wait for one.";
            return Err(Refusal::new(Code::Invalid, text).at("input.whenFull").into());
        }
        check_last_day(self.expires_on, work.now().date_naive())?;
        let components = self.components.as_deref();
        match (self.kind, self.sources.is_empty()) {
            (Kind::Users, true) if components.is_none() => Ok(None),
            (Kind::Users, _) => {
                let text = "A file of users says itself which products they get. Name sources and components for assignments only.";
                Err(Refusal::new(Code::Invalid, text).at("input.sources").into())
            }
            (Kind::Unassignments, false) if components.is_some() => {
                let text = "A seat is taken back whole. Leave the components out.";
                Err(Refusal::new(Code::Invalid, text).at("input.componentIds").into())
            }
            (Kind::Assignments | Kind::Unassignments, true) => {
                let text = "Name what everybody in the file is given, or gives back: at least one product or subscription.";
                Err(Refusal::new(Code::Required, text).at("input.sources").into())
            }
            (Kind::Assignments | Kind::Unassignments, false) => Ok(Some(Sources(
                for_all(work, &self.sources, components, self.kind == Kind::Assignments).await?,
            ))),
        }
    }

    fn import(&self, work: &Work, upload: &upload::Model, created_by: Uuid) -> Result<import::Model> {
        Ok(import::Model {
            account_id: upload.account_id,
            id: work.new_id(),
            upload_id: upload.id,
            created_by,
            kind: self.kind,
            sources: None,
            mode: self.mode,
            on_error: self.on_error,
            send_invitations: self.send_invitations,
            status: Status::Queued,
            phase: Phase::Waiting,
            filename: upload.filename.clone(),
            object_key: objects::pinned(upload.account_id, upload.id)?.as_str().to_owned(),
            encoding: self.encoding.map(str::to_owned),
            sequence: 1,
            processed: 0,
            total: None,
            succeeded: 0,
            failed: 0,
            skipped: 0,
            outcomes: Counts::default(),
            preview: None,
            failure_code: None,
            failure_message: None,
            failure_field: None,
            created_at: work.now(),
            started_at: None,
            updated_at: work.now(),
            finished_at: None,
            objects_deleted_at: None,
            store_away_since: None,
            undo: None,
            mapping: self.mapping.clone().map(Mapping),
            header_key: None,
            waits: self.waits,
            expires_on: self.expires_on,
        })
    }
}

/// Files that nobody imports are cleared away, from a stated time on.
fn check_age(upload: &upload::Model, now: DateTime<Utc>) -> Result<(), Refusal> {
    if upload.expires_at + objects::STARTABLE_FOR > now {
        return Ok(());
    }
    let text = "This file was not imported within a day, and is not kept any longer. Upload it again.";
    Err(Refusal::new(Code::UploadExpired, text).at("input.uploadId"))
}

pub fn missing() -> Refusal {
    Refusal::new(Code::NotFound, "There is no such upload.").at("input.uploadId")
}

fn changed() -> Refusal {
    let text = "The file that arrived is not the one that was announced. Upload again.";
    Refusal::new(Code::UploadChecksumMismatch, text).at("input.uploadId")
}
