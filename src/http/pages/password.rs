//! The page behind the link in a password mail, which also asks for one. A guest of the public endpoints like any other.

use axum::Router;
use axum::routing::get;

use super::invitation::file;

const HTML: &str = include_str!("files/password/index.html");
const SCRIPT: &str = include_str!("files/password/page.js");

pub fn routes() -> Router {
    Router::new()
        .route(
            "/password",
            get(|| async { file("text/html; charset=utf-8", HTML) }),
        )
        .route(
            "/assets/password/page.js",
            get(|| async { file("text/javascript; charset=utf-8", SCRIPT) }),
        )
}
