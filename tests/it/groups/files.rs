//! Files whose rows name groups, and files that take back what groups give.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{activate, group, has, join, people};
use crate::imports::support::{decide, outcomes, rows, run, settled, wait_for};
use crate::support::seats::assert_seats_agree;
use crate::support::{Database, House, Team, add_product, team};

const HEADER: &str = "First Name,Last Name,Email,Groups\n";

async fn id_of(team: &Team, email: &str) -> String {
    let query =
        "query($email: String!) { account { users(filter: {email: {eq: $email}}) { nodes { id } } } }";
    let found = team.admin.ask(query, json!({"email": email})).await;
    found["account"]["users"]["nodes"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

/// Line, outcome and codes of each row.
async fn came_to(team: &Team, import: &Value) -> Vec<(i64, String, Vec<String>)> {
    let found = rows(&team.admin, import["id"].as_str().unwrap(), Value::Null).await;
    let row = |row: &Value| {
        let errors = row["userErrors"].as_array().unwrap().iter();
        let codes = errors.map(|error| error["code"].as_str().unwrap().to_owned());
        (
            row["lineNumber"].as_i64().unwrap(),
            row["outcome"].as_str().unwrap().to_owned(),
            codes.collect(),
        )
    };
    found.iter().map(row).collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rows_name_groups_and_the_dry_run_says_what_seats_that_takes(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let known = people(&team, "known", 2).await;
    let design = group(&team, "Design Team", &known[..1], &[]).await;
    let support = group(&team, "Support", &[], &[&draw]).await;
    let file = format!(
        "{HEADER}A,X,a@acme.example,support\nB,X,b@acme.example,Design  TEAM|Support\nK,X,known0@acme.example,Design Team\nK,X,known1@acme.example,SUPPORT\n\
         C,X,c@acme.example,Suport\nD,X,d@acme.example,\n"
    );
    let dry = run(&team.admin, file.as_bytes(), json!({"mode": "DRY_RUN"})).await;
    let needs = dry["preview"]["seatNeeds"].clone();
    assert_eq!(
        needs,
        json!([{"subscription": {"id": draw}, "required": 3, "available": 2}])
    );
    let columns = dry["preview"]["columns"].as_array().unwrap();
    assert_eq!(columns[3]["mappedTo"], "GROUPS");
    assert_eq!(team.seats(&draw).await.1, 0);
    let id = dry["id"].as_str().unwrap();
    decide(&team.admin, "confirmImport", id).await;
    let import = settled(&team.admin, id).await;
    let text = |line: i64, outcome: &str, codes: &[&str]| {
        (
            line,
            outcome.to_owned(),
            codes.iter().map(|code| (*code).to_owned()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(
        came_to(&team, &import).await,
        [
            text(2, "INVITED_AND_ASSIGNED", &[]),
            text(3, "INVITED_AND_ASSIGNED", &[]),
            text(4, "UNCHANGED", &[]),
            text(5, "ASSIGNED", &[]),
            text(6, "FAILED", &["GROUP_UNKNOWN"]),
            text(7, "INVITED", &[]),
        ]
    );
    let failed = rows(&team.admin, id, json!(["FAILED"])).await;
    let message = failed[0]["userErrors"][0]["message"].as_str().unwrap();
    assert!(
        message.contains("Line 6, column \"Groups\"") && message.contains("Is \"Support\" meant?"),
        "{message}"
    );
    assert_eq!(
        has(&team, &known[1]).await,
        ["DRAW ..."],
        "whoever came last waits"
    );
    let query =
        "query($a: ID!, $b: ID!) { a: group(id: $a) { memberCount } b: group(id: $b) { memberCount } }";
    let counts = team.admin.ask(query, json!({"a": design, "b": support})).await;
    assert_eq!(counts, json!({"a": {"memberCount": 2}, "b": {"memberCount": 3}}));
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn taking_an_import_back_takes_its_people_out_of_the_groups_again_where_nothing_changed_since(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 9).await;
    let known = people(&team, "known", 1).await;
    let support = group(&team, "Support", &[], &[&draw]).await;
    let other = group(&team, "Other", &[], &[]).await;
    let file = format!(
        "{HEADER}A,X,a@acme.example,Support\nB,X,b@acme.example,Support\nK,X,known0@acme.example,Support\n"
    );
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(outcomes(&import["outcomeCounts"])["INVITED_AND_ASSIGNED"], 2);
    let id = import["id"].as_str().unwrap();
    // One of them came into another group since.
    join(&team, &other, &[id_of(&team, "b@acme.example").await]).await;
    let undo = "mutation($id: ID!) { undoImport(input: {importId: $id}) { userErrors { code } } }";
    let asked = team.admin.ask(undo, json!({"id": id})).await;
    assert_eq!(asked["undoImport"]["userErrors"], json!([]));
    wait_for(&team.admin, id, |import| import["status"] == "UNDONE").await;
    let query = "query($id: ID!, $import: ID!) { group(id: $id) { memberCount } import(id: $import) { undo { undoneCount leftCount } }
        account { users(first: 9) { nodes { email } } } }";
    let seen = team.admin.ask(query, json!({"id": support, "import": id})).await;
    assert_eq!(seen["group"]["memberCount"], 0);
    assert_eq!(seen["import"]["undo"], json!({"undoneCount": 2, "leftCount": 1}));
    let left: Vec<&str> = seen["account"]["users"]["nodes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["email"].as_str().unwrap())
        .collect();
    assert_eq!(
        left,
        ["admin@acme.example", "known0@acme.example", "b@acme.example"]
    );
    assert_eq!(team.seats(&draw).await.1, 0);
    assert_eq!(has(&team, &known[0]).await, Vec::<String>::new());
    assert_seats_agree(&house).await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_takes_back_fails_the_rows_of_those_who_have_it_by_a_group_and_says_which(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 9).await;
    let users = people(&team, "p", 3).await;
    activate(&house).await;
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { userErrors { code } } }";
    super::support::send(
        &team,
        assign,
        json!({"sources": [{"subscriptionId": draw}], "userIds": users[..2]}),
    )
    .await;
    group(&team, "Design", &users[1..], &[&draw]).await;
    let file = "Email\np0@acme.example\np1@acme.example\np2@acme.example\n";
    let options = json!({"kind": "UNASSIGNMENTS", "sources": [{"subscriptionId": draw}]});
    let import = run(&team.admin, file.as_bytes(), options).await;
    let came = came_to(&team, &import).await;
    let told: Vec<(&str, &[String])> = came
        .iter()
        .map(|row| (row.1.as_str(), row.2.as_slice()))
        .collect();
    let held = ["HELD_BY_GROUP".to_owned()];
    assert_eq!(
        told,
        [
            ("UNASSIGNED", &[][..]),
            ("UNASSIGNED", &[][..]),
            ("FAILED", &held[..])
        ]
    );
    for user in &users[1..] {
        assert_eq!(has(&team, user).await, ["DRAW GROUP"]);
    }
    assert_eq!(team.seats(&draw).await.1, 2);
    // Taken back, it is held by hand again.
    let id = import["id"].as_str().unwrap();
    let undo = "mutation($id: ID!) { undoImport(input: {importId: $id}) { userErrors { code } } }";
    team.admin.ask(undo, json!({"id": id})).await;
    wait_for(&team.admin, id, |import| import["status"] == "UNDONE").await;
    assert_eq!(has(&team, &users[0]).await, ["DRAW CSV_IMPORT"]);
    assert_eq!(has(&team, &users[1]).await, ["DRAW CSV_IMPORT"]);
    assert_eq!(has(&team, &users[2]).await, ["DRAW GROUP"]);
    assert_seats_agree(&house).await;
    house.close().await;
}
