//! The page of `examples/console` in a real browser, served from another origin than Muster.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use chrono::Duration;
use entity::account::Plan;
use serde_json::Value;
use tokio::net::TcpListener;

use crate::imports::support::HEADER;
use crate::support::{Database, House, PASSWORD, node, team};

/// Serves the three files of the example; answers the origin.
async fn serve_example() -> String {
    let file = |name: &str, kind: &'static str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("examples/console")
            .join(name);
        let text = std::fs::read_to_string(path).unwrap();
        get(async move || ([(CONTENT_TYPE, kind)], text))
    };
    let router = Router::new()
        .route("/index.html", file("index.html", "text/html"))
        .route("/page.js", file("page.js", "text/javascript"))
        .route("/muster.js", file("muster.js", "text/javascript"));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://localhost:{port}")
}

/// Runs the browser to its end; answers what it told of its steps.
fn drive(mut browser: Command, lapse: impl Fn()) -> Vec<Value> {
    let mut browser = browser.spawn().expect("node is installed");
    let mut input = browser.stdin.take().unwrap();
    let mut steps: Vec<Value> = Vec::new();
    for line in BufReader::new(browser.stdout.take().unwrap()).lines() {
        let told: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if told["step"] == "token" {
            lapse();
            input.write_all(b"lapsed\n").unwrap();
        }
        steps.push(told);
    }
    assert!(browser.wait().unwrap().success(), "{steps:#?}");
    steps
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_signs_in_reads_refreshes_follows_and_uploads() {
    let origin = serve_example().await;
    let allowed = origin.clone();
    let house = House::open_with(Database::Sqlite, |config| {
        config.web.allowed_origins = vec![allowed];
    })
    .await;
    team(&house, "acme", Plan::Standard).await;
    let file = house.folder.path().join("people.csv");
    std::fs::write(&file, format!("{HEADER}Ada,One,one@acme.example,,,\n")).unwrap();
    let chromium = std::env::var("MUSTER_TEST_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    // By the same name as the page: between `localhost` and `127.0.0.1` browsers send no cookie.
    let muster = house.url.replace("127.0.0.1", "localhost");
    let mut browser = node::node();
    browser
        .arg(node::script("browser.js"))
        .args([&chromium, &format!("{origin}/index.html?muster={muster}")])
        .args(["admin@acme.example", PASSWORD])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let clock = house.app.clock().clone();
    let drive = move || drive(browser, || clock.advance(Duration::minutes(11)));
    let steps = tokio::task::spawn_blocking(drive).await.unwrap();
    let step = |name: &str| steps.iter().find(|told| told["step"] == name).unwrap();
    assert_eq!(step("signed in")["who"], "Signed in to ACME.");
    let account = &step("read")["account"];
    assert_eq!(account["name"], "ACME");
    let again = step("read again");
    assert_eq!(&again["account"], account);
    assert_eq!(again["refreshes"], 1, "once, and the operation was sent again");
    let imported = step("imported");
    let states = imported["states"].as_array().unwrap();
    assert_eq!(states.last().unwrap(), "AWAITING_CONFIRMATION");
    assert_eq!(imported["puts"], 1);
    assert_eq!(&step("resumed")["account"], account);
    house.close().await;
}
