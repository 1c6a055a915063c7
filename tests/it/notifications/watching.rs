//! Notifications as they come, on whichever replica; and coming back without missing any.

use entity::account::Plan;
use entity::notification::Kind;
use entity::user::{Role, Status};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{Happen, mark, notice, prefer, tell, user_id};
use crate::imports::support::alter;
use crate::support::{Client, Database, House, PASSWORD, Socket, team};

const WATCH: &str = "subscription($after: ID) { notificationAdded(after: $after) { unreadCount resumeAfter occurredAt notification { title kind readAt } } }";

pub async fn watch(client: &Client, after: Value) -> Socket {
    let mut socket = Socket::admitted(client).await;
    let payload = json!({"query": WATCH, "variables": {"after": after}});
    socket
        .say(&json!({"id": "1", "type": "subscribe", "payload": payload}))
        .await;
    socket
}

/// What a watcher is told next: the title, how many are unread, and where to go on.
async fn next(socket: &mut Socket) -> (Value, i64, Value) {
    loop {
        let said = socket.hear().await.unwrap();
        if said["type"] == "ping" {
            continue;
        }
        let event = &said["payload"]["data"]["notificationAdded"];
        assert!(event.is_object(), "{said}");
        return (
            event["notification"]["title"].clone(),
            event["unreadCount"].as_i64().unwrap(),
            event["resumeAfter"].clone(),
        );
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_watcher_hears_what_comes_and_what_is_read_and_misses_nothing_by_being_away(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let email = "second@acme.example";
    let second = team.join(&house, email, "SECONDARY_ADMIN").await;
    tell(&house, &team, email, &[(Kind::JobFinished, "before")]).await;
    let mut socket = watch(&second, json!(null)).await;
    let (title, unread, resume) = next(&mut socket).await;
    assert_eq!(
        (title, unread),
        (Value::Null, 1),
        "how it stands, and nothing of before"
    );
    tell(
        &house,
        &team,
        email,
        &[(Kind::JobFinished, "one"), (Kind::ExportReady, "two")],
    )
    .await;
    // Another's is not heard.
    tell(
        &house,
        &team,
        "admin@acme.example",
        &[(Kind::JobFinished, "theirs")],
    )
    .await;
    let (first, ..) = next(&mut socket).await;
    let (then, unread, after_two) = next(&mut socket).await;
    assert_eq!((first, then, unread), (json!("one"), json!("two"), 3));
    mark(&second, json!({})).await;
    assert_eq!(next(&mut socket).await, (Value::Null, 0, after_two.clone()));
    drop(socket);

    tell(&house, &team, email, &[(Kind::JobFinished, "three")]).await;
    tell(&house, &team, email, &[(Kind::JobFinished, "four")]).await;
    let mut socket = watch(&second, after_two).await;
    let (three, ..) = next(&mut socket).await;
    let (four, unread, _) = next(&mut socket).await;
    assert_eq!((three, four, unread), (json!("three"), json!("four"), 2));
    // Whoever comes back behind the first is told all of it again, in order.
    let mut socket = watch(&second, resume).await;
    let mut titles = Vec::new();
    for _ in 0..4 {
        titles.push(next(&mut socket).await.0);
    }
    assert_eq!(titles, ["one", "two", "three", "four"]);
    // What is not to be shown is not told either.
    prefer(&second, "JOB_FINISHED", &["DIGEST"]).await;
    tell(
        &house,
        &team,
        email,
        &[(Kind::JobFinished, "hidden"), (Kind::ExportReady, "five")],
    )
    .await;
    let (five, unread, _) = next(&mut socket).await;
    assert_eq!((five, unread), (json!("five"), 3));

    for bad in ["x", "usr_00000000000000000000000000"] {
        let said = watch(&second, json!(bad)).await.hear().await.unwrap();
        assert_eq!(
            said["payload"][0]["extensions"]["code"], "BAD_USER_INPUT",
            "{said}"
        );
    }
    // Whoever is out hears nothing more.
    alter(&house, &team, email, Role::SecondaryAdmin, Status::Disabled).await;
    loop {
        match socket.hear().await {
            Ok(said) if said["type"] == "next" && said["payload"]["errors"].is_null() => {
                panic!("{said}");
            }
            Ok(said) if said["type"] == "ping" => {}
            _ => break,
        }
    }
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_two_replicas_tell_at_once_is_heard_once_by_who_goes_on_behind_what_they_saw() {
    let house = House::open(Database::Postgres).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let elsewhere = house
        .replica()
        .await
        .sign_in("admin@acme.example", PASSWORD)
        .await;
    let admin = user_id(&house, "admin@acme.example").await;
    let mut socket = watch(&elsewhere, json!(null)).await;
    next(&mut socket).await;
    let actor = team.actor(&house).await;
    let telling = (0..40).map(|number| {
        let told = vec![(admin, notice(Kind::JobFinished, &format!("n{number}")))];
        let (app, actor) = (house.app.clone(), actor.clone());
        tokio::spawn(async move { app.run(&actor, Happen { told }).await.unwrap() })
    });
    let telling: Vec<_> = telling.collect();
    let mut heard = Vec::new();
    while heard.len() < 40 {
        let (title, _, resume) = next(&mut socket).await;
        if let Some(title) = title.as_str() {
            heard.push(title.to_owned());
        }
        // The connection breaks again and again, and is made anew at either replica.
        if heard.len() % 7 == 0 {
            let client = if heard.len() % 2 == 0 {
                &elsewhere
            } else {
                &team.admin
            };
            socket = watch(client, resume).await;
        }
    }
    for told in telling {
        told.await.unwrap();
    }
    heard.sort();
    heard.dedup();
    assert_eq!(heard.len(), 40, "each once");
    house.close().await;
}
