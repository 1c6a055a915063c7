//! Objects that are written piece by piece, because nobody wants to hold the whole of them: S3's multipart upload.
//!
//! Nothing is under the key before [`Pieces::finish`], which makes one object of them at once. Whoever dies in between leaves pieces that nobody can read; their
//! [id](Pieces::upload_id) leads to them, and [`Storage::drop_pieces`] takes them away.

use aws_sdk_s3::error::SdkError;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use aws_smithy_runtime_api::http::Response;
use axum::body::Bytes;

use super::{Key, Sha256, Storage, client};
use crate::error::{Error, Result};

/// Length of each piece but the last, in bytes: the least that S3 takes.
pub const PIECE: usize = 5 * 1024 * 1024;

/// An object in the making.
#[derive(Debug)]
pub struct Pieces {
    storage: Storage,
    key: Key,
    upload_id: String,
    stored: Vec<CompletedPart>,
}

impl Storage {
    /// Begins an object. Nothing can be read of it before it is finished.
    pub async fn begin_pieces(&self, key: &Key, content_type: &str) -> Result<Pieces> {
        let begun = self
            .client
            .create_multipart_upload()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_type(content_type)
            .checksum_algorithm(ChecksumAlgorithm::Sha256)
            .send()
            .await
            .map_err(client::trouble)?;
        let upload_id = begun
            .upload_id
            .ok_or_else(|| Error::internal("the store began an upload without an id"))?;
        Ok(Pieces {
            storage: self.clone(),
            key: key.clone(),
            upload_id,
            stored: Vec::new(),
        })
    }

    /// Takes away what was stored of an object that is not to be finished; it is no error if nothing is there.
    pub async fn drop_pieces(&self, key: &Key, upload_id: &str) -> Result<()> {
        let dropped = self
            .client
            .abort_multipart_upload()
            .bucket(&self.bucket)
            .key(key.as_str())
            .upload_id(upload_id)
            .send()
            .await;
        match dropped {
            Ok(_) => Ok(()),
            Err(error) if client::is_absent(&error) => Ok(()),
            Err(error) => Err(client::trouble(error)),
        }
    }
}

impl Pieces {
    /// What the store calls it.
    pub fn upload_id(&self) -> &str {
        &self.upload_id
    }

    /// Stores the next piece. The store checks its SHA-256.
    pub async fn put(&mut self, bytes: Bytes) -> Result<()> {
        let number = i32::try_from(self.stored.len() + 1).map_err(Error::internal)?;
        let sha256 = Sha256::of(&bytes).to_base64();
        let stored = self
            .storage
            .client
            .upload_part()
            .bucket(&self.storage.bucket)
            .key(self.key.as_str())
            .upload_id(&self.upload_id)
            .part_number(number)
            .checksum_sha256(&sha256)
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(client::trouble)?;
        let part = CompletedPart::builder()
            .part_number(number)
            .set_e_tag(stored.e_tag)
            .checksum_sha256(sha256);
        self.stored.push(part.build());
        Ok(())
    }

    /// Makes one object of them.
    pub async fn finish(self) -> Result<()> {
        let all = CompletedMultipartUpload::builder().set_parts(Some(self.stored));
        let finished = self
            .storage
            .client
            .complete_multipart_upload()
            .bucket(&self.storage.bucket)
            .key(self.key.as_str())
            .upload_id(&self.upload_id)
            .multipart_upload(all.build())
            .send()
            .await;
        match finished {
            Ok(_) => Ok(()),
            // Asked again, because the first answer was lost on the way: there is nothing left to be finished.
            Err(error) if client::is_absent(&error) => match self.storage.head(&self.key).await? {
                Some(_) => Ok(()),
                None => Err(lost(error)),
            },
            Err(error) => Err(client::trouble(error)),
        }
    }
}

fn lost<E>(error: SdkError<E, Response>) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    Error::internal(error)
}
