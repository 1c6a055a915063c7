//! Dry runs: they say what would be done, do nothing, and are judged anew when they are confirmed.

use std::collections::BTreeMap;

use entity::account::Plan;
use entity::user::{Role, Status};
use rstest::rstest;
use serde_json::json;

use super::support::{
    HEADER, alter, assert_sums, decide, look, mails_of, outcomes, rows, run, settled, standing,
};
use crate::support::{Database, House, add_product, team};

fn file() -> String {
    format!(
        "{HEADER}A,X,a@acme.example,,DRAW,\nB,X,b@acme.example,,DRAW,\nC,X,c@acme.example,,DRAW,\nD,X,d@acme.example,,,\nE,X,nonsense,,,\nA,X,A@acme.example,,,\n"
    )
}

fn counted(counts: &[(&str, i64)]) -> BTreeMap<String, i64> {
    counts
        .iter()
        .map(|(name, count)| ((*name).to_owned(), *count))
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_foresees_everything_and_does_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 2).await;
    let before = standing(&house, &team).await;
    let import = run(&team.admin, file().as_bytes(), json!({"mode": "DRY_RUN"})).await;
    assert_eq!(import["status"], "AWAITING_CONFIRMATION");
    assert_eq!(import["isCancellable"], true);
    assert_eq!(standing(&house, &team).await, before);
    assert_eq!(mails_of(&house, &team, "import_finished").await, []);

    let preview = &import["preview"];
    let foreseen = counted(&[
        ("INVITED_AND_ASSIGNED", 2),
        ("FAILED", 2),
        ("INVITED", 1),
        ("DUPLICATE", 1),
    ]);
    assert_eq!(outcomes(&preview["outcomeCounts"]), foreseen);
    assert_eq!(preview["rowCount"], 6);
    // Four people are invited, and the administrator hears that the seats are gone.
    assert_eq!(preview["mailCount"], 5);
    let need = json!({"subscription": {"id": draw}, "required": 3, "available": 2});
    assert_eq!(preview["seatNeeds"], json!([need]));
    assert_eq!(
        preview["columns"][4],
        json!({"header": "Products", "mappedTo": "PRODUCT"})
    );
    let sample = preview["sampleRows"].as_array().unwrap();
    assert_eq!(sample.len(), 6);
    assert!(
        sample.iter().all(|row| row["user"].is_null()),
        "nobody is there yet"
    );
    let id = import["id"].as_str().unwrap();
    assert_eq!(rows(&team.admin, id, json!(["VALID"])).await.len(), 4);
    assert_eq!(rows(&team.admin, id, json!(["FAILED"])).await.len(), 2);
    assert_eq!(
        rows(&team.admin, id, json!(["APPLIED", "SKIPPED"])).await.len(),
        0
    );
    assert_eq!(import["progress"]["processed"], 0);

    let first = decide(&team.admin, "confirmImport", id).await;
    let second = decide(&team.admin, "confirmImport", id).await;
    assert_eq!(first["userErrors"], json!([]));
    assert!(
        second["userErrors"] == json!([])
            || second["userErrors"][0]["code"] == "JOB_NOT_AWAITING_CONFIRMATION"
    );
    let import = settled(&team.admin, id).await;
    assert_eq!(import["status"], "SUCCEEDED_WITH_ERRORS");
    assert_sums(&team.admin, &import).await;
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        foreseen,
        "what was foreseen has come"
    );
    assert_eq!(mails_of(&house, &team, "invitation").await.len(), 4);
    assert_eq!(mails_of(&house, &team, "seats_full").await.len(), 1);
    assert_eq!(team.seats(&draw).await, (2, 2, 2));

    let after = standing(&house, &team).await;
    let late = decide(&team.admin, "confirmImport", id).await;
    assert_eq!(late["userErrors"][0]["code"], "JOB_NOT_AWAITING_CONFIRMATION");
    assert_eq!(standing(&house, &team).await, after);
    assert_eq!(mails_of(&house, &team, "import_finished").await.len(), 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn confirming_judges_anew_what_the_account_has_become(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let import = run(&team.admin, file().as_bytes(), json!({"mode": "DRY_RUN"})).await;
    let foreseen = counted(&[
        ("INVITED_AND_ASSIGNED", 3),
        ("INVITED", 1),
        ("FAILED", 1),
        ("DUPLICATE", 1),
    ]);
    assert_eq!(outcomes(&import["preview"]["outcomeCounts"]), foreseen);

    // Meanwhile d is invited by hand, and somebody else takes two of the seats.
    team.invite("d@acme.example").await;
    let mut taker = Vec::new();
    for name in ["y", "z"] {
        taker.push(team.invite(&format!("{name}@acme.example")).await);
    }
    let assign = "mutation($input: AssignSeatsInput!) { assignSeats(input: $input) { summary { applied } } }";
    let input = json!({"sources": [{"subscriptionId": draw}], "userIds": taker, "onError": "REJECT_ALL"});
    assert_eq!(
        team.admin.ask(assign, json!({"input": input})).await["assignSeats"]["summary"]["applied"],
        2
    );

    let id = import["id"].as_str().unwrap();
    let confirms = (0..6).map(|_| decide(&team.admin, "confirmImport", id));
    futures::future::join_all(confirms).await;
    let import = settled(&team.admin, id).await;
    assert_sums(&team.admin, &import).await;
    let came = counted(&[
        ("INVITED_AND_ASSIGNED", 1),
        ("UNCHANGED", 1),
        ("FAILED", 3),
        ("DUPLICATE", 1),
    ]);
    assert_eq!(outcomes(&import["outcomeCounts"]), came);
    assert_eq!(team.seats(&draw).await, (3, 3, 3));
    assert_eq!(mails_of(&house, &team, "import_finished").await.len(), 1);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_lost_the_right_does_not_get_it_done(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
    #[values((Role::User, Status::Active), (Role::SecondaryAdmin, Status::Disabled))] becomes: (Role, Status),
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    add_product(&house, "acme", "DRAW", 3).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let import = run(&second, file().as_bytes(), json!({"mode": "DRY_RUN"})).await;
    assert_eq!(import["status"], "AWAITING_CONFIRMATION");
    alter(&house, &team, "second@acme.example", becomes.0, becomes.1).await;
    let before = standing(&house, &team).await;

    let id = import["id"].as_str().unwrap();
    assert_eq!(
        decide(&team.admin, "confirmImport", id).await["userErrors"],
        json!([])
    );
    let import = settled(&team.admin, id).await;
    assert_eq!(import["status"], "FAILED");
    assert_eq!(import["failure"]["code"], "IMPORT_FAILED");
    assert_eq!(standing(&house, &team).await, before);
    let progress = &look(&team.admin, id).await["progress"];
    assert_eq!(
        (&progress["processed"], &progress["percent"]),
        (&json!(0), &json!(0))
    );
    house.close().await;
}
