//! Starting an import under a key. Whoever does not know whether their first call arrived may upload the file once more: what makes the second call the first
//! one again is the file, not the place it was put to.

use entity::{import, upload};
use sea_orm::EntityTrait;
use uuid::Uuid;

use super::start::{StartImport, missing};
use super::step;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::{Error, Result};
use crate::idempotency::Call;

/// Starts an import, unless the same file was started under the same key in the same way: then that import is answered.
#[derive(Debug)]
pub struct StartImportOnce {
    key: Option<String>,
    start: StartImport,
    /// Known once the upload was looked at.
    call: Option<Call>,
    /// The import of the first call.
    made: Option<Uuid>,
}

impl StartImportOnce {
    /// Without a key the import is just started.
    pub fn of(key: Option<String>, start: StartImport) -> Self {
        Self {
            key,
            start,
            call: None,
            made: None,
        }
    }
}

impl Command for StartImportOnce {
    type Output = import::Model;
    const NAME: &'static str = StartImport::NAME;
    /// The command within leaves the row.
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        self.start.action()
    }

    /// A call that was made before has nothing to pin.
    async fn prepare(&mut self, app: &App, actor: &Actor) -> Result<()> {
        if let Some(key) = self.key.take() {
            let account_id = actor.account_id().ok_or(Error::Unauthenticated)?;
            let upload = upload::Entity::find_by_id((account_id, self.start.upload_id))
                .one(app.reader())
                .await?;
            let upload = upload.ok_or_else(missing)?;
            let call = Call::sent(key, Self::NAME, self.start.asked(&upload)?);
            let before = call.before(app.reader(), account_id, app.clock().now()).await?;
            self.made = before.and_then(|before| before.subject_id);
            self.call = Some(call);
        }
        match self.made {
            Some(_) => Ok(()),
            None => self.start.prepare(app, actor).await,
        }
    }

    async fn apply(self, work: &mut Work) -> Result<import::Model> {
        let Some(call) = self.call else {
            return work.run(self.start).await;
        };
        let account_id = work.account_id()?;
        let made = match self.made {
            Some(made) => Some(made),
            // The first call may have come to its end since.
            None => call
                .before(work.reader(), account_id, work.now())
                .await?
                .and_then(|before| before.subject_id),
        };
        if let Some(import_id) = made {
            return step::load(work, account_id, import_id).await;
        }
        let import = work.run(self.start).await?;
        call.made(work, import.id).await?;
        Ok(import)
    }
}
