//! The database goes away, in the three ways in which databases do: refusing, silent, and with a word.

use std::time::{Duration, Instant};

use entity::account::Plan;
use muster::error::Error;
use muster::server::Server;
use reqwest::StatusCode;
use rstest::rstest;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

use crate::support::{Database, House, PASSWORD, Team, Way, Wire, team};

/// A server whose way to its database can be cut; it ends with its sender.
struct Behind {
    wire: Wire,
    /// As in `http://127.0.0.1:1234`.
    address: String,
    _stop: tokio::sync::watch::Sender<bool>,
}

impl Behind {
    async fn open(house: &House) -> Self {
        let mut url: url::Url = house.database_url.parse().unwrap();
        let server = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
        let server = tokio::net::lookup_host(server).await.unwrap().next().unwrap();
        let wire = Wire::to(server).await;
        url.set_port(Some(wire.address.port())).unwrap();
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
        Self {
            wire,
            address,
            _stop: stop,
        }
    }

    async fn ready(&self) -> StatusCode {
        let asked = reqwest::get(format!("{}/readyz", self.address));
        asked.await.unwrap().status()
    }

    async fn ask(&self, team: &Team, query: &str) -> (StatusCode, String) {
        let request = reqwest::Client::new()
            .post(format!("{}/graphql", self.address))
            .bearer_auth(team.admin.token.as_deref().unwrap())
            .json(&json!({"query": query}));
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn sign_in(&self) -> StatusCode {
        let body = json!({"email": "admin@acme.example", "password": PASSWORD});
        let request = reqwest::Client::new().post(format!("{}/auth/sign-in", self.address));
        request.json(&body).send().await.unwrap().status()
    }

    async fn comes_back(&self, team: &Team) {
        self.wire.set(Way::Passes);
        let begun = Instant::now();
        while self.ready().await != StatusCode::OK || self.ask(team, ACCOUNT).await.0 != StatusCode::OK {
            assert!(begun.elapsed() < Duration::from_secs(10), "it does not come back");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

const ACCOUNT: &str = "{ account { name } }";

#[rstest]
#[case::refusing(Way::Refuses)]
#[case::silent(Way::Silent)]
#[tokio::test(flavor = "multi_thread")]
async fn with_the_database_away_every_request_is_told_so_within_a_second(#[case] how: Way) {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let behind = Behind::open(&house).await;
    assert_eq!(behind.ready().await, StatusCode::OK);
    assert_eq!(behind.ask(&team, ACCOUNT).await.0, StatusCode::OK);

    behind.wire.set(how);
    // What is known of the session is believed for two seconds.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    for _ in 0..2 {
        let begun = Instant::now();
        assert_eq!(behind.ready().await, StatusCode::SERVICE_UNAVAILABLE);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        let begun = Instant::now();
        let (status, body) = behind.ask(&team, ACCOUNT).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
        assert!(body.contains("UNAVAILABLE"), "{body}");
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
        let begun = Instant::now();
        assert_eq!(behind.sign_in().await, StatusCode::SERVICE_UNAVAILABLE);
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }
    behind.comes_back(&team).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_under_way_when_the_database_falls_silent_is_given_up_within_a_second() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let behind = Behind::open(&house).await;
    assert_eq!(behind.ask(&team, ACCOUNT).await.0, StatusCode::OK);

    // Both have sent their statements, and wait for a lock when the way is cut.
    let locks = sqlx::PgPool::connect(&house.database_url).await.unwrap();
    let mut held = locks.begin().await.unwrap();
    sqlx::query("SELECT 1 FROM accounts FOR UPDATE")
        .execute(&mut *held)
        .await
        .unwrap();
    sqlx::query("LOCK TABLE sign_in_attempts IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *held)
        .await
        .unwrap();
    let invite = r#"mutation { inviteUser(input: {email: "new@acme.example"}) { user { id } } }"#;
    let timed = async {
        let (changed, signed_in) = tokio::join!(behind.ask(&team, invite), behind.sign_in());
        (changed, signed_in, Instant::now())
    };
    let cutting = async {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let waiting: i64 = sqlx::query_scalar(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
        )
        .fetch_one(&locks)
        .await
        .unwrap();
        assert_eq!(waiting, 2, "both wait within the database");
        behind.wire.set(Way::Silent);
        Instant::now()
    };
    let (((status, body), signed_in, ended), cut) = tokio::join!(timed, cutting);
    assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE, "{body}");
    assert!(
        body.contains("UNAVAILABLE") && body.contains(r#""mayHaveTakenEffect":true"#),
        "{body}"
    );
    assert_eq!(signed_in, StatusCode::SERVICE_UNAVAILABLE);
    let took = ended.duration_since(cut);
    assert!(took < Duration::from_millis(1_300), "{took:?}");
    let begun = Instant::now();
    assert_eq!(behind.ready().await, StatusCode::SERVICE_UNAVAILABLE);
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());

    held.rollback().await.unwrap();
    behind.comes_back(&team).await;
    locks.close().await;
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
            // Ended at once it would be taken for one that was broken before, and asked again.
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'SELECT pg_sleep%' \
             AND query_start < now() - interval '600 milliseconds'",
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

#[tokio::test(flavor = "multi_thread")]
async fn after_a_restart_of_the_database_all_broken_connections_are_replaced_and_nobody_notices() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let crowd = async || {
        let asked = (0..20).map(|_| team.admin.send("{ account { userCounts { total } } }", json!({})));
        futures::future::join_all(asked).await
    };
    // All connections for reading are there, and were used a moment ago.
    crowd().await;
    let connection = house.connection().await;
    for _ in 0..3 {
        let broken = connection
            .query_all_raw(Statement::from_string(
                connection.get_database_backend(),
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() \
                 AND application_name = 'muster' AND state = 'idle' AND query LIKE 'SELECT%'",
            ))
            .await
            .unwrap();
        assert!(broken.len() > 3, "several are broken: {}", broken.len());
        for (status, answer) in crowd().await {
            assert_eq!(status, StatusCode::OK, "{answer}");
            assert_eq!(answer["data"]["account"]["userCounts"]["total"], 1, "{answer}");
        }
    }
    connection.close().await.unwrap();
    house.close().await;
}
