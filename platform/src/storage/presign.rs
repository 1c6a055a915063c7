//! Addresses that let a browser do exactly one thing with one object, for minutes.
//!
//! Times here are real time, not the App's clock: the store compares them with its own.

use std::time::{Duration, SystemTime};

use aws_sdk_s3::presigning::PresigningConfig;
use chrono::{DateTime, Utc};

use super::{Key, Sha256, Storage, client, disposition};
use crate::error::{Error, Result};

/// Permission to upload one object: the request must be made exactly so.
#[derive(Clone, PartialEq, Eq)]
pub struct PresignedPut {
    pub url: String,
    pub method: &'static str,
    /// To be sent as they are; all are covered by the signature.
    pub headers: Vec<(String, String)>,
    pub expires_at: DateTime<Utc>,
}

impl std::fmt::Debug for PresignedPut {
    /// Without the address: whoever has it may upload, so it must not get into logs.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("PresignedPut")
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Storage {
    /// An address for one upload, bound to key, length, type and SHA-256 by signed headers.
    pub async fn presign_put(
        &self,
        key: &Key,
        byte_size: u64,
        content_type: &str,
        sha256: &Sha256,
        lifetime: Duration,
    ) -> Result<PresignedPut> {
        let (window, expires_at) = window(lifetime)?;
        let request = self
            .signer
            .put_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .content_length(i64::try_from(byte_size).map_err(Error::internal)?)
            .content_type(content_type)
            .checksum_sha256(sha256.to_base64())
            .presigned(window)
            .await
            .map_err(client::trouble)?;
        let headers = request
            .headers()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Ok(PresignedPut {
            url: request.uri().to_owned(),
            method: "PUT",
            headers,
            expires_at,
        })
    }

    /// A link that downloads the object under `filename`, never opens it in the page.
    pub async fn presign_get(
        &self,
        key: &Key,
        filename: &str,
        content_type: &str,
        lifetime: Duration,
    ) -> Result<(String, DateTime<Utc>)> {
        let (window, expires_at) = window(lifetime)?;
        let request = self
            .signer
            .get_object()
            .bucket(&self.bucket)
            .key(key.as_str())
            .response_content_disposition(disposition::attachment(filename))
            .response_content_type(content_type)
            .response_cache_control("private, no-store")
            .presigned(window)
            .await
            .map_err(client::trouble)?;
        Ok((request.uri().to_owned(), expires_at))
    }
}

fn window(lifetime: Duration) -> Result<(PresigningConfig, DateTime<Utc>)> {
    let start = SystemTime::now();
    let window = PresigningConfig::builder()
        .start_time(start)
        .expires_in(lifetime)
        .build()
        .map_err(Error::internal)?;
    Ok((window, DateTime::from(start + lifetime)))
}
