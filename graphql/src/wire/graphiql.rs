//! GraphiQL, the page on which to try the API. Everything it needs is in the binary: it works without a network, and its content security
//! policy lets it load nothing from elsewhere.

use axum::{
    Router,
    extract::Path,
    response::{IntoResponse, Response},
    routing::get,
};
use http::{
    HeaderName, HeaderValue, StatusCode,
    header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
};
use tower_http::compression::CompressionLayer;

const HTML: &str = "text/html; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";

/// Styles may stand in the page because the editor computes some; scripts may not.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self' data:; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);
/// The names of vendored files carry their versions.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// The page under its own name, and its files.
pub fn routes() -> Router {
    Router::new()
        .route("/graphiql", get(async || page()))
        .route(
            "/assets/graphiql/{file}",
            get(async |Path(file): Path<String>| asset(&file)),
        )
        .layer(CompressionLayer::new())
}

/// The page.
pub fn page() -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(HTML)),
        (CACHE_CONTROL, ASK_AGAIN),
        (CONTENT_SECURITY_POLICY, POLICY),
        (REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, include_str!("graphiql/page.html")).into_response()
}

fn asset(file: &str) -> Response {
    let Some((content_type, caching, bytes)) = find(file) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers: [(HeaderName, HeaderValue); 3] = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CACHE_CONTROL, caching),
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, bytes).into_response()
}

fn find(file: &str) -> Option<(&'static str, HeaderValue, &'static [u8])> {
    macro_rules! vendored {
        ($name:literal) => {
            include_bytes!(concat!("graphiql/", $name)).as_slice()
        };
    }
    Some(match file {
        "console.js" => (SCRIPT, ASK_AGAIN, vendored!("console.js")),
        "console.css" => (STYLE, ASK_AGAIN, vendored!("console.css")),
        "graphiql-3.9.0.min.css" => (STYLE, FOREVER, vendored!("graphiql-3.9.0.min.css")),
        "graphiql-3.9.0.min.js" => (SCRIPT, FOREVER, vendored!("graphiql-3.9.0.min.js")),
        "graphql-ws-6.4.2.min.js" => (SCRIPT, FOREVER, vendored!("graphql-ws-6.4.2.min.js")),
        "react-18.3.1.production.min.js" => (SCRIPT, FOREVER, vendored!("react-18.3.1.production.min.js")),
        "react-dom-18.3.1.production.min.js" => {
            (SCRIPT, FOREVER, vendored!("react-dom-18.3.1.production.min.js"))
        }
        _ => return None,
    })
}
