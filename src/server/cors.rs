//! What a browser lets pages of other origins read: everything here, if their origin is allowed, and nothing otherwise.

use std::time::Duration;

use axum::http::header::{CONTENT_DISPOSITION, ETAG, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, Method};
use tower_http::cors::{AllowCredentials, AllowHeaders, AllowOrigin, CorsLayer};

use super::listener::REQUEST_ID;
use crate::error::{Error, Result};

/// How long a browser may remember that it may ask. Chromium forgets after two hours whatever is said.
const REMEMBERED: Duration = Duration::from_hours(1);

/// Answers preflights, and marks what the allowed origins may read. Cookies travel for them alone.
pub fn layer(origins: &[String]) -> Result<CorsLayer> {
    let allowed = origins.iter().map(|origin| HeaderValue::from_str(origin));
    let allowed: Vec<HeaderValue> = allowed.collect::<Result<_, _>>().map_err(Error::internal)?;
    let with_cookies = allowed.clone();
    Ok(CorsLayer::new()
        .allow_origin(AllowOrigin::list(allowed))
        .allow_credentials(AllowCredentials::predicate(move |origin, _| {
            with_cookies.contains(origin)
        }))
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::PUT])
        // Whatever a client library adds (tracing, names of operations) is harmless from an origin we trust.
        .allow_headers(AllowHeaders::mirror_request())
        .expose_headers([
            CONTENT_DISPOSITION,
            ETAG,
            RETRY_AFTER,
            WWW_AUTHENTICATE,
            REQUEST_ID,
        ])
        .max_age(REMEMBERED))
}
