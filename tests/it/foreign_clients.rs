//! Clients nobody here wrote: the audits of graphql-http, and the reference client of `graphql-transport-ws`.

use entity::account::Plan;
use graphql::wire::Introspection;
use serde_json::{Value, json};

use crate::imports::support::{begin, people};
use crate::support::node::run as node;
use crate::support::{Database, House, team};

pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_audits_of_graphql_over_http_pass() {
    // The audits ask for a type by a variable, and bring no token.
    let house = House::open_with(Database::Sqlite, |config| {
        config.web.introspection = Introspection::Everybody;
    })
    .await;
    let audited = node("audit.js", &[&format!("{}/graphql", house.url)]).await;
    let said = text(&audited.stdout);
    assert!(audited.status.success(), "{said}{}", text(&audited.stderr));
    for line in said.lines().filter(|line| line.contains(": ")) {
        assert!(line.contains(" MAY "), "missed: {line}");
    }
    assert!(said.contains("audits passed"), "{said}");
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_reference_client_follows_an_import_to_its_end() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let url = format!("{}/graphql", house.url);
    let token = team.admin.token.clone().unwrap();
    let import = begin(&team.admin, people("acme", 2_000).as_bytes(), json!({})).await;
    let followed = node("follow.js", &[&url, &token, &import]).await;
    assert!(followed.status.success(), "{}", text(&followed.stderr));
    let events: Vec<Value> = text(&followed.stdout)
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events[0]["kind"], "SNAPSHOT");
    let (last, others) = events.split_last().unwrap();
    assert!(others.iter().all(|event| event["isFinal"] == false));
    assert_eq!(last["isFinal"], true);
    assert_eq!(last["import"]["status"], "SUCCEEDED");
    assert_eq!(last["import"]["progress"]["percent"], 100);
    assert_eq!(last["import"]["progress"]["processed"], 2_000);
    for pair in events.windows(2) {
        assert!(pair[0]["sequence"].as_i64() < pair[1]["sequence"].as_i64());
    }
    let content = node("socket.js", &[&url, &token]).await;
    assert!(content.status.success(), "{}", text(&content.stderr));

    let nobody = node("follow.js", &[&url, "no-token", &import]).await;
    assert!(!nobody.status.success(), "a stranger follows nothing");
    house.close().await;
}
