//! Object storage, over a real listener.

mod access;
mod another_make;
mod objects;
mod pieces;
mod uploads;

use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::http::StatusCode;
use muster::platform::Error;
use muster::platform::storage::{
    BODY_LIMIT, Credentials, Embedded, Key, PresignedPut, ReadError, Sha256, Storage, StorageConfig,
};
use reqwest::{Client, Method, Response};
use tempfile::TempDir;
use url::Url;

const BUCKET: &str = "muster-files";
const CSV: &str = "text/csv";
const FILE: &[u8] = b"First Name,Last Name,Email\nAda,Lovelace,ada@example.com\n";
const MINUTES: Duration = Duration::from_mins(5);

/// The embedded store behind a listener of its own, with a route of "the API" beside it.
struct Store {
    storage: Storage,
    origin: String,
    folder: TempDir,
    _embedded: Embedded,
}

async fn embedded_store() -> Store {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .await
        .unwrap();
    let port = listener.local_addr().unwrap().port();
    let embedded = Embedded::open(folder.path(), BUCKET).unwrap();
    let app = Router::new()
        .route("/graphql", axum::routing::get(async || "the API"))
        .merge(embedded.router());
    tokio::spawn(async move { axum::serve(listener, app).await });

    // Browsers know the server by another name than it calls itself.
    let config = config(
        port,
        &format!("http://localhost:{port}"),
        embedded.credentials().clone(),
    );
    let storage = Storage::connect(&config).await;
    Store {
        storage,
        origin: format!("http://localhost:{port}"),
        folder,
        _embedded: embedded,
    }
}

fn config(port: u16, public_url: &str, credentials: Credentials) -> StorageConfig {
    StorageConfig {
        endpoint: Some(Url::parse(&format!("http://127.0.0.1:{port}")).unwrap()),
        public_url: Some(Url::parse(public_url).unwrap()),
        region: "us-east-1".into(),
        bucket: BUCKET.into(),
        credentials: Some(credentials),
        force_path_style: true,
    }
}

fn key(text: &str) -> Key {
    Key::parse(text).unwrap()
}

async fn permission(storage: &Storage, lifetime: Duration) -> PresignedPut {
    storage
        .presign_put(
            &key("uploads/a/1"),
            FILE.len() as u64,
            CSV,
            &Sha256::of(FILE),
            lifetime,
        )
        .await
        .unwrap()
}

/// Sends an upload as a browser would: the given headers, and the length that the body has.
async fn upload(url: &str, headers: &[(String, String)], body: impl Into<Bytes>) -> Response {
    let mut request = Client::new().put(url).body(reqwest::Body::from(body.into()));
    for (name, value) in headers.iter().filter(|(name, _)| name != "content-length") {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

fn with(headers: &[(String, String)], name: &str, value: &str) -> Vec<(String, String)> {
    let mut headers: Vec<_> = headers
        .iter()
        .filter(|(other, _)| other != name)
        .cloned()
        .collect();
    headers.push((name.to_owned(), value.to_owned()));
    headers
}

/// Files in the bucket; the store's own notes lie beside it.
fn stored(store: &Store) -> usize {
    fn count(folder: std::path::PathBuf) -> usize {
        std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .map(|path| if path.is_dir() { count(path) } else { 1 })
            .sum()
    }
    count(store.folder.path().join("objects").join(BUCKET))
}

fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}
