//! A call that is sent again under its key, because nobody knew whether it had arrived, is the same call: it answers the same and changes nothing.

use chrono::Duration;
use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use crate::imports::support::{HEADER, settled, start};
use crate::support::{Client, Database, House, PASSWORD, add_product, team};

fn file(name: &str) -> String {
    format!("{HEADER}{name},X,{name}@acme.example,,,\n")
}

/// Uploads the file anew, and starts its import under a key.
async fn send(client: &Client, file: &str, key: &str, options: Value) -> Value {
    let upload = client.upload("people.csv", file.as_bytes()).await;
    let mut options = options;
    options["idempotencyKey"] = json!(key);
    start(client, &upload, options).await
}

async fn imports(client: &Client) -> Value {
    let query = "{ account { imports(first: 1) { totalCount } } }";
    client.ask(query, json!({})).await["account"]["imports"]["totalCount"].clone()
}

fn refusal(payload: &Value) -> (&str, &Value) {
    let error = &payload["userErrors"][0];
    (error["code"].as_str().unwrap_or("none"), &error["field"])
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_file_uploaded_again_under_its_key_is_the_same_import(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let mut team = team(&house, "acme", Plan::Standard).await;
    let first = send(&team.admin, &file("anne"), "one", json!({})).await;
    assert_eq!(first["userErrors"], json!([]));
    let id = first["import"]["id"].as_str().unwrap();
    assert_eq!(settled(&team.admin, id).await["status"], "SUCCEEDED");

    let announced = team.admin.announce("again.csv", file("anne").as_bytes()).await;
    let before = house.settled().await;
    let unsent = start(&team.admin, &announced.0, json!({"idempotencyKey": "one"})).await;
    assert_eq!(
        (&unsent["import"]["id"], &unsent["userErrors"]),
        (&json!(id), &json!([])),
        "it arrived the first time"
    );
    assert_eq!(house.settled().await, before);

    let field = json!(["input", "idempotencyKey"]);
    let reused = ("IDEMPOTENCY_KEY_REUSED", &field);
    for (name, options) in [
        ("bert", json!({})),
        ("anne", json!({"mode": "DRY_RUN"})),
        ("anne", json!({"onError": "REJECT_ALL"})),
        ("anne", json!({"sendInvitations": false})),
        ("anne", json!({"encoding": "UTF_8"})),
    ] {
        let other = send(&team.admin, &file(name), "one", options.clone()).await;
        assert_eq!(refusal(&other), reused, "{name} {options}");
        assert_eq!(other["import"], json!(null));
    }
    assert_eq!(imports(&team.admin).await, 1);
    assert_eq!(team.counts().await["users"]["totalCount"], 2);

    let again = send(&team.admin, &file("anne"), "two", json!({})).await;
    assert_ne!(again["import"]["id"], id, "another key is another call");
    settled(&team.admin, again["import"]["id"].as_str().unwrap()).await;
    house.app.clock().advance(Duration::hours(25));
    team.admin = house.sign_in("admin@acme.example", PASSWORD).await;
    let late = send(&team.admin, &file("bert"), "one", json!({})).await;
    assert_eq!(late["userErrors"], json!([]), "a key is forgotten after a day");
    settled(&team.admin, late["import"]["id"].as_str().unwrap()).await;
    assert_eq!(imports(&team.admin).await, 3);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn calls_under_one_key_at_the_same_time_start_one_import(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let bytes = file("anne");
    let sends = (0..6).map(|_| send(&team.admin, &bytes, "one", json!({})));
    let payloads = futures::future::join_all(sends).await;
    let id = payloads[0]["import"]["id"].as_str().unwrap();
    for payload in &payloads {
        assert_eq!(
            (&payload["import"]["id"], &payload["userErrors"]),
            (&json!(id), &json!([]))
        );
    }
    settled(&team.admin, id).await;
    assert_eq!(imports(&team.admin).await, 1);
    assert_eq!(team.counts().await["users"]["totalCount"], 2);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_given_under_a_key_are_given_once_and_answered_alike(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values("subscriptionId", "productId")] source: &str,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let product = "query($id: ID!) { subscription(id: $id) { product { id } } }";
    let product = team.admin.ask(product, json!({"id": draw})).await["subscription"]["product"]["id"].clone();
    let chosen = if source == "productId" {
        product
    } else {
        json!(draw)
    };
    let had = team.invite("had@acme.example").await;
    let mut ids = vec![had.clone()];
    for name in ["anne", "late"] {
        ids.push(team.invite(&format!("{name}@acme.example")).await);
    }
    let assign = |users: Vec<String>, key: &str| {
        let query = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { affectedSubscriptions { id } results { index userId status assignment { id } userErrors { code } }
            summary { applied unchanged failed } userErrors { code field } } }";
        let input = json!({"sources": [{source: chosen}], "userIds": users, "onError": "SKIP_FAILED", "idempotencyKey": key});
        let client = team.admin.clone();
        async move { client.ask(query, json!({"input": input})).await["assignSeats"].clone() }
    };
    assign(vec![had], "earlier").await;

    // One had the seat before, one is given it and is named twice, and for one there is none.
    let named = vec![ids[0].clone(), ids[1].clone(), ids[1].clone(), ids[2].clone()];
    let first = assign(named.clone(), "one").await;
    assert_eq!(
        first["summary"],
        json!({"applied": 1, "unchanged": 2, "failed": 1})
    );
    assert_eq!(first["affectedSubscriptions"], json!([{"id": draw}]));
    let before = house.settled().await;
    assert_eq!(assign(named, "one").await, first);
    assert_eq!(house.settled().await, before);

    let other = assign(vec![ids[2].clone()], "one").await;
    assert_eq!(
        refusal(&other),
        ("IDEMPOTENCY_KEY_REUSED", &json!(["input", "idempotencyKey"]))
    );
    assert_eq!(house.settled().await, before);
    assert_eq!(team.seats(&draw).await, (2, 2, 2));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_call_made_and_somebody_took_back_since_is_not_made_again_by_its_repetition(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let change = async |mutation: &str, kind: &str, selection: &str, input: Value| {
        let query = format!(
            "mutation($input: {kind}!) {{ {mutation}(input: $input) {{ {selection} userErrors {{ code }} }} }}"
        );
        team.admin.ask(&query, json!({"input": input})).await[mutation].clone()
    };
    let results = "results { index status userErrors { code } } summary { applied unchanged failed }";
    let anne = json!({"email": "anne@acme.example", "subscriptionIds": [draw], "idempotencyKey": "one"});
    let list = json!({"recipients": {"list": "bert@acme.example; cleo@acme.example; admin@acme.example; broken"}, "idempotencyKey": "list"});
    let invited = change("inviteUser", "InviteUserInput", "user { id }", anne.clone()).await;
    let listed = change("inviteUsers", "InviteUsersInput", results, list.clone()).await;
    assert_eq!(
        listed["summary"],
        json!({"applied": 2, "unchanged": 1, "failed": 1})
    );
    let users = "{ account { users(first: 10) { nodes { id email } } } }";
    let users = team.admin.ask(users, json!({})).await["account"]["users"]["nodes"].clone();
    let id = |name: &str| {
        let mut users = users.as_array().unwrap().iter();
        users
            .find(|user| user["email"] == format!("{name}@acme.example"))
            .unwrap()["id"]
            .clone()
    };
    let seat =
        json!({"sources": [{"subscriptionId": draw}], "userIds": [id("bert")], "idempotencyKey": "seat"});
    let given = change(
        "assignSeats",
        "AssignSeatsInput",
        &format!("{results} results {{ assignment {{ id }} }}"),
        seat.clone(),
    )
    .await;
    let assignment = given["results"][0]["assignment"]["id"].clone();
    assert_eq!(
        change("inviteUsers", "InviteUsersInput", results, list.clone()).await,
        listed,
        "those who were added are answered as added"
    );

    let input = json!({"assignmentIds": [assignment]});
    change("unassignSeats", "UnassignSeatsInput", "results { status }", input).await;
    let gone = json!({"userIds": [id("anne"), id("cleo")]});
    let removed = change("removeUsers", "UserIdsInput", "results { status }", gone).await;
    assert_eq!(
        removed["results"],
        json!([{"status": "APPLIED"}, {"status": "APPLIED"}])
    );

    house.settle_mails().await;
    let before = house.settled().await;
    let again = change("inviteUser", "InviteUserInput", "user { id }", anne).await;
    assert_eq!(again, invited);
    assert_eq!(
        change("inviteUsers", "InviteUsersInput", results, list).await,
        listed
    );
    let again = change("assignSeats", "AssignSeatsInput", results, seat).await;
    assert_eq!(again["summary"], given["summary"]);
    assert_eq!(house.settled().await, before, "nobody is back, no seat, no mail");
    assert_eq!(team.seats(&draw).await, (5, 0, 0));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_assigned_again_with_other_components_under_a_key_are_answered_as_the_first_time_and_stay_as_they_are_now(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let member = team.join(&house, "member@acme.example", "USER").await;
    let me = "{ viewer { user { id } } }";
    let user = member.ask(me, json!({})).await["viewer"]["user"]["id"].clone();
    let known = "{ account { products(first: 5) { nodes { components { id code } } } } }";
    let known = team.admin.ask(known, json!({})).await["account"].clone();
    let part = |code: &str| {
        let parts = known["products"]["nodes"][0]["components"].as_array().unwrap();
        parts.iter().find(|part| part["code"] == code).unwrap()["id"].clone()
    };
    let query = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) {
        summary { applied unchanged failed } results { status assignment { id } } userErrors { code field } } }";
    let assign = async |components: &[&str], key: Value| {
        let parts: Vec<Value> = components.iter().map(|code| part(code)).collect();
        let input = json!({"sources": [{"subscriptionId": draw}], "userIds": [user], "componentIds": parts, "idempotencyKey": key});
        team.admin.ask(query, json!({"input": input})).await["assignSeats"].clone()
    };
    let given = assign(&["CORE", "EXTRA"], json!("give")).await;
    let changed = assign(&["CORE", "CLOUD"], json!("change")).await;
    let unchanged = assign(&["CORE", "CLOUD"], json!("once more")).await;
    assert_eq!(given["results"][0]["status"], "APPLIED");
    assert_eq!(changed["results"][0]["status"], "APPLIED");
    assert_eq!(unchanged["results"][0]["status"], "UNCHANGED");
    assign(&["CORE"], Value::Null).await;
    let before = house.settled().await;
    for (components, key, first) in [
        (["CORE", "EXTRA"], "give", &given),
        (["CORE", "CLOUD"], "change", &changed),
        (["CORE", "CLOUD"], "once more", &unchanged),
    ] {
        assert_eq!(assign(&components, json!(key)).await, *first, "{key}");
        assert_eq!(house.settled().await, before, "{key}");
    }
    let other = assign(&["CORE"], json!("change")).await;
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(house.settled().await, before);
    house.close().await;
}
