//! The console as the binary serves it: its page at the address of every screen, its files for good, and nothing from elsewhere. Where it was not built, one
//! plain page says so.

use reqwest::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName,
};
use reqwest::{Response, StatusCode};

use crate::support::{Database, House};

async fn get(house: &House, path: &str, encodings: &str) -> Response {
    let client = reqwest::Client::new();
    let asked = client
        .get(format!("{}{path}", house.url))
        .header(ACCEPT_ENCODING, encodings);
    asked.send().await.unwrap()
}

fn header(response: &Response, name: HeaderName) -> String {
    let value = response.headers().get(name);
    value.map_or_else(String::new, |value| value.to_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_screen_has_an_address_that_answers_the_page() {
    let house = House::open(Database::Sqlite).await;
    let page = get(&house, "/", "identity").await;
    assert_eq!(page.status(), StatusCode::OK);
    assert_eq!(header(&page, CONTENT_TYPE), "text/html; charset=utf-8");
    assert_eq!(header(&page, CACHE_CONTROL), "no-cache");
    let policy = header(&page, CONTENT_SECURITY_POLICY);
    assert!(
        policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self';"),
        "{policy}"
    );
    assert!(!policy.contains("unsafe"), "{policy}");
    let text = page.text().await.unwrap();
    for path in [
        "/sign-in",
        "/people",
        "/people/usr_1",
        "/invite",
        "/imports",
        "/imports/imp_1",
        "/products",
        "/products/prd_1?q=x",
        "/contracts",
        "/requests",
        "/roles/usr_1",
        "/single-sign-on/new",
        "/api-tokens",
        "/audit/aud_1?outcome=DENIED",
        "/account",
        "/notifications",
        "/me/profile",
        "/add-people",
        "/contract-managers",
    ] {
        let other = get(&house, path, "identity").await;
        assert_eq!(other.status(), StatusCode::OK, "{path}");
        assert_eq!(other.text().await.unwrap(), text, "{path}");
    }
    assert_eq!(
        get(&house, "/nothing", "identity").await.status(),
        StatusCode::NOT_FOUND
    );
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_built_is_said_and_what_was_is_kept_for_good() {
    let house = House::open(Database::Sqlite).await;
    let page = get(&house, "/", "identity").await.text().await.unwrap();
    let absent = get(&house, "/assets/console/absent-1.js", "br").await;
    assert_eq!(absent.status(), StatusCode::NOT_FOUND);
    if console::page().is_none() {
        assert!(page.contains("make console"), "{page}");
        house.close().await;
        return;
    }
    assert!(!page.contains("://"), "the page names nobody else: {page}");
    let files: Vec<&str> = page
        .split('"')
        .filter(|text| text.starts_with("/assets/console/"))
        .collect();
    assert!(
        files.iter().any(|file| file.split('.').next_back() == Some("js")),
        "{page}"
    );
    for path in files {
        let plain = get(&house, path, "identity").await;
        assert_eq!(plain.status(), StatusCode::OK, "{path}");
        assert_eq!(
            header(&plain, CACHE_CONTROL),
            "public, max-age=31536000, immutable",
            "{path}"
        );
        let plain = plain.bytes().await.unwrap();
        let packed = get(&house, path, "gzip, br").await;
        assert_eq!(header(&packed, CONTENT_ENCODING), "br", "{path}");
        assert!(packed.bytes().await.unwrap().len() < plain.len(), "{path}");
        let other = get(&house, path, "gzip").await;
        assert_ne!(header(&other, CONTENT_ENCODING), "br", "{path}");
    }
    house.close().await;
}
