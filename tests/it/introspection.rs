//! Reading the schema over the API: who may, and how little it takes to be refused.

use std::time::{Duration, Instant};

use entity::account::Plan;
use graphql::wire::Introspection;
use reqwest::StatusCode;
use reqwest::header::ACCEPT;
use rstest::rstest;
use serde_json::{Value, json};

use crate::foreign_clients::text;
use crate::support::node::run as node;
use crate::support::{Client, Database, House, team};

const SCHEMA: &str = "{ __schema { queryType { name } } }";

async fn open(introspection: Introspection) -> House {
    House::open_with(Database::Sqlite, |config| {
        config.web.introspection = introspection;
    })
    .await
}

fn code(answer: &Value) -> &Value {
    &answer["errors"][0]["extensions"]["code"]
}

/// The shortest request that once took all memory: each pair multiplies by all types there are.
fn multiplying(pairs: usize) -> String {
    let pair = "possibleTypes{interfaces{";
    format!(
        "{{__schema{{types{{{}name{}}}}}}}",
        pair.repeat(pairs),
        "}}".repeat(pairs)
    )
}

#[rstest]
#[case(2)]
#[case(5)]
#[case(6)]
#[tokio::test(flavor = "multi_thread")]
async fn lists_that_multiply_one_another_are_refused_at_once(#[case] pairs: usize) {
    let house = open(Introspection::Everybody).await;
    let began = Instant::now();
    let asking = (0..50).map(|_| async {
        let (_, answer) = house.anonymous().send(&multiplying(pairs), json!({})).await;
        assert_eq!(code(&answer), "COST_LIMIT_EXCEEDED", "{answer}");
        assert_eq!(answer.get("data"), None);
    });
    futures::future::join_all(asking).await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_pair_and_what_tools_ask_for_is_answered() {
    let house = open(Introspection::Everybody).await;
    let answer = house.anonymous().ask(&multiplying(1), json!({})).await;
    let types = answer["__schema"]["types"].as_array().unwrap();
    assert!(
        types
            .iter()
            .any(|found| found["possibleTypes"][0]["interfaces"][0]["name"] == "Node")
    );

    let read = node("introspect.js", &[&format!("{}/graphql", house.url)]).await;
    assert!(read.status.success(), "{}", text(&read.stderr));
    let told: Value = serde_json::from_slice(&read.stdout).unwrap();
    assert_eq!(told["types"].as_u64(), u64::try_from(types.len()).ok());
    // Room for a schema of twice the size.
    let values = told["values"].as_u64().unwrap();
    assert!((10_000..=200_000).contains(&values), "{values}");
    house.close().await;
}

#[tokio::test]
async fn a_long_introspection_lets_others_have_their_turn() {
    // Everything runs on this one thread: whoever does not give it back holds up the ticking.
    let house = open(Introspection::Everybody).await;
    let ticking = tokio::spawn(async {
        let (mut last, mut longest) = (Instant::now(), Duration::ZERO);
        loop {
            tokio::time::sleep(Duration::from_millis(1)).await;
            longest = longest.max(last.elapsed());
            last = Instant::now();
            LONGEST.store(
                u64::try_from(longest.as_millis()).unwrap(),
                std::sync::atomic::Ordering::SeqCst,
            );
        }
    });
    let began = Instant::now();
    let query = "{ __schema { types { fields { type { fields { description } } } } } }";
    house.anonymous().ask(query, json!({})).await;
    let (took, longest) = (
        began.elapsed(),
        Duration::from_millis(LONGEST.load(std::sync::atomic::Ordering::SeqCst)),
    );
    ticking.abort();
    assert!(longest < took / 4, "{longest:?} of {took:?}");
    house.close().await;
}

static LONGEST: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);

#[tokio::test(flavor = "multi_thread")]
async fn unless_told_otherwise_whoever_is_signed_in_reads_the_schema() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let (status, answer) = house.anonymous().send(SCHEMA, json!({})).await;
    assert_eq!(code(&answer), "UNAUTHENTICATED");
    assert_eq!((status, answer.get("data")), (StatusCode::UNAUTHORIZED, None));
    house.anonymous().ask("{ __typename }", json!({})).await;
    assert_eq!(
        team.admin.ask(SCHEMA, json!({})).await["__schema"]["queryType"]["name"],
        "Query"
    );
    let misspelt = "{ viewr { permissions } }";
    let says = async |client: &Client| {
        let (_, answer) = client.send(misspelt, json!({})).await;
        assert_eq!(code(&answer), "GRAPHQL_VALIDATION_FAILED");
        answer["errors"][0]["message"].as_str().unwrap().to_owned()
    };
    assert_eq!(
        says(&house.anonymous()).await,
        "Unknown field \"viewr\" on type \"Query\"."
    );
    assert!(says(&team.admin).await.contains("Did you mean \"viewer\""));
    assert_eq!(page(&house, "/graphiql").await, StatusCode::OK);

    let url = format!("{}/graphql", house.url);
    let stranger = node("introspect.js", &[&url]).await;
    assert!(text(&stranger.stderr).contains("Sign in to read the schema."));
    let known = node("introspect.js", &[&url, team.admin.token.as_ref().unwrap()]).await;
    assert!(known.status.success(), "{}", text(&known.stderr));
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn switched_off_nobody_reads_the_schema_and_graphiql_is_gone() {
    let house = open(Introspection::Off).await;
    let team = team(&house, "acme", Plan::Standard).await;
    for client in [&house.anonymous(), &team.admin] {
        for query in [
            SCHEMA,
            "{ ...F } fragment F on Query { a: __type(name: \"User\") { name } }",
        ] {
            let (status, answer) = client.send(query, json!({})).await;
            assert_eq!(code(&answer), "FORBIDDEN", "{query}");
            assert_eq!((status, answer.get("data")), (StatusCode::FORBIDDEN, None));
        }
        client
            .ask("{ __typename viewer { __typename } }", json!({}))
            .await;
    }
    for (path, status) in [
        ("/graphiql", StatusCode::NOT_FOUND),
        ("/assets/graphiql/console.js", StatusCode::NOT_FOUND),
        ("/graphql", StatusCode::METHOD_NOT_ALLOWED),
    ] {
        assert_eq!(page(&house, path).await, status, "{path}");
    }
    house.close().await;
}

async fn page(house: &House, path: &str) -> StatusCode {
    let request = reqwest::Client::new()
        .get(format!("{}{path}", house.url))
        .header(ACCEPT, "text/html");
    request.send().await.unwrap().status()
}
