//! Files of people who all give the same back.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::assignments::{HEADER, came_to, giving, product};
use super::support::{assert_sums, decide, look, outcomes, run, settled, standing, start, wait_for};
use crate::support::{Database, House, add_product, team};

fn taking(subscriptions: &[&str]) -> Value {
    let mut options = giving(subscriptions);
    options["kind"] = json!("UNASSIGNMENTS");
    options
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn seats_are_taken_back_from_whoever_has_them_and_the_dry_run_says_how_many(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    let render = add_product(&house, "acme", "RENDER", 10).await;
    let (_, parts) = product(&team.admin, &draw).await;
    team.join(&house, "active@acme.example", "USER").await;
    team.invite("none@acme.example").await;
    let both = format!("{HEADER}A,X,a@acme.example\nB,X,b@acme.example\n,,active@acme.example\n");
    let mut options = giving(&[&draw, &render]);
    options["componentIds"] = json!([parts["CORE"], parts["CLOUD"]]);
    run(&team.admin, both.as_bytes(), options).await;
    assert_eq!(team.seats(&draw).await, (10, 3, 2));
    house.settle_mails().await;

    // The address is all that is read.
    let file = "Email,First Name\na@acme.example,Ａ５\nactive@acme.example,\nA@acme.example,\nnone@acme.example,\nnobody@acme.example,\nnonsense,\n";
    let mut dry = taking(&[&draw]);
    dry["mode"] = json!("DRY_RUN");
    let before = standing(&house, &team).await;
    let dry = run(&team.admin, file.as_bytes(), dry).await;
    assert_eq!(standing(&house, &team).await, before);
    let id = dry["id"].as_str().unwrap();
    let needs = "query($id: ID!) { import(id: $id) { preview { mailCount seatNeeds { subscription { id } required available freed } } } }";
    let shown = team.admin.ask(needs, json!({"id": id})).await["import"]["preview"].clone();
    let need = json!({"subscription": {"id": draw}, "required": 0, "available": 7, "freed": 2});
    assert_eq!(shown, json!({"mailCount": 0, "seatNeeds": [need]}));
    decide(&team.admin, "confirmImport", id).await;
    let import = settled(&team.admin, id).await;
    assert_sums(&team.admin, &import).await;
    let text = |outcome: &str, code: &str| (outcome.to_owned(), code.to_owned());
    assert_eq!(
        came_to(&team.admin, &import).await,
        [
            text("UNASSIGNED", ""),
            text("UNASSIGNED", ""),
            text("DUPLICATE", "DUPLICATE_INPUT"),
            text("UNCHANGED", ""),
            text("FAILED", "NOT_FOUND"),
            text("FAILED", "EMAIL_INVALID"),
        ]
    );
    assert_eq!(
        (team.seats(&draw).await, team.seats(&render).await),
        ((10, 1, 1), (10, 3, 2))
    );
    assert_eq!(team.counts().await["userCounts"]["total"], 5, "everybody stays");

    let again = run(&team.admin, file.as_bytes(), taking(&[&draw])).await;
    let counts = outcomes(&again["outcomeCounts"]);
    assert_eq!((counts["UNCHANGED"], counts.get("UNASSIGNED")), (3, None));

    // Taken back itself, everybody has what they had, in the customisation they had.
    let undo = "mutation($id: ID!) { undoImport(input: {importId: $id}) { userErrors { code } } }";
    team.admin.ask(undo, json!({"id": id})).await;
    wait_for(&team.admin, id, |import| import["status"] == "UNDONE").await;
    assert_eq!(team.seats(&draw).await, (10, 3, 2));
    let on = "{ account { users(first: 1, filter: {email: {eq: \"a@acme.example\"}}) { nodes { assignments(first: 5) { nodes {
        product { code } components { isEnabled component { code } } } } } } } }";
    let on =
        team.admin.ask(on, json!({})).await["account"]["users"]["nodes"][0]["assignments"]["nodes"].clone();
    let seat = on
        .as_array()
        .unwrap()
        .iter()
        .find(|seat| seat["product"]["code"] == "DRAW")
        .unwrap();
    let enabled = seat["components"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|part| part["isEnabled"] == true);
    assert_eq!(
        enabled
            .map(|part| part["component"]["code"].clone())
            .collect::<Value>(),
        json!(["CORE", "CLOUD"])
    );
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_somebody_else_has_by_now_is_not_given_again_and_the_row_says_so(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let file = format!("{HEADER}A,X,a@acme.example\nB,X,b@acme.example\n");
    run(&team.admin, file.as_bytes(), giving(&[&draw])).await;
    let taken = run(&team.admin, file.as_bytes(), taking(&[&draw])).await;
    let id = taken["id"].as_str().unwrap();
    let other = format!("{HEADER}C,X,c@acme.example\n");
    run(&team.admin, other.as_bytes(), giving(&[&draw])).await;
    let undo = "mutation($id: ID!) { undoImport(input: {importId: $id}) { userErrors { code } } }";
    team.admin.ask(undo, json!({"id": id})).await;
    wait_for(&team.admin, id, |import| import["status"] == "UNDONE").await;
    let left = "query($id: ID!) { import(id: $id) { undo { undoneCount leftCount } rows(first: 5, filter: {undo: [LEFT]}) { nodes { lineNumber undoErrors { code } } } } }";
    let left = team.admin.ask(left, json!({"id": id})).await["import"].clone();
    assert_eq!(left["undo"], json!({"undoneCount": 1, "leftCount": 1}));
    // From the last row to the first: the last one had its seat again.
    let row = json!({"lineNumber": 2, "undoErrors": [{"code": "SEATS_EXHAUSTED"}]});
    assert_eq!(left["rows"]["nodes"], json!([row]));
    assert_eq!(team.seats(&draw).await, (2, 2, 2));
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_without_addresses_or_a_call_without_products_takes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let (_, parts) = product(&team.admin, &draw).await;
    let upload = team.admin.upload("people.csv", b"First Name\nA\n").await;
    let mut customised = taking(&[&draw]);
    customised["componentIds"] = json!([parts["CORE"]]);
    for (options, code, field) in [
        (taking(&[]), "REQUIRED", "sources"),
        (customised, "INVALID", "componentIds"),
    ] {
        let payload = start(&team.admin, &upload, options).await;
        assert_eq!(payload["userErrors"][0]["code"], code);
        assert_eq!(payload["userErrors"][0]["field"], json!(["input", field]));
    }
    let import = run(&team.admin, b"First Name\nA\n", taking(&[&draw])).await;
    assert_eq!(import["failure"]["code"], "MISSING_COLUMN");
    assert_eq!(
        look(&team.admin, import["id"].as_str().unwrap()).await["status"],
        "FAILED"
    );
    house.close().await;
}
