//! Whatever anybody sends beside GraphQL, bodies to `/auth/*`, headers, claims of identity providers: an answer in time, never a crash, never a fault of
//! ours, and nothing changed by it.

use std::time::{Duration, Instant};

use entity::account::Plan;
use entity::identity_provider::TokenAuthMethod;
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, ORIGIN, SET_COOKIE};
use http::{HeaderName, HeaderValue, Method};
use reqwest::{RequestBuilder, StatusCode};
use rstest::rstest;
use serde_json::{Value, json};

use crate::fuzz::{note_panics, panics};
use crate::sso::stage::{Stage, Terms};
use crate::support::hostile::{CLIENT_ID, CLIENT_SECRET, Hostile};
use crate::support::{Client, Database, House, PASSWORD, team};

/// How long any one request may take.
const LONGEST: Duration = Duration::from_secs(2);
const TEXT: usize = 64 * 1024;

/// Every endpoint with the members of its body, and what somebody would send who means well.
const ENDPOINTS: &[(&str, &[(&str, &str)])] = &[
    (
        "sign-in",
        &[
            ("email", "ada@acme.example"),
            ("password", "a guess"),
            ("account", "acme"),
        ],
    ),
    ("refresh", &[]),
    ("sign-out", &[]),
    ("switch", &[("account", "nowhere")]),
    ("confirm", &[("password", "a guess")]),
    ("password/forgot", &[("email", "nobody@acme.example")]),
    (
        "password/reset",
        &[("token", "none"), ("password", "a quite different passphrase")],
    ),
    (
        "password/change",
        &[
            ("password", "a guess"),
            ("newPassword", "a quite different passphrase"),
        ],
    ),
];

/// What was wrong with answers.
#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    /// Sends it, and answers the status; `None` when the connection was ended instead, as it may be for what is far too long.
    async fn send(&mut self, label: &str, request: RequestBuilder) -> Option<StatusCode> {
        let begun = Instant::now();
        let sent = request.send().await;
        let took = begun.elapsed();
        if took > LONGEST {
            self.0.push(format!("{label}: took {took:?}"));
        }
        for panicked in panics() {
            self.0.push(format!("{label}: {panicked}"));
        }
        let response = sent.ok()?;
        let status = response.status();
        let text = response.text().await.unwrap_or_default();
        if status.is_server_error() || text.contains("INTERNAL") {
            self.0.push(format!("{label}: {status} {text}"));
        }
        Some(status)
    }

    fn assert_none(&self) {
        assert!(self.0.is_empty(), "{:#?}", self.0);
    }
}

/// What is no value that belongs in a body.
fn values() -> Vec<(&'static str, Value)> {
    let nested = |levels: usize| (0..levels).fold(json!("x"), |inner, _| json!([inner]));
    vec![
        ("null", json!(null)),
        ("a truth", json!(true)),
        ("a number", json!(-1)),
        ("a huge number", json!(1e300)),
        ("nothing", json!("")),
        ("blanks", json!(" \t\u{a0}\u{3000}")),
        ("a list", json!(["a"])),
        ("an object", json!({"a": 1})),
        ("a text as long as there is room for", json!("x".repeat(7_000))),
        ("64 KiB of text", json!("x".repeat(TEXT))),
        ("10,000 items", json!(vec!["x"; 10_000])),
        ("within the limit, a hundred levels", nested(100)),
        ("within the limit, a thousand levels", nested(1_000)),
        (
            "what grows when it is normalised",
            json!("\u{fdfa}".repeat(2_300)),
        ),
        (
            "marks on one letter",
            json!(format!("a{}", "\u{301}".repeat(3_400))),
        ),
        (
            "signs without a face",
            json!("a\u{7}\u{1b}\u{202e}\u{feff}@b.example"),
        ),
        ("many @", json!("@".repeat(7_000))),
        ("a long host", json!(format!("a@{}", "b.".repeat(3_400)))),
        ("punycode", json!(format!("a@xn--{}.example", "z".repeat(3_000)))),
        ("a line feed", json!("ada@acme.example\r\nBcc: eve@acme.example")),
        ("wildcards", json!("%_\\'\"")),
    ]
}

/// Bodies that are no object of JSON.
fn bodies() -> Vec<(&'static str, Vec<u8>)> {
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("nothing", Vec::new()),
        ("null", text("null")),
        ("a list", text("[]")),
        ("a text", text("\"email\"")),
        ("half an object", text("{\"email\":")),
        ("no UTF-8", vec![b'{', b'"', 0xff, 0xfe, b'"', b':', b'1', b'}']),
        ("a byte order mark", text("\u{feff}{}")),
        (
            "a NUL",
            text(
                "{\"email\": \"a\\u0000\", \"password\": \"b\\u0000\", \"account\": \"\\u0000\", \"token\": \"\\u0000\"}",
            ),
        ),
        (
            "half a pair",
            text(
                "{\"email\": \"\\ud800\", \"password\": \"\\udfff\", \"token\": \"\\ud800\", \"account\": \"\\ud800\"}",
            ),
        ),
        (
            "the same twice",
            text("{\"email\": \"a@b.example\", \"email\": 1, \"password\": \"x\", \"password\": []}"),
        ),
        ("open brackets", vec![b'['; 8_000]),
        ("open braces", "{\"a\":".repeat(1_600).into_bytes()),
        ("64 KiB of brackets", vec![b'['; TEXT]),
        ("64 KiB of blanks", vec![b' '; TEXT]),
        ("ten MiB", vec![b'x'; 10 * 1024 * 1024]),
        (
            "a number without an end",
            format!("{{\"email\": {}}}", "9".repeat(8_000)).into_bytes(),
        ),
    ]
}

/// The cookie of a session of its own.
async fn cookie(house: &House, email: &str) -> String {
    let http = reqwest::Client::new();
    let body = json!({"email": email, "password": PASSWORD});
    let answer = http.post(format!("{}/auth/sign-in", house.url)).json(&body);
    let answer = answer.send().await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    let set = answer.headers()[SET_COOKIE].to_str().unwrap();
    set.split(';').next().unwrap().to_owned()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_body_sent_to_the_endpoints_of_signing_in_is_a_fault_of_ours(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let cookie = cookie(&house, "admin@acme.example").await;
    let token = team.admin.token.clone().unwrap();
    let before = house.settled().await;
    note_panics();
    let mut faults = Faults::default();
    for (path, members) in ENDPOINTS {
        let address = format!("{}/auth/{path}", house.url);
        let post = |body: Vec<u8>| {
            let mut request = team
                .admin
                .http
                .post(&address)
                .header(CONTENT_TYPE, "application/json");
            request = request.header(ORIGIN, &house.url).bearer_auth(&token);
            // These do what they are told whatever the body says; a good cookie would be used up.
            if !["refresh", "sign-out"].contains(path) {
                request = request.header(COOKIE, &cookie);
            }
            request.body(body)
        };
        for (what, body) in bodies() {
            let status = faults.send(&format!("{path}: {what}"), post(body)).await;
            let is_refused = status.is_none_or(|status| status.is_client_error());
            assert!(is_refused || *path == "sign-out", "{path}: {what}: {status:?}");
        }
        for (name, _) in *members {
            for (what, value) in values() {
                // What is counted is not what is tried here.
                house.force("DELETE FROM sign_in_attempts").await.unwrap();
                let mut body: Value = members.iter().map(|(name, good)| (*name, json!(good))).collect();
                body[*name] = value;
                let label = format!("{path}.{name}: {what}");
                let status = faults.send(&label, post(body.to_string().into_bytes())).await;
                let is_asking = *path == "password/forgot";
                let is_refused = status.is_none_or(|status| status.is_client_error());
                assert!(is_refused || is_asking, "{label}: {status:?}");
            }
        }
    }
    faults.assert_none();
    assert_eq!(house.settled().await, before, "nothing was changed");
    team.admin.ask("{ viewer { user { id } } }", json!({})).await;
    house.close().await;
}

/// Values of a header, odd or far too long.
fn odd() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("nothing", Vec::new()),
        ("a blank", b" ".to_vec()),
        ("one KiB", vec![b'x'; 1024]),
        ("seven KiB", vec![b'x'; 7 * 1024]),
        ("64 KiB", vec![b'x'; TEXT]),
        ("a mebibyte", vec![b'x'; 1024 * 1024]),
        ("no ASCII", vec![0xff, 0xc3, 0x28, 0x80]),
        ("tabs", b"a\tb\t".to_vec()),
        ("commas", b",,,,;;;;====".to_vec()),
        ("quotes", b"\"\\\"".to_vec()),
        ("a scheme alone", b"Bearer".to_vec()),
        ("no token", b"Bearer ".to_vec()),
        ("two tokens", b"Bearer a b".to_vec()),
        ("another scheme", b"Basic YTpi".to_vec()),
        ("a long token", [b"Bearer ".to_vec(), vec![b'a'; 20_000]].concat()),
        ("dots", [b"Bearer ".to_vec(), vec![b'.'; 4_000]].concat()),
        ("a token of scripts", b"Bearer mst_".to_vec()),
        ("no origin", b"null".to_vec()),
        ("half an address", b"http://[".to_vec()),
        ("an address with a name", b"http://a:b@c.example:99999/d".to_vec()),
        ("many cookies", "a=b; ".repeat(3_000).into_bytes()),
        (
            "an odd cookie",
            b"muster-refresh=%00%ff; muster-device=\"; muster-sso=....".to_vec(),
        ),
        ("a number", b"-1".to_vec()),
        ("a huge number", b"99999999999999999999".to_vec()),
    ]
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_header_is_a_fault_of_ours(#[values(Database::Sqlite, Database::Postgres)] database: Database) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let before = house.settled().await;
    note_panics();
    let mut faults = Faults::default();
    let names = [
        AUTHORIZATION,
        COOKIE,
        ORIGIN,
        CONTENT_TYPE,
        http::header::ACCEPT,
        http::header::ACCEPT_ENCODING,
        http::header::CONTENT_ENCODING,
        http::header::USER_AGENT,
        http::header::REFERER,
        http::header::EXPECT,
        http::header::RANGE,
        http::header::IF_NONE_MATCH,
        http::header::ACCESS_CONTROL_REQUEST_METHOD,
        http::header::ACCESS_CONTROL_REQUEST_HEADERS,
        HeaderName::from_static("x-request-id"),
        HeaderName::from_static("x-forwarded-for"),
        HeaderName::from_static("forwarded"),
        HeaderName::from_static("idempotency-key"),
        HeaderName::from_static("sec-websocket-protocol"),
    ];
    let query = json!({"query": "{ viewer { user { id } } }"}).to_string();
    let signing_in = json!({"email": "nobody", "password": "x"}).to_string();
    let targets = [
        (Method::POST, "/graphql", query.as_str()),
        (Method::POST, "/auth/sign-in", signing_in.as_str()),
        (Method::POST, "/auth/refresh", "{}"),
        (Method::POST, "/auth/confirm", "{\"password\": \"x\"}"),
        (Method::GET, "/sso/start?email=a@b.example", ""),
        (Method::OPTIONS, "/graphql", ""),
        (Method::GET, "/readyz", ""),
    ];
    for name in &names {
        house.force("DELETE FROM sign_in_attempts").await.unwrap();
        for (what, value) in odd() {
            let Ok(value) = HeaderValue::from_bytes(&value) else {
                continue;
            };
            for (method, path, body) in &targets {
                let request = |client: &Client| {
                    let request = client
                        .http
                        .request(method.clone(), format!("{}{path}", house.url));
                    let request = match name {
                        name if *name == CONTENT_TYPE => request,
                        _ => request.header(CONTENT_TYPE, "application/json"),
                    };
                    request.header(name, value.clone()).body((*body).to_owned())
                };
                let label = format!("{name}: {what}: {path}");
                faults.send(&label, request(&team.admin)).await;
                // And twice: which of the two is meant?
                let twice = request(&team.admin).header(name, value.clone());
                faults.send(&format!("{label}, twice"), twice).await;
            }
        }
    }
    faults.assert_none();
    assert_eq!(house.settled().await, before, "nothing was changed");
    house.close().await;
}

/// Claims that are read.
const CLAIMS: &[&str] = &[
    "iss",
    "sub",
    "aud",
    "azp",
    "exp",
    "iat",
    "nbf",
    "nonce",
    "at_hash",
    "auth_time",
    "sid",
    "email",
    "email_verified",
    "given_name",
    "family_name",
    "groups",
];

#[tokio::test(flavor = "multi_thread")]
async fn no_claim_of_a_provider_is_a_fault_of_ours() {
    let stage = Stage::open(Database::Sqlite).await;
    let hostile = Hostile::start(stage.house.app.clock()).await;
    hostile.seat("subject-1", "eve@acme.example");
    stage
        .connect(&Terms {
            issuer: &hostile.issuer,
            client_id: CLIENT_ID,
            client_secret: Some(CLIENT_SECRET),
            auth_method: TokenAuthMethod::ClientSecretBasic,
            is_authoritative: false,
        })
        .await;
    // The person is known by their subject before anybody claims another for the same address.
    stage.browser().open(&stage.start()).await;
    note_panics();
    let mut faults = Vec::new();
    let extremes = [
        ("the largest", json!(i64::MAX)),
        ("the least", json!(i64::MIN)),
        ("unsigned", json!(u64::MAX)),
        ("a NUL", json!("a\u{0}b")),
        (
            "an object of 10,000",
            (0..10_000).map(|n| (format!("m{n}"), json!(n))).collect(),
        ),
    ];
    for name in CLAIMS {
        for (what, value) in values().into_iter().chain(extremes.clone()) {
            stage.house.force("DELETE FROM sign_in_attempts").await.unwrap();
            hostile.desk().claims = json!({*name: value});
            let mut browser = stage.browser();
            let begun = Instant::now();
            let page = browser.open(&stage.start()).await;
            let took = begun.elapsed();
            // What is a provider's own fault is told as such (502).
            let is_theirs = page.status == StatusCode::BAD_GATEWAY;
            let is_ours = page.status.is_server_error() && !is_theirs || page.text.contains("INTERNAL");
            // Two round trips to a provider in the same process are part of it.
            if is_ours || took > 2 * LONGEST {
                faults.push(format!("{name}: {what}: {took:?} {page:?}"));
            }
            faults.extend(
                panics()
                    .into_iter()
                    .map(|panicked| format!("{name}: {what}: {panicked}")),
            );
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
    // Whoever says what is right comes in.
    hostile.desk().claims = json!({});
    let sessions = stage.sessions().await;
    let page = stage.browser().open(&stage.start()).await;
    assert_eq!(stage.sessions().await, sessions + 1, "{page:?}");
    stage.house.settle_mails().await;
    stage.close().await;
}
