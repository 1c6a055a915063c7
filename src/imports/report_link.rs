//! Links to the report of the failed rows.

use chrono::{DateTime, Duration, Utc};

use super::read::Import;
use super::step;
use crate::background::objects;
use crate::error::{Error, Result};
use crate::read::Scope;

/// How long a download link is good.
const LINK_LIFETIME: Duration = Duration::minutes(5);

/// A link to a file.
#[derive(Clone, Debug)]
pub struct DownloadLink {
    pub url: String,
    pub filename: String,
    /// In bytes.
    pub byte_size: i32,
    pub expires_at: DateTime<Utc>,
}

/// A link to the report of an import that ended with failed rows, made for the reader.
pub async fn error_report(scope: &Scope, import: &Import) -> Result<Option<DownloadLink>> {
    let is_kept = import.0.objects_deleted_at.is_none();
    if import.0.failed == 0 || !is_kept || !step::is_final(import.0.status) {
        return Ok(None);
    }
    let storage = scope.app().storage();
    let key = objects::report(import.0.account_id, import.0.id)?;
    let Some(found) = storage.head(&key).await? else {
        return Ok(None);
    };
    let stem = import.0.filename.trim_end_matches(".csv");
    let filename = format!("{stem}.errors.csv");
    let lifetime = LINK_LIFETIME.to_std().map_err(Error::internal)?;
    let (url, expires_at) = storage.presign_get(&key, &filename, "text/csv", lifetime).await?;
    let byte_size = i32::try_from(found.size).unwrap_or(i32::MAX);
    Ok(Some(DownloadLink {
        url,
        filename,
        byte_size,
        expires_at,
    }))
}
