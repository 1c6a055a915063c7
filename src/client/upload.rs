//! Brings a file to the object store: the server names the place, the file goes there directly.

use std::path::Path;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use reqwest::Method;
use serde::Deserialize;
use serde_json::json;

use super::api::{Api, link};
use super::error::{ClientError, UserError, refuse};
use crate::imports::parse::MAX_FILE_BYTES;

/// For the file itself: 5 MiB over a slow line.
const TRANSFER_TIMEOUT: Duration = Duration::from_mins(3);

const CREATE_UPLOAD: &str = "mutation CreateUpload($input: CreateUploadInput!) {
  createUpload(input: $input) {
    upload { id }
    target { url method headers { name value } }
    userErrors { code message }
  }
}";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Created {
    create_upload: Payload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    upload: Option<Upload>,
    target: Option<Target>,
    user_errors: Vec<UserError>,
}

#[derive(Deserialize)]
struct Upload {
    id: String,
}

#[derive(Deserialize)]
struct Target {
    url: String,
    method: String,
    headers: Vec<Header>,
}

#[derive(Deserialize)]
struct Header {
    name: String,
    value: String,
}

/// Uploads a CSV file of people and gives back the id of the upload.
pub async fn upload(api: &Api, file: &Path) -> Result<String, ClientError> {
    let bytes = read(file).await?;
    let input = json!({
        "purpose": "USER_IMPORT",
        "filename": file.file_name().unwrap_or_default().to_string_lossy(),
        "byteSize": bytes.len(),
        "contentType": "text/csv",
        "sha256": STANDARD.encode(digest(&SHA256, &bytes)),
    });
    let Created {
        create_upload: created,
    } = api
        .query_patiently(CREATE_UPLOAD, json!({ "input": input }))
        .await?;
    refuse(created.user_errors)?;
    let (Some(upload), Some(target)) = (created.upload, created.target) else {
        return Err(ClientError::Answer("it names no place for the file".into()));
    };
    send(api, target, bytes).await?;
    Ok(upload.id)
}

/// Refuses a file that no server would take before reading it.
async fn read(file: &Path) -> Result<Vec<u8>, ClientError> {
    let unreadable = |source| ClientError::File {
        path: file.to_owned(),
        source,
    };
    let size = tokio::fs::metadata(file).await.map_err(unreadable)?.len();
    if usize::try_from(size).map_or(true, |size| size > MAX_FILE_BYTES) {
        return Err(ClientError::FileTooLarge(file.to_owned()));
    }
    tokio::fs::read(file).await.map_err(unreadable)
}

/// The link is signed over its headers, so exactly those are sent; and no token, which is none of the store's business.
async fn send(api: &Api, target: Target, bytes: Vec<u8>) -> Result<(), ClientError> {
    let url = link(&target.url)?;
    let method = Method::from_bytes(target.method.as_bytes())
        .map_err(|_| ClientError::Answer(format!("\"{}\" is no HTTP method", target.method)))?;
    let request = api
        .http()
        .request(method, url.clone())
        .timeout(TRANSFER_TIMEOUT)
        .body(bytes);
    let response = target
        .headers
        .iter()
        .fold(request, |request, header| {
            request.header(&header.name, &header.value)
        })
        .send()
        .await
        .map_err(|error| ClientError::unreachable(&url, error))?;
    let status = response.status();
    if status.is_success() {
        return Ok(());
    }
    let answer = response.text().await.unwrap_or_default();
    let explanation = format!(
        "The file was not stored{}.",
        store_error(&answer).map_or_else(String::new, |code| format!(" ({code})"))
    );
    Err(ClientError::status(&url, status, explanation))
}

/// The code in the XML with which object stores explain themselves.
fn store_error(answer: &str) -> Option<&str> {
    let (_, rest) = answer.split_once("<Code>")?;
    let (code, _) = rest.split_once("</Code>")?;
    Some(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_of_an_object_store_is_found() {
        let answer = "<?xml version=\"1.0\"?><Error><Code>BadDigest</Code><Message>No.</Message></Error>";
        assert_eq!(store_error(answer), Some("BadDigest"));
        assert_eq!(store_error("<html>gateway</html>"), None);
    }

    #[tokio::test]
    async fn a_file_too_large_is_refused_unread_and_a_missing_one_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let large = folder.path().join("large.csv");
        let file = std::fs::File::create(&large).unwrap();
        file.set_len(u64::try_from(MAX_FILE_BYTES).unwrap() + 1).unwrap();
        assert!(matches!(read(&large).await, Err(ClientError::FileTooLarge(_))));
        file.set_len(u64::try_from(MAX_FILE_BYTES).unwrap()).unwrap();
        assert!(read(&large).await.is_ok());

        let error = read(&folder.path().join("none.csv")).await.unwrap_err();
        assert!(error.to_string().contains("none.csv"), "{error}");
    }
}
