//! How the S3 client is set up, and what its errors mean to us.

use std::time::Duration;

use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedCredentialsProvider,
};
use aws_sdk_s3::error::{ProvideErrorMetadata, SdkError};
use aws_smithy_runtime_api::http::Response;
use secrecy::ExposeSecret;
use url::Url;

use super::StorageConfig;
use crate::error::Error;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);
/// For all attempts and the pauses between them.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(25);
const ATTEMPTS: u32 = 3;

/// The configured key pair; only without one is the machine asked for its own identity.
pub(super) async fn credentials(config: &StorageConfig) -> Option<SharedCredentialsProvider> {
    if let Some(pair) = &config.credentials {
        let secret = pair.secret.expose_secret();
        let pair =
            aws_sdk_s3::config::Credentials::new(&pair.access_key, secret, None, None, "configuration");
        return Some(SharedCredentialsProvider::new(pair));
    }
    let region = Region::new(config.region.clone());
    aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region)
        .load()
        .await
        .credentials_provider()
}

/// A client for one address. Built from nothing but the arguments: no environment variable and no file of the user changes it.
pub(super) fn client(
    config: &StorageConfig,
    address: Option<&Url>,
    credentials: Option<SharedCredentialsProvider>,
) -> aws_sdk_s3::Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build();
    let retries = RetryConfig::standard()
        .with_max_attempts(ATTEMPTS)
        .with_initial_backoff(Duration::from_millis(100))
        .with_max_backoff(Duration::from_secs(2));
    // We name the SHA-256 ourselves; the SDK's own CRC would be a second checksum that not every S3 knows.
    let mut builder = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(config.region.clone()))
        .force_path_style(config.force_path_style)
        .timeout_config(timeouts)
        .retry_config(retries)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    builder.set_credentials_provider(credentials);
    if let Some(address) = address {
        builder = builder.endpoint_url(address.as_str().trim_end_matches('/'));
    }
    aws_sdk_s3::Client::from_conf(builder.build())
}

/// A 404 for the object; one for the bucket is a mistake in the configuration and must not pass for "no such upload".
pub(super) fn is_absent<E: ProvideErrorMetadata>(error: &SdkError<E, Response>) -> bool {
    let status = error.raw_response().map(|response| response.status().as_u16());
    status == Some(404)
        && error.as_service_error().and_then(ProvideErrorMetadata::code) != Some("NoSuchBucket")
}

/// Sorts what the store answered (or did not) into "try again later" and "a defect".
pub(super) fn trouble<E>(error: SdkError<E, Response>) -> Error
where
    E: std::error::Error + Send + Sync + 'static,
{
    let passing = match &error {
        SdkError::TimeoutError(_) | SdkError::DispatchFailure(_) | SdkError::ResponseError(_) => true,
        SdkError::ServiceError(answer) => matches!(answer.raw().status().as_u16(), 429 | 500..=599),
        _ => false,
    };
    if passing {
        Error::Unavailable(Box::new(error))
    } else {
        Error::internal(error)
    }
}
