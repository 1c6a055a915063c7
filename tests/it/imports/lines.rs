//! Files whose people wait where no seat is left: what a dry run foresees, what is done, what taking it back leaves.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::assignments::{HEADER, came_to, giving};
use super::support::{decide, outcomes, run, settled, standing, start, wait_for};
use crate::support::seats::assert_seats_agree;
use crate::support::{Client, Database, House, add_product, team};

fn file(count: usize) -> String {
    let row = |number| format!("Person,Number {number},p{number}@acme.example\n");
    HEADER.to_owned() + &(0..count).map(row).collect::<String>()
}

async fn waiting(client: &Client) -> Vec<String> {
    let query = "{ account { waitlist(first: 100) { nodes { user { email } } } } }";
    let answer = client.ask(query, json!({})).await;
    let nodes = answer["account"]["waitlist"]["nodes"].as_array().unwrap().iter();
    nodes
        .map(|node| node["user"]["email"].as_str().unwrap().to_owned())
        .collect()
}

async fn undo(client: &Client, id: &str) -> Value {
    let query = "mutation($id: ID!) { undoImport(input: {importId: $id}) { userErrors { code } } }";
    let asked = client.ask(query, json!({"id": id})).await;
    assert_eq!(asked["undoImport"]["userErrors"], json!([]));
    wait_for(client, id, |import| import["status"] == "UNDONE").await;
    let query = "query($id: ID!) { import(id: $id) { undo { processed undoneCount leftCount } } }";
    client.ask(query, json!({"id": id})).await["import"]["undo"].clone()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_of_a_file_finds_no_seat_waits_and_taking_it_back_takes_them_off(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let before = standing(&house, &team).await;
    let mut options = giving(&[&draw]);
    options["whenFull"] = json!("WAITLIST");
    options["mode"] = json!("DRY_RUN");
    let day = (house.app.clock().now().date_naive() + chrono::Duration::days(90)).to_string();
    options["expiresOn"] = json!(day);
    let csv = file(5);
    let planned = run(&team.admin, csv.as_bytes(), options.clone()).await;
    assert_eq!(planned["status"], "AWAITING_CONFIRMATION");
    let foreseen = outcomes(&planned["preview"]["outcomeCounts"]);
    assert_eq!(
        foreseen,
        [
            ("INVITED_AND_ASSIGNED".to_owned(), 3),
            ("WAITLISTED".to_owned(), 2)
        ]
        .into()
    );
    assert_eq!(standing(&house, &team).await, before, "nothing is done yet");
    assert_eq!(waiting(&team.admin).await, Vec::<String>::new());

    let id = planned["id"].as_str().unwrap();
    decide(&team.admin, "confirmImport", id).await;
    let done = settled(&team.admin, id).await;
    assert_eq!(done["status"], "SUCCEEDED");
    assert_eq!(outcomes(&done["outcomeCounts"]), foreseen);
    let applied = came_to(&team.admin, &done).await;
    assert_eq!(applied[4], ("WAITLISTED".to_owned(), String::new()));
    assert_eq!(waiting(&team.admin).await, ["p3@acme.example", "p4@acme.example"]);
    let ends = "{ account { assignments { nodes { expiresOn } } waitlist { nodes { expiresOn } } } }";
    let ends = team.admin.ask(ends, json!({})).await;
    assert_eq!(
        ends["account"]["assignments"]["nodes"],
        json!(vec![json!({"expiresOn": day}); 3])
    );
    assert_eq!(
        ends["account"]["waitlist"]["nodes"],
        json!(vec![json!({"expiresOn": day}); 2])
    );
    assert_seats_agree(&house).await;

    // One who waits is served before it is taken back: the seat came of the file, too.
    let revoke = "mutation($id: ID!) { removeUsers(input: {userIds: [$id]}) { summary { applied } } }";
    let first = "{ account { users(filter: {search: \"p0\"}) { nodes { id } } } }";
    let first = team.admin.ask(first, json!({})).await["account"]["users"]["nodes"][0]["id"].clone();
    team.admin.ask(revoke, json!({"id": first})).await;
    assert_eq!(waiting(&team.admin).await, ["p4@acme.example"]);
    let undone = undo(&team.admin, id).await;
    assert_eq!(undone, json!({"processed": 5, "undoneCount": 5, "leftCount": 0}));
    assert_eq!(waiting(&team.admin).await, Vec::<String>::new());
    assert_eq!(team.seats(&draw).await, (3, 0, 0));
    assert_eq!(team.counts().await["userCounts"]["total"], 1);
    assert_seats_agree(&house).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_makes_no_sense_of_a_file_that_waits_or_ends_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let day = |days| (house.app.clock().now().date_naive() + chrono::Duration::days(days)).to_string();
    let with = |name: &str, value: Value, mut options: Value| {
        options[name] = value;
        options
    };
    let taking = with("kind", json!("UNASSIGNMENTS"), giving(&[&draw]));
    for (options, field) in [
        (with("expiresOn", json!(day(3)), json!({})), "expiresOn"),
        (with("expiresOn", json!(day(3)), taking.clone()), "expiresOn"),
        (with("expiresOn", json!(day(-1)), giving(&[&draw])), "expiresOn"),
        (with("whenFull", json!("WAITLIST"), taking), "whenFull"),
    ] {
        let upload = team.admin.upload("people.csv", file(2).as_bytes()).await;
        let refused = start(&team.admin, &upload, options.clone()).await;
        let error = &refused["userErrors"][0];
        assert_eq!(
            (&error["code"], &error["field"]),
            (&json!("INVALID"), &json!(["input", field])),
            "{options}"
        );
    }
    // A file of users may wait, too: for the products that its rows name.
    let csv =
        "First Name,Last Name,Email,Products\nA,One,one@acme.example,DRAW\nA,Two,two@acme.example,DRAW\n";
    house.force("UPDATE subscriptions SET seats = 1").await.unwrap();
    let done = run(&team.admin, csv.as_bytes(), json!({"whenFull": "WAITLIST"})).await;
    assert_eq!(
        outcomes(&done["outcomeCounts"]),
        [
            ("INVITED_AND_ASSIGNED".to_owned(), 1),
            ("WAITLISTED".to_owned(), 1)
        ]
        .into()
    );
    assert_eq!(waiting(&team.admin).await, ["two@acme.example"]);
    house.settle_mails().await;
    house.close().await;
}
