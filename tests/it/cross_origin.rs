//! Pages of other origins: what a browser lets the allowed ones send and read, and keeps from all others.

use entity::account::Plan;
use muster::server::Server;
use reqwest::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, HeaderMap, HeaderName, ORIGIN, VARY,
};
use reqwest::{Method, RequestBuilder, StatusCode};
use rstest::rstest;
use serde_json::json;

use crate::imports::support::{HEADER, run};
use crate::support::{Database, House, PASSWORD, Team, team};

const CONSOLE: &str = "https://console.example";
const FOREIGN: [&str; 5] = [
    "https://evil.example",
    "https://console.example.evil.example",
    "http://console.example",
    "https://console.example:8443",
    "null",
];

async fn open() -> (House, Team) {
    let house = House::open_with(Database::Sqlite, |config| {
        config.web.allowed_origins = vec![CONSOLE.into()];
    })
    .await;
    let team = team(&house, "acme", Plan::Standard).await;
    (house, team)
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).map(|value| value.to_str().unwrap())
}

/// What a browser is told before it sends a request that a form could not make.
async fn preflight(url: &str, origin: &str, method: &str, wanted: &str) -> HeaderMap {
    let request = reqwest::Client::new()
        .request(Method::OPTIONS, url)
        .header(ORIGIN, origin)
        .header(ACCESS_CONTROL_REQUEST_METHOD, method)
        .header(ACCESS_CONTROL_REQUEST_HEADERS, wanted);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{url}");
    response.headers().clone()
}

fn assert_hidden(headers: &HeaderMap, whose: &str) {
    for name in [ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_ALLOW_CREDENTIALS] {
        assert_eq!(header(headers, name), None, "{whose}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_address_of_the_api_answers_the_preflight_of_allowed_origins_alone() {
    let (house, team) = open().await;
    let (_, target) = team
        .admin
        .announce("people.csv", b"E-mail\na@acme.example\n")
        .await;
    let upload = target["url"].as_str().unwrap().to_owned();
    let names = target["headers"].as_array().unwrap().iter();
    let signed: Vec<&str> = names.map(|header| header["name"].as_str().unwrap()).collect();
    let at = |path: &str| format!("{}{path}", house.url);
    for (url, method, wanted) in [
        (at("/graphql"), "POST", "authorization,content-type".to_owned()),
        (at("/auth/sign-in"), "POST", "content-type".into()),
        (at("/auth/refresh"), "POST", "content-type".into()),
        (at("/auth/sign-out"), "POST", "content-type".into()),
        (at("/auth/switch"), "POST", "content-type".into()),
        (at("/auth/confirm"), "POST", "authorization,content-type".into()),
        (at("/auth/password/forgot"), "POST", "content-type".into()),
        (upload, "PUT", signed.join(",")),
    ] {
        let told = preflight(&url, CONSOLE, method, &wanted).await;
        assert_eq!(header(&told, ACCESS_CONTROL_ALLOW_ORIGIN), Some(CONSOLE), "{url}");
        assert_eq!(
            header(&told, ACCESS_CONTROL_ALLOW_CREDENTIALS),
            Some("true"),
            "{url}"
        );
        assert_eq!(
            header(&told, ACCESS_CONTROL_ALLOW_HEADERS),
            Some(wanted.as_str()),
            "{url}"
        );
        let methods = header(&told, ACCESS_CONTROL_ALLOW_METHODS).unwrap();
        assert!(
            methods.split(',').any(|allowed| allowed == method),
            "{url}: {methods}"
        );
        assert!(header(&told, VARY).unwrap().contains("origin"), "{url}");
        for foreign in FOREIGN {
            assert_hidden(&preflight(&url, foreign, method, &wanted).await, foreign);
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_and_refusals_are_read_by_allowed_origins_alone() {
    let (house, team) = open().await;
    let http = reqwest::Client::new();
    let ask = |token: &str| {
        let request = http.post(format!("{}/graphql", house.url)).bearer_auth(token);
        request.json(&json!({"query": "{ __typename }"}))
    };
    let sign_in = || {
        let body = json!({"email": "admin@acme.example", "password": PASSWORD});
        http.post(format!("{}/auth/sign-in", house.url)).json(&body)
    };
    let token = team.admin.token.clone().unwrap();
    let requests: [(&dyn Fn() -> RequestBuilder, StatusCode); 3] = [
        (&|| ask(&token), StatusCode::OK),
        (&|| ask("nonsense"), StatusCode::UNAUTHORIZED),
        (&sign_in, StatusCode::OK),
    ];
    for (request, status) in requests {
        let answer = request().header(ORIGIN, CONSOLE).send().await.unwrap();
        assert_eq!(answer.status(), status);
        let told = answer.headers();
        assert_eq!(header(told, ACCESS_CONTROL_ALLOW_ORIGIN), Some(CONSOLE));
        assert_eq!(header(told, ACCESS_CONTROL_ALLOW_CREDENTIALS), Some("true"));
        let readable = header(told, ACCESS_CONTROL_EXPOSE_HEADERS).unwrap();
        assert!(
            readable.contains("retry-after") && readable.contains("x-request-id"),
            "{readable}"
        );
        for foreign in FOREIGN {
            let answer = request().header(ORIGIN, foreign).send().await.unwrap();
            assert_hidden(answer.headers(), foreign);
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_go_to_the_embedded_store_and_reports_come_from_it_across_origins() {
    let (house, team) = open().await;
    let bytes = b"E-mail\na@acme.example\n";
    let (_, target) = team.admin.announce("people.csv", bytes).await;
    let put = || {
        let headers = target["headers"].as_array().unwrap().iter();
        headers.fold(
            reqwest::Client::new()
                .put(target["url"].as_str().unwrap())
                .body(bytes.to_vec()),
            |request, header| {
                request.header(
                    header["name"].as_str().unwrap(),
                    header["value"].as_str().unwrap(),
                )
            },
        )
    };
    let broken = format!("{HEADER}Bad,One,nobody,,,\n");
    let import = run(&team.admin, broken.as_bytes(), json!({})).await;
    let report = import["errorReport"]["url"].as_str().unwrap().to_owned();
    let get = || reqwest::Client::new().get(&report);
    let requests: [&dyn Fn() -> RequestBuilder; 2] = [&put, &get];
    for request in requests {
        let answer = request().header(ORIGIN, CONSOLE).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::OK);
        assert_eq!(
            header(answer.headers(), ACCESS_CONTROL_ALLOW_ORIGIN),
            Some(CONSOLE)
        );
        for foreign in FOREIGN {
            let answer = request().header(ORIGIN, foreign).send().await.unwrap();
            assert_hidden(answer.headers(), foreign);
        }
    }
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn both_names_of_this_machine_are_our_own_origin() {
    let house = House::open(Database::Sqlite).await;
    let url = format!("{}/graphql", house.url);
    let named = house.url.replace("127.0.0.1", "localhost");
    for own in [&house.url, &named] {
        let told = preflight(&url, own, "POST", "content-type").await;
        assert_eq!(header(&told, ACCESS_CONTROL_ALLOW_ORIGIN), Some(own.as_str()));
    }
    for foreign in ["http://localhost", "http://127.0.0.1:1", CONSOLE] {
        assert_hidden(&preflight(&url, foreign, "POST", "content-type").await, foreign);
    }
    house.close().await;
}

#[rstest]
#[case("https://console.example/")]
#[case("console.example")]
#[case("*")]
#[case("https://*.example")]
#[tokio::test]
async fn what_no_browser_would_send_as_origin_is_refused_at_start(#[case] origin: &str) {
    let folder = tempfile::tempdir().unwrap();
    let database = format!("sqlite://{}/db.sqlite", folder.path().display());
    let mut config = House::config(&folder, &database);
    config.web.allowed_origins = vec![origin.into()];
    let error = Server::start(&config).await.err().unwrap();
    assert!(
        error.public_message().contains("MUSTER_ALLOWED_ORIGINS"),
        "{error:?}"
    );
}
