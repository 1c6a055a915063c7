//! The console: the application in `web/`, carried by the binary. Each of its screens has an address of its own, and all of them answer the same page.

use axum::Router;
use axum::extract::Path;
use axum::http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, VARY,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use console::File;

use super::invitation;
use crate::platform::storage::StorageConfig;

/// What the console's addresses begin with: the same words as in `web/src/shell/screens.ts`.
const SCREENS: [&str; 18] = [
    "sign-in",
    "people",
    "invite",
    "imports",
    "groups",
    "products",
    "contracts",
    "requests",
    "reports",
    "roles",
    "single-sign-on",
    "api-tokens",
    "audit",
    "account",
    "notifications",
    "me",
    "add-people",
    "contract-managers",
];
/// Where the files are; their names change with what is in them.
const ASSETS: &str = "assets/console";
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");
const NOT_BUILT: &str = include_str!("files/console/not_built.html");

/// `store` is where browsers send files to.
pub fn routes(store: &StorageConfig) -> Router {
    let policy = policy(store);
    let page = move |headers: HeaderMap| {
        let policy = policy.clone();
        async move { page(&headers, policy) }
    };
    let mut router = Router::new()
        .route("/", get(page.clone()))
        .route(&format!("/{ASSETS}/{{file}}"), get(asset));
    for screen in SCREENS {
        router = router
            .route(&format!("/{screen}"), get(page.clone()))
            .route(&format!("/{screen}/{{*rest}}"), get(page.clone()));
    }
    router
}

/// Nothing from elsewhere and nothing inline; files go to the store, whose addresses `createUpload` signs.
fn policy(store: &StorageConfig) -> HeaderValue {
    let store = origin(store).unwrap_or_default();
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self'; connect-src 'self' {store}; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    );
    // What is no header names no store that a browser could reach.
    HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"))
}

/// Of the addresses that the store is given out by.
fn origin(store: &StorageConfig) -> Option<String> {
    let (scheme, host) = match store.public_url.as_ref().or(store.endpoint.as_ref()) {
        Some(url) => {
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            (url.scheme(), format!("{}{port}", url.host_str()?))
        }
        None => ("https", format!("s3.{}.amazonaws.com", store.region)),
    };
    Some(match store.force_path_style {
        true => format!("{scheme}://{host}"),
        false => format!("{scheme}://{}.{host}", store.bucket),
    })
}

fn page(headers: &HeaderMap, policy: HeaderValue) -> Response {
    let Some(page) = console::page() else {
        return invitation::file("text/html; charset=utf-8", NOT_BUILT);
    };
    let mut response = answer(page, headers, ASK_AGAIN);
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    response
}

async fn asset(Path(name): Path<String>, headers: HeaderMap) -> Response {
    match console::find(&format!("{ASSETS}/{name}")) {
        Some(file) => answer(file, &headers, FOREVER),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Compressed as it was built for whoever takes that; the layers above compress for everybody else.
fn answer(file: &'static File, asked: &HeaderMap, caching: HeaderValue) -> Response {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(file.content_type()));
    headers.insert(CACHE_CONTROL, caching);
    headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
    match file.brotli.filter(|_| takes_brotli(asked)) {
        Some(brotli) => {
            headers.insert(CONTENT_ENCODING, HeaderValue::from_static("br"));
            (headers, brotli).into_response()
        }
        None => (headers, file.bytes).into_response(),
    }
}

fn takes_brotli(headers: &HeaderMap) -> bool {
    let taken = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    taken.flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let is_brotli = parts.next().is_some_and(|name| name.eq_ignore_ascii_case("br"));
        is_brotli
            && !parts.any(|part| matches!(part.strip_prefix("q="), Some("0" | "0.0" | "0.00" | "0.000")))
    })
}

#[cfg(test)]
mod tests {
    use axum::http::header::ACCEPT_ENCODING;
    use axum::http::{HeaderMap, HeaderValue};

    use super::{origin, takes_brotli};
    use crate::platform::storage::StorageConfig;

    fn store(endpoint: Option<&str>, force_path_style: bool) -> StorageConfig {
        StorageConfig {
            endpoint: endpoint.map(|endpoint| endpoint.parse().unwrap()),
            public_url: None,
            region: "eu-central-1".to_owned(),
            bucket: "files".to_owned(),
            credentials: None,
            force_path_style,
        }
    }

    #[test]
    fn files_may_be_sent_to_the_store_and_to_nobody_else() {
        let at = |endpoint, by_path| origin(&store(endpoint, by_path)).unwrap();
        assert_eq!(at(Some("http://127.0.0.1:9000/"), true), "http://127.0.0.1:9000");
        assert_eq!(
            at(Some("https://s3.example.com/"), false),
            "https://files.s3.example.com"
        );
        assert_eq!(at(None, false), "https://files.s3.eu-central-1.amazonaws.com");
        assert_eq!(at(None, true), "https://s3.eu-central-1.amazonaws.com");
    }

    #[test]
    fn brotli_goes_to_whoever_takes_it() {
        let takes = |value| {
            takes_brotli(&HeaderMap::from_iter([(
                ACCEPT_ENCODING,
                HeaderValue::from_static(value),
            )]))
        };
        for value in ["br", "gzip, deflate, br, zstd", "gzip, BR;q=0.5"] {
            assert!(takes(value), "{value}");
        }
        for value in ["", "gzip", "br;q=0", "gzip, br; q=0.0", "brotli"] {
            assert!(!takes(value), "{value}");
        }
    }
}
