//! The embedded object store, reached by whoever has an address of it or makes one up.

use entity::account::Plan;
use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;

use super::{edited, edits, fuzz_live};
use crate::support::{Database, House, team};

const HEADERS: &[&str] = &[
    "content-type",
    "x-amz-checksum-sha256",
    "x-amz-content-sha256",
    "x-amz-date",
    "authorization",
    "range",
    "expect",
    "content-md5",
    "x-amz-decoded-content-length",
    "if-none-match",
    "x-amz-copy-source",
    "x-amz-security-token",
    "content-encoding",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_request_to_the_store_is_a_fault_of_ours_or_stores_anything() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (_, target) = team.admin.announce("people.csv", b"Email\na@b.example\n").await;
    let signed = target["url"].as_str().unwrap().to_owned();
    let http = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let method = prop::sample::select(
        &[
            Method::PUT,
            Method::GET,
            Method::HEAD,
            Method::DELETE,
            Method::POST,
            Method::OPTIONS,
            Method::PATCH,
        ][..],
    );
    let inserted = prop::sample::select(
        &[
            "/",
            "..",
            "%2e%2e",
            "%00",
            "?",
            "&",
            "=",
            "uploads",
            "X-Amz-Signature=",
            "&list-type=2",
            "&uploads",
            "&partNumber=1",
            "%",
            "+",
            "a",
        ][..],
    );
    let header = (prop::sample::select(HEADERS), "[ -~]{0,40}");
    let given = (
        method,
        edits(inserted.prop_map(str::to_owned)),
        prop::collection::vec(header, 0..4),
        prop::collection::vec(any::<u8>(), 0..200),
    );
    let stored = || walk(&house.folder.path().join("storage/objects"));
    let before = stored();
    fuzz_live(&given, async |(method, edits, headers, body)| {
        // What comes before the path stays, so that it is our server that is asked.
        let path = edited(&signed[house.url.len()..], &edits);
        let mut request = http
            .request(method, format!("{}/{}", house.url, path.trim_start_matches('/')))
            .body(body);
        for (name, value) in headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                request = request.header(HeaderName::from_static(name), value);
            }
        }
        // An address that is none is not sent.
        let Ok(response) = request.send().await else {
            return Ok(());
        };
        let status = response.status();
        // S3 says NotImplemented of what a store need not have.
        match status.is_server_error() && status.as_u16() != 501 {
            true => Err(format!("{status} {}", response.text().await.unwrap_or_default())),
            false => Ok(()),
        }
    });
    assert_eq!(stored(), before, "something was stored that was never announced");
    house.close().await;
}

/// The files below a folder.
fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut found: Vec<_> = entries
        .flat_map(|entry| {
            let path = entry.unwrap().path();
            if path.is_dir() { walk(&path) } else { vec![path] }
        })
        .collect();
    found.sort();
    found
}
