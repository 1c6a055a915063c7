//! Imports that are stopped, in every state they can be in, and imports that run beside one another.

use entity::account::Plan;
use entity::user::{Role, Status};
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{
    HEADER, alter, assert_sums, begin, decide, mails_of, outcomes, people, rows, run, settled, standing,
    wait_for,
};
use crate::support::{Database, House, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_running_import_stops_between_batches_and_a_waiting_one_never_begins(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let running = begin(&team.admin, people("acme", 4_000).as_bytes(), json!({})).await;
    wait_for(&team.admin, &running, |import| {
        import["progress"]["processed"].as_i64() > Some(0)
    })
    .await;
    let waiting = begin(&team.admin, people("other", 10).as_bytes(), json!({})).await;
    for import in [&waiting, &running] {
        let payload = decide(&team.admin, "cancelImport", import).await;
        assert_eq!(
            (&payload["import"]["status"], &payload["userErrors"]),
            (&json!("CANCELLING"), &json!([]))
        );
        let again = decide(&team.admin, "cancelImport", import).await;
        assert_eq!(again["userErrors"], json!([]), "cancelling twice does no harm");
    }

    let import = settled(&team.admin, &running).await;
    assert_eq!(
        (&import["status"], &import["isCancellable"]),
        (&json!("CANCELLED"), &json!(false))
    );
    assert_eq!(import["progress"]["total"], 4_000);
    assert_sums(&team.admin, &import).await;
    let told = "{ viewer { notifications(first: 20) { nodes { title body } } } }";
    let told = team.admin.ask(told, json!({})).await["viewer"]["notifications"]["nodes"].to_string();
    assert!(told.contains("The import of people.csv was cancelled"), "{told}");
    assert!(
        told.contains("4000 rows: ") && told.contains(" not processed."),
        "{told}"
    );
    let counts = outcomes(&import["outcomeCounts"]);
    let (done, left) = (counts["INVITED"], counts["NOT_PROCESSED"]);
    assert!(done > 0 && left > 0, "{counts:?}");
    assert_eq!(team.counts().await["userCounts"]["pending"], done);
    assert_eq!(
        mails_of(&house, &team, "invitation").await.len(),
        usize::try_from(done).unwrap()
    );

    let import = settled(&team.admin, &waiting).await;
    assert_eq!(import["status"], "CANCELLED");
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        [("NOT_PROCESSED".to_owned(), 10)].into()
    );
    assert_sums(&team.admin, &import).await;
    assert_eq!(team.counts().await["userCounts"]["pending"], done);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_report_of_a_stopped_import_leaves_out_what_was_only_foreseen_to_fail(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let good = &people("acme", 4_000)[HEADER.len()..];
    let file = format!("{HEADER}First,X,nonsense,,,\n{good}Last,X,nonsense,,,\n");
    let import = run(&team.admin, file.as_bytes(), json!({"mode": "DRY_RUN"})).await;
    let id = import["id"].as_str().unwrap();
    assert_eq!(rows(&team.admin, id, json!(["FAILED"])).await.len(), 2);
    decide(&team.admin, "confirmImport", id).await;
    wait_for(&team.admin, id, |import| {
        import["progress"]["processed"].as_i64() > Some(0)
    })
    .await;
    decide(&team.admin, "cancelImport", id).await;

    let import = settled(&team.admin, id).await;
    assert_eq!(import["status"], "CANCELLED");
    assert_sums(&team.admin, &import).await;
    assert_eq!(import["progress"]["failed"], 1);
    let failed = rows(&team.admin, id, json!(["FAILED"])).await;
    assert_eq!((failed.len(), &failed[0]["lineNumber"]), (1, &json!(2)));
    let url = import["errorReport"]["url"].as_str().unwrap();
    let report = String::from_utf8(team.admin.get(url).await.1).unwrap();
    assert!(report.contains("\"First\""), "{report}");
    assert!(!report.contains("\"Last\""), "nobody came to it: {report}");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_planned_import_is_dropped_at_once_and_an_ended_one_stays_as_it_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let before = standing(&house, &team).await;
    let file = people("acme", 3) + "E,X,nonsense,,,\nF,X,person0@acme.example,,,\n";
    let import = run(&team.admin, file.as_bytes(), json!({"mode": "DRY_RUN"})).await;
    let id = import["id"].as_str().unwrap();
    let payload = decide(&team.admin, "cancelImport", id).await;
    assert_eq!(payload["import"]["status"], "CANCELLED");
    let import = settled(&team.admin, id).await;
    assert_sums(&team.admin, &import).await;
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        [("NOT_PROCESSED".to_owned(), 5)].into()
    );
    let dropped = rows(&team.admin, id, json!(["SKIPPED"])).await;
    assert_eq!(dropped.len(), 5);
    assert!(dropped.iter().all(|row| row["userErrors"] == json!([])));
    assert_eq!(import["errorReport"], json!(null));
    let again = decide(&team.admin, "cancelImport", id).await;
    assert_eq!(
        (&again["import"]["status"], &again["userErrors"]),
        (&json!("CANCELLED"), &json!([]))
    );
    let confirmed = decide(&team.admin, "confirmImport", id).await;
    assert_eq!(
        confirmed["userErrors"][0]["code"],
        "JOB_NOT_AWAITING_CONFIRMATION"
    );
    assert_eq!(standing(&house, &team).await, before);

    for (file, status) in [(people("acme", 1), "SUCCEEDED"), ("nothing".to_owned(), "FAILED")] {
        let import = run(&team.admin, file.as_bytes(), json!({})).await;
        assert_eq!(import["status"], status);
        let late = decide(&team.admin, "cancelImport", import["id"].as_str().unwrap()).await;
        assert_eq!(
            late["userErrors"],
            json!([{"code": "JOB_NOT_CANCELLABLE", "field": ["input", "importId"]}])
        );
        assert_eq!(
            settled(&team.admin, import["id"].as_str().unwrap()).await["status"],
            status
        );
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_whose_uploader_is_demoted_half_way_ends_failed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let second = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let id = begin(&second, people("acme", 4_000).as_bytes(), json!({})).await;
    wait_for(&team.admin, &id, |import| {
        import["progress"]["processed"].as_i64() > Some(0)
    })
    .await;
    alter(&house, &team, "second@acme.example", Role::User, Status::Active).await;
    let import = settled(&team.admin, &id).await;
    assert_eq!(
        (&import["status"], &import["failure"]["code"]),
        (&json!("FAILED"), &json!("IMPORT_FAILED"))
    );
    let done = import["progress"]["processed"].as_i64().unwrap();
    assert!((1..4_000).contains(&done), "{done}");
    assert_eq!(import["progress"]["succeeded"], done);
    assert_eq!(team.counts().await["userCounts"]["pending"], done);
    let applied = rows(&team.admin, &id, Value::Null).await;
    assert_eq!(applied.len(), usize::try_from(done).unwrap());
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn two_imports_of_one_account_both_come_to_their_end(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    // Half of the people stand in both files.
    let (first, second) = (people("acme", 1_000), people("acme", 500));
    let second = second + &people("more", 500)[HEADER.len()..];
    let (first, second) = futures::join!(
        begin(&team.admin, first.as_bytes(), json!({})),
        begin(&team.admin, second.as_bytes(), json!({}))
    );
    let (first, second) = (
        settled(&team.admin, &first).await,
        settled(&team.admin, &second).await,
    );
    let mut invited = 0;
    for import in [&first, &second] {
        assert_eq!(import["status"], "SUCCEEDED");
        assert_sums(&team.admin, import).await;
        invited += outcomes(&import["outcomeCounts"])["INVITED"];
    }
    assert_eq!(invited, 1_500);
    assert_eq!(team.counts().await["userCounts"]["pending"], 1_500);
    assert_eq!(mails_of(&house, &team, "invitation").await.len(), 1_500);
    assert_eq!(mails_of(&house, &team, "import_finished").await.len(), 2);
    house.close().await;
}
