//! What every test of exports does: ask for a file, wait for it, fetch it and read its rows.

use std::collections::BTreeMap;
use std::time::Duration;

use entity::ids::Kind;
use reqwest::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::{Client, Database, House, Team};

const EXPORT: &str = "id status kind format columnSets isCancellable createdAt startedAt finishedAt rowCount filesExpireAt createdBy { id } failure { code message }
    progress { sequence phase processed total succeeded failed skipped percent fileStoreAwaySince }";

/// A row of a file, by the names of its columns.
pub type Row = BTreeMap<String, String>;

/// Sends `startExport`; answers its payload.
pub async fn start(client: &Client, input: Value) -> Value {
    let query = "mutation($input: StartExportInput!) { startExport(input: $input) { export { id status } userErrors { code message field } } }";
    client.ask(query, json!({"input": input})).await["startExport"].clone()
}

/// Asks for an export; answers its id.
pub async fn begin(client: &Client, input: Value) -> String {
    let payload = start(client, input).await;
    assert_eq!(payload["userErrors"], json!([]));
    payload["export"]["id"].as_str().unwrap().to_owned()
}

pub async fn look(client: &Client, id: &str) -> Value {
    let query = format!("query($id: ID!) {{ export(id: $id) {{ {EXPORT} }} }}");
    client.ask(&query, json!({"id": id})).await["export"].clone()
}

/// Waits until an export is in a state that `is_awaited` accepts.
pub async fn wait_for(client: &Client, id: &str, is_awaited: impl Fn(&Value) -> bool) -> Value {
    for _ in 0..6_000 {
        let export = look(client, id).await;
        if is_awaited(&export) {
            return export;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the export never came so far: {:#}", look(client, id).await);
}

pub async fn settled(client: &Client, id: &str) -> Value {
    wait_for(client, id, |export| !export["finishedAt"].is_null()).await
}

/// A link to the file, made now.
pub async fn link(client: &Client, id: &str) -> Value {
    let query = "query($id: ID!) { export(id: $id) { download { url filename byteSize expiresAt } } }";
    client.ask(query, json!({"id": id})).await["export"]["download"].clone()
}

/// Asks for an export, waits for it and fetches its file.
pub async fn file(client: &Client, input: Value) -> String {
    let id = begin(client, input).await;
    fetched(client, &id).await
}

/// Waits for an export and fetches its file.
pub async fn fetched(client: &Client, id: &str) -> String {
    let export = settled(client, id).await;
    assert_eq!(export["status"], "SUCCEEDED", "{export:#}");
    let link = link(client, id).await;
    let (status, bytes) = client.get(link["url"].as_str().unwrap()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(link["byteSize"], bytes.len());
    String::from_utf8(bytes).unwrap()
}

/// The rows of a CSV file, by the names of its columns.
pub fn rows(text: &str) -> Vec<Row> {
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    reader.deserialize().map(Result::unwrap).collect()
}

/// As long as a name may be: thirty thousand of them are more than one piece of a file.
pub const LONG_NAME: &str = "Personxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx";

/// Puts people into an account behind everybody's back, before everybody who is there, the n-th with a seat of each of some subscriptions where n is even.
pub async fn crowd(house: &House, team: &Team, count: u32, subscriptions: &[String]) {
    let account = house.literal(team.account_id);
    let (id, seat, bytes, numbers) = match house.database {
        Database::Sqlite => (
            "unhex(printf('01900000000070008000%012x', i))",
            "unhex(printf('0190000000017000800%d%012x', PLACE, i))",
            "x''",
            format!("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {count})"),
        ),
        Database::Postgres => (
            "('019000000000700080' || lpad(to_hex(i), 14, '0'))::uuid",
            "('01900000000170008' || PLACE || lpad(to_hex(i), 14, '0'))::uuid",
            "''::bytea",
            format!("WITH n(i) AS (SELECT generate_series(1, {count}))"),
        ),
    };
    let now = House::literal_time(house.app.clock().now());
    let connection = house.connection().await;
    let people = format!(
        "INSERT INTO users (account_id, id, version, email, email_key, email_verified, given_name, family_name, given_key, family_key, search_text, role, status, origin, created_at) \
         {numbers} SELECT {account}, {id}, 1, 'crowd' || i || '@acme.example', 'crowd' || i || '@acme.example', false, '{LONG_NAME}', 'Number ' || i, {bytes}, {bytes}, \
         'person number ' || i, 'USER', 'STAGED', 'API', {now} FROM n"
    );
    crate::support::rows::force(&connection, &people).await.unwrap();
    for (place, subscription) in subscriptions.iter().enumerate() {
        let subscription = house.literal(Kind::Subscription.parse(subscription).unwrap());
        let seat = seat.replace("PLACE", &place.to_string());
        let seats = format!(
            "INSERT INTO assignments (account_id, id, version, user_id, subscription_id, product_id, components, source, assigned_at) \
             {numbers} SELECT {account}, {seat}, 1, {id}, s.id, s.product_id, '[]', 'API', {now} FROM n, subscriptions s \
             WHERE s.account_id = {account} AND s.id = {subscription} AND i % 2 = 0"
        );
        crate::support::rows::force(&connection, &seats).await.unwrap();
        let used = format!(
            "UPDATE subscriptions SET seats_used = {} WHERE id = {subscription}",
            count / 2
        );
        crate::support::rows::force(&connection, &used).await.unwrap();
    }
    connection.close().await.unwrap();
}

/// The id of the n-th of a crowd.
pub fn one_of_the_crowd(number: u32) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 | u128::from(number))
}

/// Files that the embedded store keeps of exports, and pieces of such that are not whole.
pub fn stored(house: &House) -> (usize, usize) {
    let objects = house.folder.path().join("storage/objects");
    let mut whole = 0;
    let mut folders = vec![objects.join("muster").join("exports")];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                whole += 1;
            }
        }
    }
    let pieces = std::fs::read_dir(objects).unwrap().filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().starts_with(".upload")
    });
    (whole, pieces.count())
}
