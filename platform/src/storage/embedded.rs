//! The store that needs nothing installed: S3 on a folder, in this process, behind the same listener as the API.
//!
//! Being of the same origin, a browser uploads to it without CORS. Being of the same origin, it must also never serve a page:
//! every answer is sandboxed and sniffing is off.

use std::io::Write;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;
use std::sync::Arc;
use std::{fs, io};

use aws_lc_rs::rand;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use s3s::service::{S3Service, S3ServiceBuilder};
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::set_header::SetResponseHeaderLayer;

use super::Credentials;
use super::shelf::{OwnObjectsOnly, Shelf};
use crate::error::{Error, Result};

/// The longest object: an import file (5 MiB) with room to spare.
pub const BODY_LIMIT: usize = 6 * 1024 * 1024;

/// An S3 with one bucket and one key pair, kept in a folder. To be kept while its router serves: it holds the folder's lock.
#[derive(Clone, Debug)]
pub struct Embedded {
    bucket: String,
    credentials: Credentials,
    service: S3Service,
    _lock: Arc<fs::File>,
}

impl Embedded {
    /// Opens the store in `folder`, making the bucket and a random key pair when they are not there yet.
    pub fn open(folder: &Path, bucket: &str) -> Result<Self> {
        if !is_bucket_name(bucket) {
            return Err(Error::internal(format!("not a bucket name: {bucket:?}")));
        }
        let root = folder.join("objects");
        // Uploads are lists of people: nobody else on the machine shall read them.
        let mut maker = fs::DirBuilder::new();
        maker
            .recursive(true)
            .mode(0o700)
            .create(root.join(bucket))
            .map_err(Error::internal)?;
        let lock = lock(folder).map_err(Error::internal)?;
        let credentials = load_or_make_credentials(folder).map_err(Error::internal)?;

        let mut builder = S3ServiceBuilder::new(Shelf::open(&root)?);
        let secret = credentials.secret.expose_secret();
        builder.set_auth(s3s::auth::SimpleAuth::from_single(
            credentials.access_key.clone(),
            secret,
        ));
        builder.set_access(OwnObjectsOnly::new(bucket));
        Ok(Self {
            bucket: bucket.to_owned(),
            credentials,
            service: builder.build(),
            _lock: Arc::new(lock),
        })
    }

    /// For [`StorageConfig::credentials`](super::StorageConfig::credentials).
    pub fn credentials(&self) -> &Credentials {
        &self.credentials
    }

    /// Serves `/{bucket}` and `/{bucket}/{key}`. To be merged, not nested: signatures cover the whole path.
    pub fn router(&self) -> Router {
        let fixed = |name: HeaderName, value: &'static str| {
            SetResponseHeaderLayer::overriding(name, HeaderValue::from_static(value))
        };
        Router::new()
            .route(&format!("/{}", self.bucket), any(serve))
            .route(&format!("/{}/", self.bucket), any(serve))
            .route(&format!("/{}/{{*key}}", self.bucket), any(serve))
            .layer(RequestBodyLimitLayer::new(BODY_LIMIT))
            .layer(fixed(
                header::CONTENT_SECURITY_POLICY,
                "sandbox; default-src 'none'",
            ))
            .layer(fixed(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
            .with_state(self.service.clone())
    }
}

async fn serve(State(service): State<S3Service>, request: Request) -> Response {
    if !dates_are_digits(request.uri().query().unwrap_or_default()) {
        return StatusCode::BAD_REQUEST.into_response();
    }
    let method = request.method().clone();
    match service.call(request.map(s3s::Body::http_body_unsync)).await {
        Ok(response) => {
            let status = response.status();
            // Never the address: it may be a signed one.
            if status.is_server_error() && status != StatusCode::NOT_IMPLEMENTED {
                tracing::error!(%method, %status, "the embedded store failed");
            } else if status.is_client_error() {
                tracing::debug!(%method, %status, "the embedded store refused a request");
            }
            response.map(Body::new)
        }
        Err(error) => {
            tracing::error!(?error, %method, "the embedded store could not answer");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Whether what stands for the date of a signed address could be one. The service reads it by subtracting from each character, which is a panic in a
/// build that checks arithmetic.
fn dates_are_digits(query: &str) -> bool {
    let dates = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "X-Amz-Date");
    dates
        .into_iter()
        .all(|(_, date)| date.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// S3's alphabet; shorter than S3's 63, because bucket and key together become a file name.
fn is_bucket_name(text: &str) -> bool {
    (3..=40).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Two processes in one folder would write each other's drafts.
fn lock(folder: &Path) -> io::Result<fs::File> {
    let file = fs::File::create(folder.join("storage.lock"))?;
    file.try_lock().map_err(|error| match error {
        fs::TryLockError::WouldBlock => io::Error::other(format!(
            "another process serves the files in {}",
            folder.display()
        )),
        fs::TryLockError::Error(error) => error,
    })?;
    Ok(file)
}

#[derive(Serialize, Deserialize)]
struct KeyPair {
    access_key: String,
    secret: String,
}

/// The folder's own key pair: made once, whole or not at all.
fn load_or_make_credentials(folder: &Path) -> io::Result<Credentials> {
    let path = folder.join("storage-keys.json");
    if !path.exists() {
        let draft = folder.join(format!(".storage-keys.{}", random_text()?));
        let pair = KeyPair {
            access_key: format!("muster{}", random_text()?),
            secret: random_text()? + &random_text()?,
        };
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&draft)?;
        file.write_all(&serde_json::to_vec(&pair)?)?;
        file.sync_all()?;
        fs::rename(draft, &path)?;
    }
    // A backup may have come back readable for everybody.
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600))?;
    let pair: KeyPair = serde_json::from_slice(&fs::read(&path)?)?;
    Ok(Credentials {
        access_key: pair.access_key,
        secret: pair.secret.into(),
    })
}

/// 144 random bits.
fn random_text() -> io::Result<String> {
    let mut bytes = [0; 18];
    rand::fill(&mut bytes).map_err(|_| io::Error::other("no random numbers to be had"))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keys_are_random_private_and_stay() {
        let folder = tempfile::tempdir().unwrap();
        let secret = |store: &Embedded| store.credentials().secret.expose_secret().to_owned();
        let first = Embedded::open(folder.path(), "muster").unwrap();
        let first_secret = secret(&first);
        assert!(first_secret.len() >= 40);
        assert!(!format!("{first:?}").contains(&first_secret));
        drop(first);
        assert_eq!(
            secret(&Embedded::open(folder.path(), "muster").unwrap()),
            first_secret
        );
        let elsewhere = tempfile::tempdir().unwrap();
        assert_ne!(
            secret(&Embedded::open(elsewhere.path(), "muster").unwrap()),
            first_secret
        );

        let mode = fs::metadata(folder.path().join("storage-keys.json"))
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
        let objects = fs::metadata(folder.path().join("objects/muster")).unwrap();
        assert!(objects.is_dir());
        assert_eq!(objects.permissions().mode() & 0o777, 0o700);
    }

    #[test]
    fn a_folder_is_served_once_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let first = Embedded::open(folder.path(), "muster").unwrap();
        assert!(Embedded::open(folder.path(), "muster").is_err());
        drop(first);
        assert!(Embedded::open(folder.path(), "muster").is_ok());
    }

    #[test]
    fn a_bucket_that_could_leave_the_folder_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for bad in [
            "..",
            "../x",
            "a/b",
            "",
            "ab",
            "Upper",
            "-abc",
            "abc-",
            &"a".repeat(41),
        ] {
            assert!(Embedded::open(folder.path(), bad).is_err(), "{bad:?}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }
    #[test]
    fn dates_of_addresses_are_digits_or_refused_before_they_are_read() {
        assert!(super::dates_are_digits(
            "X-Amz-Date=20261127T144900Z&X-Amz-Signature=%2F"
        ));
        for bad in ["X-Amz-Date=2026%2F127T144900Z", "X-Amz-Date=a&X-Amz-Date=%20"] {
            assert!(!super::dates_are_digits(bad), "{bad}");
        }
    }
}
