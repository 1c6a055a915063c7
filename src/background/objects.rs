//! The objects that belong to uploads, imports and exports, and clearing them away.
//!
//! Objects go first, and only then is it noted that they are gone: whoever dies in between leaves a row that still says so, and the next one deletes again
//! what is not there any more, which is no error. The store may be away: then nothing is noted, and the chore is due again a little later.

use chrono::{DateTime, Duration, Utc};
use entity::{export, import, upload};
use futures::stream::{self, StreamExt, TryStreamExt};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::retention::Retention;
use crate::access::{Action, Actor};
use crate::app::App;
use crate::command::{Command, Record, Work};
use crate::error::Result;
use crate::platform;
use crate::platform::constants::Constants;
use crate::platform::storage::{Key, Storage};

/// After its address ran out, a file that arrived in time can be imported for so long.
pub const STARTABLE_FOR: Duration = Duration::days(1);
/// The file of an export is kept for so long after it was made.
pub const EXPORTS_KEPT_FOR: Duration = Duration::days(7);
/// Between the end of that and the clearing away: a command that was begun in time has come to its end by then.
const MARGIN: Duration = Duration::hours(1);
/// Rows whose objects are deleted between two looks at the lease; a store that answers slowly keeps them within it.
const AT_ONCE: u64 = 20;
/// Objects deleted at the same time.
const SIDE_BY_SIDE: usize = 4;

/// Where a browser puts a file.
pub fn uploaded(account_id: Uuid, upload_id: Uuid) -> Result<Key> {
    Ok(Key::parse(&format!("uploads/{account_id}/{upload_id}"))?)
}

/// Where the copy lies that was checked: named after the upload, so that pinning twice is pinning once.
pub fn pinned(account_id: Uuid, upload_id: Uuid) -> Result<Key> {
    Ok(Key::parse(&format!("imports/{account_id}/{upload_id}.csv"))?)
}

/// Where the report of an import's failed rows is kept.
pub fn report(account_id: Uuid, import_id: Uuid) -> Result<Key> {
    Ok(Key::parse(&format!("reports/{account_id}/{import_id}.csv"))?)
}

/// Where the file of an export lies that was made under a lease. Each has one of its own, so that nobody who lost theirs writes over another's.
pub fn exported(account_id: Uuid, export_id: Uuid, lease: Uuid, extension: &str) -> Result<Key> {
    let (account, export, lease) = (
        account_id.simple(),
        export_id.simple(),
        lease.simple().to_string(),
    );
    let key = format!("exports/{account}/{export}-{}.{extension}", &lease[..8]);
    Ok(Key::parse(&key)?)
}

/// Takes away what is stored of an export: its file, or the pieces of one that was not finished. It is no error if nothing is.
pub async fn discard(storage: &Storage, export: &export::Model) -> platform::Result<()> {
    let Some(key) = &export.object_key else {
        return Ok(());
    };
    let key = Key::parse(key)?;
    if let Some(upload_id) = &export.upload_id {
        storage.drop_pieces(&key, upload_id).await?;
    }
    storage.delete(&key).await
}

/// Clears away one batch of an account's objects with the rows of unused uploads. Answers whether there may be more.
pub async fn clear(app: &App, account_id: Uuid, kept: Retention) -> Result<bool> {
    let now = app.clock().now();
    let uploads = upload::Entity::find()
        .select_only()
        .column(upload::Column::Id)
        .filter(upload::Column::AccountId.eq(account_id))
        .filter(is_unused(now - STARTABLE_FOR - MARGIN))
        .limit(AT_ONCE);
    let uploads: Vec<Uuid> = uploads.into_tuple().all(app.reader()).await?;
    let imports = import::Entity::find()
        .select_only()
        .columns([import::Column::Id, import::Column::UploadId])
        .filter(import::Column::AccountId.eq(account_id))
        .filter(import::Column::ObjectsDeletedAt.is_null())
        .filter(import::Column::FinishedAt.lt(now - kept.rows_of_imports()))
        .order_by_asc(import::Column::FinishedAt)
        .limit(AT_ONCE);
    let imports: Vec<(Uuid, Uuid)> = imports.into_tuple().all(app.reader()).await?;
    let mut keys = Vec::new();
    // A start that was refused at the last moment has left its copy.
    for id in &uploads {
        keys.extend([uploaded(account_id, *id)?, pinned(account_id, *id)?]);
    }
    for (id, upload_id) in &imports {
        keys.extend([
            report(account_id, *id)?,
            pinned(account_id, *upload_id)?,
            uploaded(account_id, *upload_id)?,
        ]);
    }
    let exports = export::Entity::find()
        .filter(export::Column::AccountId.eq(account_id))
        .filter(export::Column::ObjectsDeletedAt.is_null())
        .filter(export::Column::FinishedAt.lt(now - EXPORTS_KEPT_FOR))
        .order_by_asc(export::Column::FinishedAt)
        .limit(AT_ONCE)
        .all(app.reader())
        .await?;
    if keys.is_empty() && exports.is_empty() {
        return Ok(false);
    }
    for export in &exports {
        discard(app.storage(), export).await?;
    }
    stream::iter(keys)
        .map(|key| {
            let storage = app.storage().clone();
            async move { storage.delete(&key).await }
        })
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect::<Vec<()>>()
        .await?;
    let is_more = uploads.len().max(imports.len()).max(exports.len()) as u64 >= AT_ONCE;
    let deleted = Deleted {
        account_id,
        uploads,
        imports: imports.into_iter().map(|(id, _)| id).collect(),
        exports: exports.into_iter().map(|export| export.id).collect(),
    };
    app.run(&Actor::Platform, deleted).await?;
    Ok(is_more)
}

/// Files that never came, were refused or that nobody imported. What was imported stays with its import.
fn is_unused(expired_before: DateTime<Utc>) -> Condition {
    Condition::all()
        .add(upload::Column::Status.ne_constant(upload::Status::Consumed))
        .add(upload::Column::ExpiresAt.lt(expired_before))
}

/// Notes whose objects are gone.
struct Deleted {
    account_id: Uuid,
    uploads: Vec<Uuid>,
    imports: Vec<Uuid>,
    exports: Vec<Uuid>,
}

impl Command for Deleted {
    type Output = ();
    const NAME: &'static str = "retention.objects_deleted";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Maintain
    }

    fn account_id(&self) -> Option<Uuid> {
        Some(self.account_id)
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        if !self.uploads.is_empty() {
            let gone = upload::Entity::delete_many()
                .filter(upload::Column::AccountId.eq(self.account_id))
                .filter(upload::Column::Id.is_in(self.uploads))
                .filter(is_unused(work.now() - STARTABLE_FOR - MARGIN));
            work.delete(gone).await?;
        }
        if !self.imports.is_empty() {
            let noted = import::Entity::update_many()
                .col_expr(import::Column::ObjectsDeletedAt, Expr::value(work.now()))
                .filter(import::Column::AccountId.eq(self.account_id))
                .filter(import::Column::Id.is_in(self.imports));
            work.update(noted).await?;
        }
        if !self.exports.is_empty() {
            let noted = export::Entity::update_many()
                .col_expr(export::Column::ObjectsDeletedAt, Expr::value(work.now()))
                .filter(export::Column::AccountId.eq(self.account_id))
                .filter(export::Column::Id.is_in(self.exports));
            work.update(noted).await?;
        }
        Ok(())
    }
}
