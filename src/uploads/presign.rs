//! The address a file is put to: for exactly the bytes that were announced, for a quarter of an hour.

use entity::upload;

use super::create::LINK_LIFETIME;
use crate::error::{Error, Result};
use crate::platform::storage::{Key, PresignedPut, Sha256};
use crate::read::Scope;

/// Signs the address of an upload.
pub async fn presign(scope: &Scope, upload: &upload::Model) -> Result<PresignedPut> {
    let key = Key::parse(&upload.object_key)?;
    let size = u64::try_from(upload.byte_size).map_err(Error::internal)?;
    let sha256 = Sha256::parse_base64(&upload.sha256)
        .ok_or_else(|| Error::internal("an unchecked digest was stored"))?;
    let lifetime = LINK_LIFETIME.to_std().map_err(Error::internal)?;
    let target = scope
        .app()
        .storage()
        .presign_put(&key, size, &upload.content_type, &sha256, lifetime)
        .await?;
    Ok(target)
}
