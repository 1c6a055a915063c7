//! Watching an import over a WebSocket, message by message, and by polling.

use std::time::{Duration, Instant};

use entity::account::Plan;
use entity::ids::Kind;
use entity::user::{Role, Status};
use futures::{SinkExt, StreamExt};
use rstest::rstest;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::support::{alter, begin, decide, outcomes, people, run, settled};
use crate::support::{Client, Database, House, team};

const EVENT: &str = "sequence kind isFinal hasGap rows { lineNumber outcome }
    import { id mode status startedAt finishedAt failure { code } preview { rowCount } progress { sequence percent phase processed total succeeded failed skipped } outcomeCounts { outcome count } }";

/// What a watcher hears.
#[derive(Debug, PartialEq)]
enum Heard {
    Event(Value),
    Error(Value),
    Complete,
    Closed,
}

struct Watch(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Watch {
    async fn open(client: &Client, import: &str, after: Option<i64>) -> Self {
        let url = format!("{}/graphql", client.url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        let protocol = "graphql-transport-ws".parse().unwrap();
        request.headers_mut().insert("sec-websocket-protocol", protocol);
        let mut watch = Self(connect_async(request).await.unwrap().0);
        let token = client.token.as_ref().unwrap();
        let payload = json!({"Authorization": format!("Bearer {token}")});
        watch
            .say(json!({"type": "connection_init", "payload": payload}))
            .await;
        assert_eq!(watch.message().await, Some(json!({"type": "connection_ack"})));
        let query = format!(
            "subscription($id: ID!, $after: Int) {{ importProgress(importId: $id, afterSequence: $after) {{ {EVENT} }} }}"
        );
        let payload = json!({"query": query, "variables": {"id": import, "after": after}});
        watch
            .say(json!({"type": "subscribe", "id": "1", "payload": payload}))
            .await;
        watch
    }

    async fn say(&mut self, message: Value) {
        self.0.send(Message::text(message.to_string())).await.unwrap();
    }

    /// The next message that is not a sign of life; `None` when the server hangs up.
    async fn message(&mut self) -> Option<Value> {
        loop {
            let next = tokio::time::timeout(Duration::from_secs(30), self.0.next());
            match next.await.expect("the server has fallen silent") {
                Some(Ok(Message::Text(text))) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if message["type"] != "ping" {
                        return Some(message);
                    }
                }
                Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
                Some(Ok(_)) => {}
            }
        }
    }

    async fn hear(&mut self) -> Heard {
        let Some(message) = self.message().await else {
            return Heard::Closed;
        };
        match message["type"].as_str().unwrap() {
            "next" => match &message["payload"]["errors"] {
                Value::Null => Heard::Event(message["payload"]["data"]["importProgress"].clone()),
                errors => Heard::Error(errors.clone()),
            },
            "error" => Heard::Error(message["payload"].clone()),
            _ => Heard::Complete,
        }
    }

    async fn event(&mut self) -> Value {
        match self.hear().await {
            Heard::Event(event) => event,
            other => panic!("no event: {other:?}"),
        }
    }

    /// All events until the server says that there are no more.
    async fn rest(&mut self) -> Vec<Value> {
        let mut events = Vec::new();
        loop {
            match self.hear().await {
                Heard::Event(event) => events.push(event),
                Heard::Complete => return events,
                other => panic!("{other:?} after {events:#?}"),
            }
        }
    }
}

fn number(event: &Value, name: &str) -> i64 {
    event["import"]["progress"][name].as_i64().unwrap()
}

fn sequences(events: &[Value]) -> Vec<i64> {
    events
        .iter()
        .map(|event| event["sequence"].as_i64().unwrap())
        .collect()
}

/// What holds for every stream of events that came to its end.
fn assert_orderly(events: &[Value]) {
    assert_eq!(events[0]["kind"], "SNAPSHOT");
    assert!(events[1..].iter().all(|event| event["kind"] != "SNAPSHOT"));
    let told: Vec<Value> = events
        .iter()
        .filter(|event| event["kind"] != "HEARTBEAT")
        .cloned()
        .collect();
    assert!(
        sequences(&told).windows(2).all(|pair| pair[0] < pair[1]),
        "{:?}",
        sequences(&told)
    );
    for name in ["percent", "processed"] {
        let values: Vec<i64> = events.iter().map(|event| number(event, name)).collect();
        assert!(values.is_sorted(), "{name} falls: {values:?}");
    }
    for event in events {
        assert_eq!(event["hasGap"], false);
        let parts = ["succeeded", "failed", "skipped"].map(|name| number(event, name));
        assert_eq!(parts.iter().sum::<i64>(), number(event, "processed"));
        let counted = outcomes(&event["import"]["outcomeCounts"]).values().sum::<i64>();
        assert_eq!(counted, number(event, "processed"), "{event:#}");
        if let Some(total) = event["import"]["progress"]["total"]
            .as_i64()
            .filter(|total| *total > 0)
        {
            assert_eq!(
                number(event, "percent"),
                number(event, "processed") * 100 / total,
                "{event:#}"
            );
        }
    }
    let (last, others) = events.split_last().unwrap();
    assert_eq!((&last["isFinal"], number(last, "percent")), (&json!(true), 100));
    assert!(others.iter().all(|event| event["isFinal"] == false));
    assert_no_end_before_the_last(&told);
}

/// No event says more than was so when it was written.
fn assert_no_end_before_the_last(told: &[Value]) {
    let (last, others) = told.split_last().unwrap();
    assert_ne!(last["import"]["finishedAt"], json!(null));
    for event in others {
        let import = &event["import"];
        let end = [&import["finishedAt"], &import["failure"]];
        assert_eq!(end, [&json!(null), &json!(null)], "{event:#}");
        assert!(
            !["SUCCEEDED", "SUCCEEDED_WITH_ERRORS", "FAILED", "CANCELLED"]
                .contains(&import["status"].as_str().unwrap()),
            "{event:#}"
        );
        assert_eq!(
            import["startedAt"].is_null(),
            import["progress"]["total"].is_null(),
            "{event:#}"
        );
    }
}

/// A dry run has no preview until it is planned, and has it from then on.
fn assert_preview_comes_with_the_plan(events: &[Value]) {
    let planned = events
        .iter()
        .position(|event| event["import"]["status"] == "AWAITING_CONFIRMATION")
        .unwrap();
    for (place, event) in events.iter().enumerate() {
        let is_planned = place >= planned;
        assert_eq!(!event["import"]["preview"].is_null(), is_planned, "{event:#}");
        let is_confirmed = is_planned && event["import"]["status"] != "AWAITING_CONFIRMATION";
        let mode = if is_confirmed { "APPLY" } else { "DRY_RUN" };
        assert_eq!(event["import"]["mode"], mode, "{event:#}");
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_sees_it_from_the_first_state_to_the_last_and_misses_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let id = begin(&team.admin, people("acme", 3_000).as_bytes(), json!({})).await;
    let mut watch = Watch::open(&team.admin, &id, None).await;
    let (mut events, mut times) = (Vec::new(), Vec::new());
    loop {
        match watch.hear().await {
            Heard::Event(event) => {
                events.push(event);
                times.push(Instant::now());
            }
            Heard::Complete => break,
            other => panic!("{other:?}"),
        }
    }
    assert_orderly(&events);
    assert_eq!(events.last().unwrap()["import"]["status"], "SUCCEEDED");
    assert!(
        events
            .iter()
            .all(|event| event["rows"].as_array().unwrap().len() <= 50)
    );
    for (earlier, later) in times.iter().zip(&times[4.min(times.len())..]) {
        assert!(
            later.duration_since(*earlier) > Duration::from_millis(750),
            "more than four a second"
        );
    }

    // Whoever comes back is told what was missed, one by one, and nothing twice.
    let newest = number(events.last().unwrap(), "sequence");
    let all = Watch::open(&team.admin, &id, Some(0)).await.rest().await;
    assert_orderly(&all);
    assert_eq!(sequences(&all), (0..=newest).collect::<Vec<_>>());
    let lines = all.iter().flat_map(|event| event["rows"].as_array().unwrap());
    assert!(lines.clone().count() > 0 && lines.clone().all(|row| row["outcome"] == "INVITED"));
    let middle = newest / 2;
    let half = Watch::open(&team.admin, &id, Some(middle)).await.rest().await;
    assert_orderly(&half);
    assert_eq!(sequences(&half), (middle..=newest).collect::<Vec<_>>());
    for after in [None, Some(newest), Some(newest + 1_000)] {
        let end = Watch::open(&team.admin, &id, after).await.rest().await;
        assert_eq!(
            (end.len(), &end[0]["kind"], &end[0]["isFinal"]),
            (1, &json!("SNAPSHOT"), &json!(true))
        );
    }

    let query = format!(
        "query($id: ID!, $after: Int!) {{ importEvents(importId: $id, afterSequence: $after) {{ {EVENT} }} }}"
    );
    let polled = team.admin.ask(&query, json!({"id": id, "after": 0})).await;
    assert_eq!(
        polled["importEvents"].as_array().unwrap()[..],
        all[1..],
        "polling tells the same"
    );
    let polled = team.admin.ask(&query, json!({"id": id, "after": newest})).await;
    assert_eq!(polled["importEvents"], json!([]));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_is_watched_through_its_confirmation(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let id = begin(
        &team.admin,
        people("acme", 30).as_bytes(),
        json!({"mode": "DRY_RUN"}),
    )
    .await;
    let mut watch = Watch::open(&team.admin, &id, None).await;
    let mut events = Vec::new();
    while events
        .last()
        .is_none_or(|event: &Value| event["import"]["status"] != "AWAITING_CONFIRMATION")
    {
        events.push(watch.event().await);
    }
    assert_eq!(
        number(events.last().unwrap(), "percent"),
        0,
        "judging applies nothing"
    );
    decide(&team.admin, "confirmImport", &id).await;
    events.extend(watch.rest().await);
    assert_orderly(&events);
    assert_preview_comes_with_the_plan(&events);
    let replayed = Watch::open(&team.admin, &id, Some(0)).await.rest().await;
    assert_orderly(&replayed);
    assert_preview_comes_with_the_plan(&replayed);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_events_of_an_import_that_failed_tell_of_it_in_the_last_one_only(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let file = people("acme", 3) + "Bad,X,nonsense,,,\n";
    let import = run(&team.admin, file.as_bytes(), json!({"onError": "REJECT_ALL"})).await;
    let id = import["id"].as_str().unwrap();
    assert_eq!(import["status"], "FAILED");
    let replayed = Watch::open(&team.admin, id, Some(0)).await.rest().await;
    assert_orderly(&replayed);
    let query = format!("query($id: ID!) {{ importEvents(importId: $id, afterSequence: 0) {{ {EVENT} }} }}");
    let polled = team.admin.ask(&query, json!({"id": id})).await["importEvents"].clone();
    let polled = polled.as_array().unwrap();
    assert!(polled.len() > 2, "begun, read, judged, ended");
    assert_eq!(polled[..], replayed[1..]);
    let last = &polled.last().unwrap()["import"];
    assert_eq!(
        (&last["status"], &last["failure"]),
        (&json!("FAILED"), &json!({"code": import["failure"]["code"]}))
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_import_is_watched_no_more_than_one_that_never_was(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let (acme, other) = (
        team(&house, "acme", Plan::Standard).await,
        team(&house, "other", Plan::Standard).await,
    );
    let theirs = run(&other.admin, people("other", 1).as_bytes(), json!({})).await;
    let theirs = theirs["id"].as_str().unwrap().to_owned();
    let random = Kind::Import.text(uuid::Uuid::new_v4());
    let mut answers = Vec::new();
    for id in [&theirs, &random] {
        let Heard::Error(errors) = Watch::open(&acme.admin, id, None).await.hear().await else {
            panic!("an event of another account")
        };
        let query = "query($id: ID!) { importEvents(importId: $id) { sequence } }";
        let code = acme.admin.refused(query, json!({"id": id})).await;
        answers.push((
            errors[0]["message"].clone(),
            errors[0]["extensions"]["code"].clone(),
            code,
        ));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0].1, "BAD_USER_INPUT");

    let user = acme.join(&house, "user@acme.example", "USER").await;
    let Heard::Error(errors) = Watch::open(&user, &theirs, None).await.hear().await else {
        panic!("an event for somebody who may not import")
    };
    assert_eq!(errors[0]["extensions"]["code"], "FORBIDDEN");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_whose_right_is_taken_is_shown_nothing_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values((Role::User, Status::Active), (Role::SecondaryAdmin, Status::Disabled))] becomes: (Role, Status),
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let id = begin(
        &team.admin,
        people("acme", 3).as_bytes(),
        json!({"mode": "DRY_RUN"}),
    )
    .await;
    settled(&team.admin, &id).await;
    let mut watch = Watch::open(&second, &id, None).await;
    assert_eq!(watch.event().await["kind"], "SNAPSHOT");
    let taken = Instant::now();
    alter(&house, &team, "second@acme.example", becomes.0, becomes.1).await;
    let heard = watch.hear().await;
    assert!(
        matches!(heard, Heard::Error(_) | Heard::Closed | Heard::Complete),
        "{heard:?}"
    );
    assert!(taken.elapsed() < Duration::from_secs(3), "{:?}", taken.elapsed());
    decide(&team.admin, "cancelImport", &id).await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_below_the_rows_of_events_costs_as_often_as_there_can_be_rows() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let id = json!({"id": Kind::Import.text(uuid::Uuid::from_u128(7))});
    let events = |rows: &str| {
        format!("query($id: ID!) {{ importEvents(importId: $id) {{ sequence rows {{ {rows} }} }} }}")
    };
    let (_, dear) = team
        .admin
        .send(
            &events("user { account { users(first: 100) { nodes { id } } } }"),
            id.clone(),
        )
        .await;
    assert_eq!(dear["errors"][0]["extensions"]["code"], "COST_LIMIT_EXCEEDED");
    // 25 events, each with 50 rows and their people.
    let cost = &dear["errors"][0]["extensions"]["cost"];
    assert!(cost["requested"].as_u64().unwrap() > 25 * 50 * 100, "{cost}");
    let (_, usual) = team
        .admin
        .send(&events("lineNumber outcome user { id email }"), id)
        .await;
    assert_eq!(
        usual["errors"][0]["extensions"]["code"], "BAD_USER_INPUT",
        "{usual}"
    );
    house.close().await;
}
