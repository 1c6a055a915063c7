//! Object storage: uploaded files on their way in, exports on their way out.
//!
//! Browsers never send files through the API. They get a [presigned](PresignedPut) address for one key, one length, one type and
//! one SHA-256, and the store itself refuses anything else; downloads are links that live for minutes. What was
//! uploaded is [pinned](Storage::pin) before anybody reads it: the bytes that were checked are the bytes that are kept, under a key for which
//! no address was ever given out, so a second upload to the first address changes nothing.
//!
//! Everything speaks S3, also to the [`Embedded`] store in this process: one code path from a laptop to a cluster.

mod client;
mod digest;
mod disposition;
mod embedded;
mod key;
mod pieces;
mod presign;
mod shelf;

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use axum::body::Bytes;
use secrecy::SecretString;
use url::Url;

use crate::error::{Error, Result};

pub use self::digest::Sha256;
pub use self::embedded::{BODY_LIMIT, Embedded};
pub use self::key::Key;
pub use self::pieces::{PIECE, Pieces};
pub use self::presign::PresignedPut;

/// Time a whole object may take to arrive after its first byte. Objects have 5 MiB at the most: half a MiB a second is the least speed.
const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Where the objects are and how to sign for them.
#[derive(Clone, Debug)]
pub struct StorageConfig {
    /// Where this process reaches the store; `None` is AWS in `region`.
    pub endpoint: Option<Url>,
    /// Where browsers reach it, when that is another address; presigned addresses are made for it.
    pub public_url: Option<Url>,
    pub region: String,
    pub bucket: String,
    /// `None` takes the machine's own identity (AWS environment, profile or instance role): for production on AWS only.
    pub credentials: Option<Credentials>,
    /// `https://store/bucket/key` instead of `https://bucket.store/key`: the embedded store, Ceph and others want it.
    pub force_path_style: bool,
}

/// A key pair of the store.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub access_key: String,
    pub secret: SecretString,
}

/// What the store knows of an object without reading it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    pub size: u64,
    pub etag: Option<String>,
    pub content_type: Option<String>,
}

/// Why an object's bytes were not handed out.
#[derive(Debug)]
pub enum ReadError {
    /// There is no such object (yet, or any more).
    Absent,
    /// It is longer than the caller is willing to hold.
    TooLarge { limit: u64 },
    /// It is not as long as was announced.
    LengthMismatch { actual: u64 },
    /// It has other bytes than were announced.
    ChecksumMismatch,
    /// The store did not answer, or not as an S3 does.
    Failed(Error),
}

impl From<Error> for ReadError {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// The object store as the product sees it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Storage {
    /// Speaks to the store.
    client: aws_sdk_s3::Client,
    /// Only signs, for the address that browsers use.
    signer: aws_sdk_s3::Client,
    bucket: String,
}

impl Storage {
    /// Prepares the clients. Sends nothing, except to find the machine's identity when no credentials are configured.
    pub async fn connect(config: &StorageConfig) -> Self {
        let credentials = client::credentials(config).await;
        let client = client::client(config, config.endpoint.as_ref(), credentials.clone());
        let public = config.public_url.as_ref().or(config.endpoint.as_ref());
        let signer = client::client(config, public, credentials);
        Self {
            client,
            signer,
            bucket: config.bucket.clone(),
        }
    }

    /// Whether the bucket answers to our credentials; which is asked at start.
    pub async fn check(&self) -> Result<()> {
        self.client
            .head_bucket()
            .bucket(&self.bucket)
            .send()
            .await
            .map_err(client::trouble)?;
        Ok(())
    }

    /// What is under `key`; `None` if nothing is.
    pub async fn head(&self, key: &Key) -> Result<Option<ObjectInfo>> {
        match self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .send()
            .await
        {
            Ok(found) => Ok(Some(ObjectInfo {
                size: found
                    .content_length()
                    .and_then(|size| u64::try_from(size).ok())
                    .unwrap_or(0),
                etag: found.e_tag().map(str::to_owned),
                content_type: found.content_type().map(str::to_owned),
            })),
            Err(error) if client::is_absent(&error) => Ok(None),
            Err(error) => Err(client::trouble(error)),
        }
    }

    /// The whole object, unless it is longer than `limit` bytes: then reading stops there.
    pub async fn get_limited(&self, key: &Key, limit: u64) -> Result<Bytes, ReadError> {
        let found = match self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .send()
            .await
        {
            Ok(found) => found,
            Err(error) if client::is_absent(&error) => return Err(ReadError::Absent),
            Err(error) => return Err(client::trouble(error).into()),
        };
        let announced = found.content_length().and_then(|size| u64::try_from(size).ok());
        if announced.is_some_and(|size| size > limit) {
            return Err(ReadError::TooLarge { limit });
        }
        match tokio::time::timeout(READ_TIMEOUT, collect(found.body, limit)).await {
            Ok(outcome) => outcome,
            Err(elapsed) => Err(Error::Unavailable(Box::new(elapsed)).into()),
        }
    }

    /// Stores `bytes` under `key`, replacing what was there. The store checks their SHA-256.
    pub async fn put(&self, key: &Key, bytes: Bytes, content_type: &str) -> Result<()> {
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_type(content_type)
            .checksum_sha256(Sha256::of(&bytes).to_base64())
            .body(ByteStream::from(bytes))
            .send()
            .await
            .map_err(client::trouble)?;
        Ok(())
    }

    /// Takes what was uploaded under `from` into keeping under `to`, if it is what was announced, and answers with its bytes.
    ///
    /// The very bytes that were checked are stored, so nobody who can still write to `from` can swap them.
    pub async fn pin(
        &self,
        from: &Key,
        to: &Key,
        byte_size: u64,
        sha256: &Sha256,
        content_type: &str,
    ) -> Result<Bytes, ReadError> {
        let bytes = match self.get_limited(from, byte_size).await {
            Err(ReadError::TooLarge { .. }) => {
                let actual = self.head(from).await?.map_or(0, |info| info.size);
                return Err(ReadError::LengthMismatch { actual });
            }
            outcome => outcome?,
        };
        let actual = bytes.len() as u64;
        if actual != byte_size {
            return Err(ReadError::LengthMismatch { actual });
        }
        if Sha256::of(&bytes) != *sha256 {
            return Err(ReadError::ChecksumMismatch);
        }
        self.put(to, bytes.clone(), content_type).await?;
        Ok(bytes)
    }

    /// Removes what is under `key`; it is no error if nothing is.
    pub async fn delete(&self, key: &Key) -> Result<()> {
        match self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .send()
            .await
        {
            Ok(_) => Ok(()),
            Err(error) if client::is_absent(&error) => Ok(()),
            Err(error) => Err(client::trouble(error)),
        }
    }
}

/// Reads a body to its end, or to `limit`.
async fn collect(mut body: ByteStream, limit: u64) -> Result<Bytes, ReadError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = body.next().await {
        let chunk = chunk.map_err(|error| Error::Unavailable(Box::new(error)))?;
        if bytes.len() as u64 + chunk.len() as u64 > limit {
            return Err(ReadError::TooLarge { limit });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}
