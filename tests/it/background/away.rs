//! The database goes away, in the three ways in which databases do: refusing, silent, and with a word.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use entity::account::Plan;
use muster::error::Error;
use muster::server::Server;
use reqwest::StatusCode;
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::support::{Database, House, PASSWORD, team};

const PASSES: u8 = 0;
const REFUSES: u8 = 1;
const SILENT: u8 = 2;

/// A way to the real server that can be cut.
struct Wire {
    address: SocketAddr,
    state: Arc<AtomicU8>,
}

impl Wire {
    async fn to(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(AtomicU8::new(PASSES));
        let shared = state.clone();
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                if shared.load(Ordering::SeqCst) == REFUSES {
                    continue;
                }
                let upstream = TcpStream::connect(server).await.unwrap();
                let (client_in, client_out) = client.into_split();
                let (server_in, server_out) = upstream.into_split();
                tokio::spawn(pass(client_in, server_out, shared.clone()));
                tokio::spawn(pass(server_in, client_out, shared.clone()));
            }
        });
        Self { address, state }
    }
}

async fn pass(
    mut from: tokio::net::tcp::OwnedReadHalf,
    mut to: tokio::net::tcp::OwnedWriteHalf,
    state: Arc<AtomicU8>,
) {
    let mut buffer = vec![0; 16 * 1024];
    loop {
        let read = tokio::time::timeout(Duration::from_millis(20), from.read(&mut buffer)).await;
        match state.load(Ordering::SeqCst) {
            REFUSES => return,
            SILENT => {
                // What is sent into it comes nowhere, and nobody says so.
                tokio::time::sleep(Duration::from_millis(20)).await;
                continue;
            }
            _ => {}
        }
        match read {
            Ok(Ok(0) | Err(_)) => return,
            Ok(Ok(length)) => {
                if to.write_all(&buffer[..length]).await.is_err() {
                    return;
                }
            }
            Err(_) => {}
        }
    }
}

#[rstest]
#[case::refusing(REFUSES)]
#[case::silent(SILENT)]
#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_away_every_request_is_told_so_within_a_second(#[case] how: u8) {
    let mut wire = None;
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let mut url: url::Url = house.database_url.parse().unwrap();
    let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let server = tokio::net::lookup_host(server).await.unwrap().next().unwrap();
    let made = Wire::to(server).await;
    url.set_port(Some(made.address.port())).unwrap();
    let state = wire.insert(made).state.clone();
    let folder = tempfile::tempdir().unwrap();
    let mut config = House::config(&folder, url.as_str());
    config.database_limits.database_acquire_milliseconds = 800;
    config.web.public_url = Some(house.url.parse().unwrap());
    config.secret_key_file = Some(house.folder.path().join("secret.key"));
    config.objects.s3_bucket = Some("none".into());
    config.objects.s3_endpoint = Some("http://127.0.0.1:9".parse().unwrap());
    let other = Server::start(&config).await.unwrap();
    let address = format!("http://{}", other.address);
    let (stop, stopped) = tokio::sync::watch::channel(false);
    tokio::spawn(async move { other.run(stopped).await.unwrap() });
    let http = reqwest::Client::new();
    let ready = async || {
        http.get(format!("{address}/readyz"))
            .send()
            .await
            .unwrap()
            .status()
    };
    let ask = async || {
        let request = http
            .post(format!("{address}/graphql"))
            .bearer_auth(team.admin.token.as_deref().unwrap())
            .json(&json!({"query": "{ account { name } }"}));
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    let sign_in = async || {
        let body = json!({"email": "admin@acme.example", "password": PASSWORD});
        let request = http.post(format!("{address}/auth/sign-in")).json(&body);
        request.send().await.unwrap().status()
    };
    assert_eq!(ready().await, StatusCode::OK);
    assert_eq!(ask().await.0, StatusCode::OK);

    state.store(how, Ordering::SeqCst);
    // What is known of the session is believed for two seconds.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    for _ in 0..2 {
        let begun = Instant::now();
        assert_eq!(ready().await, StatusCode::SERVICE_UNAVAILABLE);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        let begun = Instant::now();
        let (status, body) = ask().await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        assert!(body.contains("UNAVAILABLE"), "{body}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        let begun = Instant::now();
        assert_eq!(sign_in().await, StatusCode::SERVICE_UNAVAILABLE);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    state.store(PASSES, Ordering::SeqCst);
    let begun = Instant::now();
    while ready().await != StatusCode::OK || ask().await.0 != StatusCode::OK {
        assert!(begun.elapsed() < Duration::from_secs(10), "it does not come back");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    stop.send_replace(true);
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_our_connection_is_unavailable_and_no_defect() {
    let house = House::open(Database::Postgres).await;
    let (app, url) = (house.app.clone(), house.database_url.clone());
    let running = tokio::spawn(async move {
        let backend = app.reader().get_database_backend();
        let statement = Statement::from_string(backend, "SELECT pg_sleep(20)");
        app.reader().query_one_raw(statement).await.map(drop)
    });
    let connection = sqlx::PgPool::connect(&url).await.unwrap();
    let begun = Instant::now();
    loop {
        let ended: Vec<bool> = sqlx::query_scalar(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%'",
        )
        .fetch_all(&connection)
        .await
        .unwrap();
        if !ended.is_empty() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10));
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let error = Error::from(running.await.unwrap().unwrap_err());
    assert!(matches!(error, Error::Unavailable(_)), "{error:?}");
    // The next one has another connection.
    muster::products::catalogue(&house.app).await.unwrap();
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_with_an_embedded_store_of_its_own_is_refused_until_the_first_store_is_forgotten() {
    let house = House::open(Database::Postgres).await;
    let folder = tempfile::tempdir().unwrap();
    let config = House::config(&folder, &house.database_url);
    let refused = Server::start(&config).await.err().expect("it started");
    let Error::BadInput(text) = refused else {
        panic!("{refused:?}")
    };
    assert!(
        text.contains("S3_BUCKET") && text.contains("forget-store"),
        "{text}"
    );
    house
        .app
        .run(&muster::access::Actor::Operator, muster::uploads::ForgetStore)
        .await
        .unwrap();
    assert!(Server::start(&config).await.is_ok());
    house.close().await;
}
