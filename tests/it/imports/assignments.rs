//! Files of people who all get the same: who is new is invited and given it, who is there is given it, and nobody hears of it twice.

use std::collections::BTreeMap;

use chrono::Duration;
use entity::account::Plan;
use entity::user::{Role, Status};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{
    alter, assert_sums, decide, look, mails_of, outcomes, rows, run, settled, standing, start,
};
use crate::support::{Client, Database, House, PASSWORD, Team, add_product, team};

pub const HEADER: &str = "First Name,Last Name,Email\n";

/// A product as the catalogue knows it: its id, and those of its components by their codes.
pub async fn product(client: &Client, subscription: &str) -> (String, BTreeMap<String, String>) {
    let query = "query($id: ID!) { subscription(id: $id) { product { id components { id code } } } }";
    let shown = client.ask(query, json!({"id": subscription})).await["subscription"]["product"].clone();
    let parts = shown["components"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let parts = parts.map(|part| (text(&part["code"]), text(&part["id"])));
    (text(&shown["id"]), parts.collect())
}

/// The options of an import that gives seats of subscriptions.
pub fn giving(subscriptions: &[&str]) -> Value {
    let sources: Vec<Value> = subscriptions
        .iter()
        .map(|id| json!({"subscriptionId": id}))
        .collect();
    json!({"kind": "ASSIGNMENTS", "sources": sources})
}

fn with(mut options: Value, name: &str, value: Value) -> Value {
    options[name] = value;
    options
}

/// Outcome and code of the first problem of every row, in the order of the file.
pub async fn came_to(client: &Client, import: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = rows(client, import["id"].as_str().unwrap(), Value::Null).await;
    rows.iter()
        .map(|row| (text(&row["outcome"]), text(&row["userErrors"][0]["code"])))
        .collect()
}

fn expected(rows: &[(&str, &str)]) -> Vec<(String, String)> {
    rows.iter()
        .map(|(outcome, code)| ((*outcome).to_owned(), (*code).to_owned()))
        .collect()
}

/// Which components are on in somebody's seats, in the order of the products' codes.
async fn enabled(client: &Client, email: &str) -> Value {
    let query = "query($email: String!) { account { users(first: 1, filter: {email: {eq: $email}}) { nodes { assignments(first: 10) { nodes {
        product { code } components { isEnabled component { code } } } } } } } }";
    let shown = client.ask(query, json!({"email": email})).await;
    let seats = &shown["account"]["users"]["nodes"][0]["assignments"]["nodes"];
    let mut seats = seats.as_array().unwrap().clone();
    seats.sort_by_key(|seat| seat["product"]["code"].as_str().unwrap().to_owned());
    let on = |seat: &Value| {
        let parts = seat["components"].as_array().unwrap().iter();
        let on = parts.filter(|part| part["isEnabled"] == true);
        on.map(|part| part["component"]["code"].clone())
            .collect::<Value>()
    };
    seats.iter().map(on).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn who_is_new_is_invited_with_the_product_and_who_is_there_is_only_given_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 20).await;
    let render = add_product(&house, "acme", "RENDER", 20).await;
    for active in ["active@acme.example", "gone@acme.example"] {
        team.join(&house, active, "USER").await;
    }
    team.invite("expired@acme.example").await;
    house.settle_mails().await;
    house.app.clock().advance(Duration::days(91));
    let admin = house.sign_in("admin@acme.example", PASSWORD).await;
    let team = Team { admin, ..team };
    team.invite("pending@acme.example").await;
    team.invite("staged@acme.example").await;
    for (email, status) in [
        ("staged@acme.example", Status::Staged),
        ("gone@acme.example", Status::Disabled),
    ] {
        alter(&house, &team, email, Role::User, status).await;
    }
    let invited_before = mails_of(&house, &team, "invitation").await.len();

    let file = format!(
        "{HEADER}Nora,New,nora@acme.example\n,,active@acme.example\nPia,Pending,pending@acme.example\n,,expired@acme.example\n\
         ,,staged@acme.example\n,,gone@acme.example\n,,unknown@acme.example\nNo,,other@acme.example\nNora,New,NORA@acme.example\nx,y,nonsense\n"
    );
    let both = giving(&[&draw, &render]);
    let import = run(&team.admin, file.as_bytes(), both.clone()).await;
    assert_eq!(import["status"], "SUCCEEDED_WITH_ERRORS");
    assert_sums(&team.admin, &import).await;
    let rows = expected(&[
        ("INVITED_AND_ASSIGNED", ""),
        ("ASSIGNED", ""),
        ("ASSIGNED", ""),
        ("ASSIGNED", ""),
        ("ASSIGNED", ""),
        ("FAILED", "USER_DISABLED"),
        ("FAILED", "REQUIRED"),
        ("FAILED", "REQUIRED"),
        ("DUPLICATE", "DUPLICATE_INPUT"),
        ("FAILED", "EMAIL_INVALID"),
    ]);
    assert_eq!(came_to(&team.admin, &import).await, rows);
    let failed = super::support::rows(&team.admin, import["id"].as_str().unwrap(), json!(["FAILED"])).await;
    let at = |place: usize| failed[place]["userErrors"][0]["field"].clone();
    assert_eq!(at(1), json!(["line 8", "First Name"]));
    assert_eq!(at(2), json!(["line 9", "Last Name"]));
    assert_eq!(team.seats(&draw).await, (20, 5, 4));
    assert_eq!(team.seats(&render).await, (20, 5, 4));

    let invited = mails_of(&house, &team, "invitation").await;
    assert_eq!(
        invited.len(),
        invited_before + 1,
        "who is there is not invited again"
    );
    let of_nora: Vec<_> = invited
        .iter()
        .filter(|(to, _)| to == "nora@acme.example")
        .collect();
    assert_eq!(
        of_nora[0].1["products"],
        json!(["Product DRAW", "Product RENDER"])
    );
    let confirmed = mails_of(&house, &team, "product_confirmation").await;
    let to: Vec<&str> = confirmed.iter().map(|(to, _)| to.as_str()).collect();
    assert_eq!(to, ["active@acme.example"], "the others have not joined");
    assert_eq!(
        confirmed[0].1["products"],
        json!(["Product DRAW", "Product RENDER"])
    );
    let status = "query($email: String!) { account { users(first: 1, filter: {email: {eq: $email}}) { nodes { status invitation { status } } } } }";
    let shown = team
        .admin
        .ask(status, json!({"email": "staged@acme.example"}))
        .await;
    assert_eq!(shown["account"]["users"]["nodes"][0]["status"], "STAGED");
    let shown = team
        .admin
        .ask(status, json!({"email": "expired@acme.example"}))
        .await;
    assert_eq!(
        shown["account"]["users"]["nodes"][0]["invitation"]["status"],
        "EXPIRED"
    );

    let before = standing(&house, &team).await;
    let again = run(&team.admin, file.as_bytes(), both).await;
    let counts = outcomes(&again["outcomeCounts"]);
    assert_eq!(
        (counts["UNCHANGED"], counts["FAILED"], counts["DUPLICATE"]),
        (5, 4, 1)
    );
    assert_eq!(standing(&house, &team).await, before, "no seat and no mail twice");
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_customisation_holds_for_the_whole_file_and_the_dry_run_names_what_it_switches_off(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 20).await;
    let render = add_product(&house, "acme", "RENDER", 20).await;
    let (_, parts) = product(&team.admin, &draw).await;
    let file = format!("{HEADER}A,X,a@acme.example\nB,X,b@acme.example\n");
    run(&team.admin, file.as_bytes(), giving(&[&draw])).await;
    assert_eq!(
        enabled(&team.admin, "a@acme.example").await,
        json!([["CORE", "EXTRA"]])
    );
    team.join(&house, "c@acme.example", "USER").await;

    let file = format!("{HEADER},,a@acme.example\n,,b@acme.example\n,,c@acme.example\nD,X,d@acme.example\n");
    let options = with(
        giving(&[&draw, &render]),
        "componentIds",
        json!([parts["CLOUD"], parts["CORE"]]),
    );
    let before = standing(&house, &team).await;
    let dry = run(
        &team.admin,
        file.as_bytes(),
        with(options.clone(), "mode", json!("DRY_RUN")),
    )
    .await;
    assert_eq!(dry["status"], "AWAITING_CONFIRMATION");
    assert_eq!(standing(&house, &team).await, before);
    let id = dry["id"].as_str().unwrap();
    let shown = "query($id: ID!) { import(id: $id) { kind sources { product { code } subscription { id } components { code } }
        preview { mailCount switchedOff { component { code } count users { email } } seatNeeds { subscription { id } required available } } } }";
    let shown = team.admin.ask(shown, json!({"id": id})).await["import"].clone();
    assert_eq!(shown["kind"], "ASSIGNMENTS");
    let sources = json!([
        {"product": {"code": "DRAW"}, "subscription": {"id": draw}, "components": [{"code": "CORE"}, {"code": "CLOUD"}]},
        {"product": {"code": "RENDER"}, "subscription": {"id": render}, "components": []},
    ]);
    assert_eq!(shown["sources"], sources);
    let preview = &shown["preview"];
    let losing = json!([{"email": "a@acme.example"}, {"email": "b@acme.example"}]);
    assert_eq!(
        preview["switchedOff"],
        json!([{"component": {"code": "EXTRA"}, "count": 2, "users": losing}])
    );
    let mut needs: Vec<(i64, i64)> = Vec::new();
    for need in preview["seatNeeds"].as_array().unwrap() {
        needs.push((
            need["required"].as_i64().unwrap(),
            need["available"].as_i64().unwrap(),
        ));
    }
    needs.sort_unstable();
    assert_eq!(needs, [(2, 18), (4, 20)]);
    // One invitation, one confirmation: whose seats are only customised hears nothing of that, and of RENDER when they join.
    assert_eq!(preview["mailCount"], 2);

    decide(&team.admin, "confirmImport", id).await;
    let done = settled(&team.admin, id).await;
    assert_eq!(done["status"], "SUCCEEDED");
    let counts: BTreeMap<String, i64> =
        [("ASSIGNED".to_owned(), 3), ("INVITED_AND_ASSIGNED".to_owned(), 1)].into();
    assert_eq!(outcomes(&done["outcomeCounts"]), counts);
    for email in ["a", "b", "c", "d"] {
        let on = enabled(&team.admin, &format!("{email}@acme.example")).await;
        assert_eq!(on, json!([["CORE", "CLOUD"], ["CORE", "EXTRA"]]), "{email}");
    }
    assert_eq!(team.seats(&draw).await, (20, 4, 3));

    let before = standing(&house, &team).await;
    let only = with(giving(&[&draw]), "componentIds", json!([parts["CORE"]]));
    let customised = run(&team.admin, file.as_bytes(), only).await;
    assert_eq!(
        outcomes(&customised["outcomeCounts"]),
        [("ASSIGNED".to_owned(), 4)].into()
    );
    assert_eq!(enabled(&team.admin, "d@acme.example").await[0], json!(["CORE"]));
    assert_eq!(
        standing(&house, &team).await,
        before,
        "no seat, and no mail, for a customisation"
    );
    // Without components those of now stay.
    let plain = run(&team.admin, file.as_bytes(), giving(&[&draw])).await;
    assert_eq!(
        outcomes(&plain["outcomeCounts"]),
        [("UNCHANGED".to_owned(), 4)].into()
    );
    assert_eq!(enabled(&team.admin, "d@acme.example").await[0], json!(["CORE"]));
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn when_the_seats_end_the_rest_is_reported_in_the_order_of_the_file(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let (product_id, _) = product(&team.admin, &draw).await;
    let by_product = json!({"kind": "ASSIGNMENTS", "sources": [{"productId": product_id}]});
    let row = |number| format!("Person,Number {number},person{number}@acme.example\n");
    let file = HEADER.to_owned() + &(0..4).map(row).collect::<String>();

    let before = standing(&house, &team).await;
    let all = with(by_product.clone(), "onError", json!("REJECT_ALL"));
    let refused = run(&team.admin, file.as_bytes(), all).await;
    assert_eq!(refused["status"], "FAILED");
    assert_eq!(
        standing(&house, &team).await,
        before,
        "all or nothing was asked for"
    );

    let dry = run(
        &team.admin,
        file.as_bytes(),
        with(by_product.clone(), "mode", json!("DRY_RUN")),
    )
    .await;
    let need = json!({"subscription": {"id": draw}, "required": 4, "available": 2});
    assert_eq!(dry["preview"]["seatNeeds"], json!([need]));
    let id = dry["id"].as_str().unwrap();
    decide(&team.admin, "confirmImport", id).await;
    let import = settled(&team.admin, id).await;
    assert_sums(&team.admin, &import).await;
    let rows = expected(&[
        ("INVITED_AND_ASSIGNED", ""),
        ("INVITED_AND_ASSIGNED", ""),
        ("FAILED", "SEATS_EXHAUSTED"),
        ("FAILED", "SEATS_EXHAUSTED"),
    ]);
    assert_eq!(came_to(&team.admin, &import).await, rows);
    assert_eq!(team.seats(&draw).await, (2, 2, 2));
    let report = import["errorReport"]["url"].as_str().unwrap();
    let report = String::from_utf8(team.admin.get(report).await.1).unwrap();
    assert!(
        report.contains("person2@") && !report.contains("person1@"),
        "{report}"
    );
    assert!(report.contains("The person is invited all the same."), "{report}");

    // More seats, and the report as it is: the seats are given, and nobody is invited twice.
    let more = "UPDATE subscriptions SET seats = 5";
    assert_eq!(house.force(more).await.unwrap(), 1);
    let rest = run(&team.admin, report.as_bytes(), by_product).await;
    assert_eq!(
        outcomes(&rest["outcomeCounts"]),
        [("ASSIGNED".to_owned(), 2)].into()
    );
    assert_eq!(team.seats(&draw).await, (5, 4, 4));
    assert_eq!(mails_of(&house, &team, "invitation").await.len(), 4);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_the_call_is_told_before_any_row_is_looked_at(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let render = add_product(&house, "acme", "RENDER", 5).await;
    let other = crate::support::team(&house, "other", Plan::Standard).await;
    let foreign = add_product(&house, "other", "INK", 5).await;
    let (product_id, parts) = product(&team.admin, &draw).await;
    let (ink, ink_parts) = product(&other.admin, &foreign).await;
    let (_, render_parts) = product(&team.admin, &render).await;
    let file = format!("{HEADER}A,X,a@acme.example\n");
    let upload = team.admin.upload("people.csv", file.as_bytes()).await;
    let before = standing(&house, &team).await;
    let source = |id: &str| json!([{"subscriptionId": id}]);
    for (options, code, field) in [
        (json!({"kind": "ASSIGNMENTS"}), "REQUIRED", "sources"),
        (
            json!({"kind": "ASSIGNMENTS", "sources": []}),
            "REQUIRED",
            "sources",
        ),
        (json!({"sources": source(&draw)}), "INVALID", "sources"),
        (json!({"componentIds": [parts["CORE"]]}), "INVALID", "sources"),
        (giving(&[&draw, &foreign]), "NOT_FOUND", "sources.1"),
        (
            giving(&[&draw, "sub_nonsense"]),
            "NOT_FOUND",
            "sources.1.subscriptionId",
        ),
        (giving(&vec![draw.as_str(); 101]), "TOO_MANY_ITEMS", "sources"),
        (
            json!({"kind": "ASSIGNMENTS", "sources": [{"subscriptionId": draw}, {"productId": product_id}]}),
            "DUPLICATE_INPUT",
            "sources.1",
        ),
        (
            json!({"kind": "ASSIGNMENTS", "sources": [{"productId": ink}]}),
            "NOT_FOUND",
            "sources.0",
        ),
        (
            json!({"kind": "ASSIGNMENTS", "sources": [{"productId": draw}]}),
            "NOT_FOUND",
            "sources.0.productId",
        ),
        (
            with(giving(&[&draw]), "componentIds", json!([])),
            "EMPTY_CUSTOMISATION",
            "componentIds",
        ),
        (
            with(giving(&[&draw]), "componentIds", json!([parts["CLOUD"]])),
            "COMPONENT_REQUIRED",
            "componentIds",
        ),
        (
            with(
                giving(&[&draw]),
                "componentIds",
                json!([parts["CORE"], ink_parts["CORE"]]),
            ),
            "COMPONENT_NOT_IN_PRODUCT",
            "componentIds",
        ),
        (
            with(giving(&[&draw]), "componentIds", json!([render_parts["CORE"]])),
            "COMPONENT_NOT_IN_PRODUCT",
            "componentIds",
        ),
        (
            with(giving(&[&draw]), "componentIds", json!(["cmp_nonsense"])),
            "NOT_FOUND",
            "componentIds",
        ),
    ] {
        let payload = start(&team.admin, &upload, options.clone()).await;
        let error = &payload["userErrors"][0];
        assert_eq!(
            (&payload["import"], &error["code"]),
            (&Value::Null, &json!(code)),
            "{options}"
        );
        let path: Vec<&str> = std::iter::once("input").chain(field.split('.')).collect();
        assert_eq!(error["field"], json!(path), "{options}");
    }
    let ended = "UPDATE subscriptions SET ends_on = starts_on";
    assert!(house.force(ended).await.unwrap() > 0);
    let payload = start(&team.admin, &upload, giving(&[&draw])).await;
    assert_eq!(payload["userErrors"][0]["code"], "SUBSCRIPTION_INACTIVE");
    assert_eq!(
        payload["userErrors"][0]["field"],
        json!(["input", "sources", "0"])
    );
    assert_eq!(standing(&house, &team).await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_call_under_its_key_is_the_same_import_and_another_product_is_another_call(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 5).await;
    let render = add_product(&house, "acme", "RENDER", 5).await;
    let file = format!("{HEADER}A,X,a@acme.example\n");
    let first = with(giving(&[&draw]), "idempotencyKey", json!("once"));
    let import = run(&team.admin, file.as_bytes(), first.clone()).await;
    let again = team.admin.upload("people.csv", file.as_bytes()).await;
    let payload = start(&team.admin, &again, first).await;
    assert_eq!(payload["import"]["id"], import["id"]);
    let other = with(giving(&[&render]), "idempotencyKey", json!("once"));
    let payload = start(&team.admin, &again, other).await;
    assert_eq!(payload["userErrors"][0]["code"], "IDEMPOTENCY_KEY_REUSED");
    assert_eq!(
        look(&team.admin, import["id"].as_str().unwrap()).await["status"],
        "SUCCEEDED"
    );
    assert_eq!(team.seats(&render).await, (5, 0, 0));
    house.settle_mails().await;
    house.close().await;
}
