//! What the embedded store lets happen to its folder: four operations on single objects and those by which one is written in pieces, by signed requests.
//!
//! `s3s-fs` keeps the files; this wrapper closes what it leaves open. It stores a body before it checks the checksum (we check
//! first), ignores `response-*` overrides (we apply them), takes pieces for any object once an upload was begun (we ask for which), and would list and copy objects (we do not
//! forward those).

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use axum::http::HeaderName;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::access::{S3Access, S3AccessContext};
use s3s::dto::{
    AbortMultipartUploadInput, AbortMultipartUploadOutput, CompleteMultipartUploadInput,
    CompleteMultipartUploadOutput, CreateMultipartUploadInput, CreateMultipartUploadOutput,
    DeleteObjectInput, DeleteObjectOutput, GetObjectInput, GetObjectOutput, HeadBucketInput,
    HeadBucketOutput, HeadObjectInput, HeadObjectOutput, PutObjectInput, PutObjectOutput, StreamingBlob,
    UploadPartInput, UploadPartOutput,
};
use s3s::path::S3Path;
use s3s::{Body, S3, S3Request, S3Response, S3Result, s3_error};
use s3s_fs::FileSystem;

use super::embedded::BODY_LIMIT;
use super::{Key, Sha256};
use crate::error::{Error, Result};

/// The folder behind the store.
pub(super) struct Shelf {
    root: PathBuf,
    files: FileSystem,
}

impl Shelf {
    pub fn open(root: &Path) -> Result<Self> {
        let files = FileSystem::new(root).map_err(|error| Error::internal(format!("{error:?}")))?;
        Ok(Self {
            root: root.to_owned(),
            files,
        })
    }
}

#[async_trait]
impl S3 for Shelf {
    async fn put_object(
        &self,
        mut request: S3Request<PutObjectInput>,
    ) -> S3Result<S3Response<PutObjectOutput>> {
        let input = &mut request.input;
        let other_checksum = input.content_md5.is_some()
            || input.checksum_algorithm.is_some()
            || input.checksum_crc32.is_some()
            || input.checksum_crc32c.is_some()
            || input.checksum_crc64nvme.is_some()
            || input.checksum_sha1.is_some();
        let expected = input.checksum_sha256.as_deref().filter(|_| !other_checksum);
        input.body = Some(checked(input.body.take(), expected).await?);
        self.files.put_object(request).await
    }

    async fn create_multipart_upload(
        &self,
        request: S3Request<CreateMultipartUploadInput>,
    ) -> S3Result<S3Response<CreateMultipartUploadOutput>> {
        self.files.create_multipart_upload(request).await
    }

    async fn upload_part(
        &self,
        mut request: S3Request<UploadPartInput>,
    ) -> S3Result<S3Response<UploadPartOutput>> {
        self.begun(
            &request.input.bucket,
            &request.input.key,
            &request.input.upload_id,
        )?;
        let input = &mut request.input;
        let other_checksum = input.content_md5.is_some()
            || input.checksum_crc32.is_some()
            || input.checksum_crc32c.is_some()
            || input.checksum_crc64nvme.is_some()
            || input.checksum_sha1.is_some();
        let expected = input.checksum_sha256.as_deref().filter(|_| !other_checksum);
        input.body = Some(checked(input.body.take(), expected).await?);
        self.files.upload_part(request).await
    }

    async fn complete_multipart_upload(
        &self,
        request: S3Request<CompleteMultipartUploadInput>,
    ) -> S3Result<S3Response<CompleteMultipartUploadOutput>> {
        self.begun(
            &request.input.bucket,
            &request.input.key,
            &request.input.upload_id,
        )?;
        self.files.complete_multipart_upload(request).await
    }

    async fn abort_multipart_upload(
        &self,
        request: S3Request<AbortMultipartUploadInput>,
    ) -> S3Result<S3Response<AbortMultipartUploadOutput>> {
        let input = &request.input;
        if let Err(refused) = self.begun(&input.bucket, &input.key, &input.upload_id) {
            self.remove_pieces(&input.upload_id).await;
            return Err(refused);
        }
        self.files.abort_multipart_upload(request).await
    }

    async fn get_object(&self, request: S3Request<GetObjectInput>) -> S3Result<S3Response<GetObjectOutput>> {
        let asked = request.input.clone();
        let mut response = self.files.get_object(request).await?;
        let output = &mut response.output;
        output.content_disposition = asked
            .response_content_disposition
            .or(output.content_disposition.take());
        output.content_type = asked.response_content_type.or(output.content_type.take());
        output.cache_control = asked.response_cache_control.or(output.cache_control.take());
        Ok(response)
    }

    async fn head_object(
        &self,
        request: S3Request<HeadObjectInput>,
    ) -> S3Result<S3Response<HeadObjectOutput>> {
        self.files.head_object(request).await
    }

    async fn head_bucket(
        &self,
        request: S3Request<HeadBucketInput>,
    ) -> S3Result<S3Response<HeadBucketOutput>> {
        self.files.head_bucket(request).await
    }

    async fn delete_object(
        &self,
        request: S3Request<DeleteObjectInput>,
    ) -> S3Result<S3Response<DeleteObjectOutput>> {
        let (bucket, key) = (request.input.bucket.clone(), request.input.key.clone());
        let response = self.files.delete_object(request).await?;
        self.remove_notes(&bucket, &key).await;
        Ok(response)
    }
}

/// A body whose SHA-256 is what was said of it: it is looked at before any of it is stored.
async fn checked(body: Option<StreamingBlob>, expected: Option<&str>) -> S3Result<StreamingBlob> {
    let Some(expected) = expected else {
        return Err(s3_error!(
            InvalidRequest,
            "x-amz-checksum-sha256, and no other checksum, is required"
        ));
    };
    let body = body.ok_or_else(|| s3_error!(IncompleteBody))?;
    let bytes = Body::from(body)
        .store_all_limited(BODY_LIMIT)
        .await
        .map_err(|_| s3_error!(IncompleteBody))?;
    if Sha256::parse_base64(expected) != Some(Sha256::of(&bytes)) {
        return Err(s3_error!(BadDigest, "the body has another SHA-256"));
    }
    Ok(StreamingBlob::from(Body::from(bytes)))
}

impl Shelf {
    /// Whether an upload in pieces was begun for just this object: `s3s-fs` would ask whether one was begun at all. It keeps a note beside the object until the end.
    fn begun(&self, bucket: &str, key: &str, upload_id: &str) -> S3Result<()> {
        let is_id = uuid::Uuid::parse_str(upload_id).is_ok_and(|id| id.to_string() == upload_id);
        let note = format!("{}.upload-{upload_id}.metadata.json", note_of(bucket, key));
        match is_id && self.root.join(note).exists() {
            true => Ok(()),
            false => Err(s3_error!(NoSuchUpload)),
        }
    }

    /// Whoever died while pieces were put together left some of an upload that is known no more.
    async fn remove_pieces(&self, upload_id: &str) {
        let beginning = format!(".upload_id-{upload_id}.part-");
        let Ok(mut files) = tokio::fs::read_dir(&self.root).await else {
            return;
        };
        while let Ok(Some(file)) = files.next_entry().await {
            if file.file_name().to_string_lossy().starts_with(&beginning) {
                let _ = tokio::fs::remove_file(file.path()).await;
            }
        }
    }

    /// `s3s-fs` leaves behind the notes it keeps beside an object. They hold nothing, so a note that stays is no failure.
    async fn remove_notes(&self, bucket: &str, key: &str) {
        let name = note_of(bucket, key);
        for kind in ["metadata", "internal"] {
            let _ = tokio::fs::remove_file(self.root.join(format!("{name}.{kind}.json"))).await;
        }
    }
}

/// What `s3s-fs` begins the names of its notes on an object with.
fn note_of(bucket: &str, key: &str) -> String {
    format!(
        ".bucket-{}.object-{}",
        URL_SAFE_NO_PAD.encode(bucket),
        URL_SAFE_NO_PAD.encode(key)
    )
}

/// Lets through requests that are signed with signature version 4, for our bucket, with every header that matters signed.
pub(super) struct OwnObjectsOnly {
    bucket: String,
}

impl OwnObjectsOnly {
    pub fn new(bucket: &str) -> Self {
        Self {
            bucket: bucket.to_owned(),
        }
    }
}

#[async_trait]
impl S3Access for OwnObjectsOnly {
    async fn check(&self, request: &mut S3AccessContext<'_>) -> S3Result<()> {
        let ours = match request.s3_path() {
            S3Path::Object { bucket, key } => **bucket == *self.bucket && Key::parse(key).is_ok(),
            S3Path::Bucket { bucket } => **bucket == *self.bucket,
            S3Path::Root => false,
        };
        let names: Vec<&str> = request.headers().keys().map(HeaderName::as_str).collect();
        if request.credentials().is_some() && ours && is_wholly_signed(request.uri().query(), &names) {
            Ok(())
        } else {
            Err(s3_error!(AccessDenied))
        }
    }
}

/// Of a presigned address the holder could otherwise make more than was given: `x-amz-copy-source`, say, would read a stranger's
/// object into their own. AWS refuses unsigned `x-amz-*` headers too. Version 2 signatures cover no headers of interest.
fn is_wholly_signed(query: Option<&str>, header_names: &[&str]) -> bool {
    let query: Vec<_> = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes()).collect();
    let value = |wanted: &str| {
        query
            .iter()
            .find(|(name, _)| name == wanted)
            .map(|(_, value)| value.as_ref())
    };
    if value("Signature").is_some() {
        return false;
    }
    if value("X-Amz-Signature").is_none() {
        // Signed by a header: only this process holds the keys, and its SDK signs all it sends.
        return header_names.contains(&"x-amz-content-sha256");
    }
    let signed: Vec<&str> = value("X-Amz-SignedHeaders")
        .unwrap_or_default()
        .split(';')
        .collect();
    header_names
        .iter()
        .all(|name| !name.starts_with("x-amz-") || signed.contains(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRESIGNED: &str =
        "X-Amz-SignedHeaders=content-length%3Bhost%3Bx-amz-checksum-sha256&X-Amz-Signature=abc";

    #[test]
    fn a_presigned_request_may_carry_only_the_amazon_headers_that_were_signed() {
        assert!(is_wholly_signed(
            Some(PRESIGNED),
            &["host", "content-length", "x-amz-checksum-sha256", "origin"]
        ));
        for extra in ["x-amz-copy-source", "x-amz-meta-a", "x-amz-acl", "x-amz-trailer"] {
            assert!(!is_wholly_signed(Some(PRESIGNED), &["host", extra]), "{extra}");
        }
    }

    #[test]
    fn version_2_signatures_are_not_taken() {
        assert!(!is_wholly_signed(
            Some("AWSAccessKeyId=a&Expires=1&Signature=b"),
            &["host"]
        ));
        assert!(!is_wholly_signed(
            Some(&format!("{PRESIGNED}&Signature=b")),
            &["host"]
        ));
        assert!(!is_wholly_signed(None, &["authorization", "date"]));
    }
}
