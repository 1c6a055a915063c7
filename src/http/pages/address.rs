//! The page behind the link that is sent to a new address. Opening it changes nothing: programs that look at mails follow links.

use axum::Router;
use axum::routing::get;

use super::invitation::file;

const HTML: &str = include_str!("files/email/index.html");
const SCRIPT: &str = include_str!("files/email/page.js");

pub fn routes() -> Router {
    Router::new()
        .route("/email", get(|| async { file("text/html; charset=utf-8", HTML) }))
        .route(
            "/assets/email/page.js",
            get(|| async { file("text/javascript; charset=utf-8", SCRIPT) }),
        )
}
