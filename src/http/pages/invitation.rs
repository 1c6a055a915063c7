//! The page behind the link in an invitation mail. It is a guest of the public API like any other: the token never reaches a server's log.

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

const HTML: &str = include_str!("files/invitation/index.html");
const STYLE: &str = include_str!("files/invitation/page.css");
const SCRIPT: &str = include_str!("files/invitation/page.js");
/// Nothing from elsewhere, nothing inline, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'";

pub fn routes() -> Router {
    Router::new()
        .route(
            "/invitation",
            get(|| async { file("text/html; charset=utf-8", HTML) }),
        )
        .route(
            "/assets/invitation/page.css",
            get(|| async { file("text/css; charset=utf-8", STYLE) }),
        )
        .route(
            "/assets/invitation/page.js",
            get(|| async { file("text/javascript; charset=utf-8", SCRIPT) }),
        )
}

/// A file of a page of ours, with the headers that keep everything foreign out.
pub(crate) fn file(content_type: &'static str, text: &'static str) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (CACHE_CONTROL, HeaderValue::from_static("no-cache")),
    ];
    (headers, text).into_response()
}
