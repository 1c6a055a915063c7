//! Rows that are done: what each came to, who is told, and that doing them again does nothing.

use chrono::Duration;
use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{HEADER, assert_sums, mails_of, outcomes, rows, run, standing};
use crate::support::{Client, Database, House, PASSWORD, add_product, team};

async fn outcome_by_line(client: &Client, import: &Value) -> Vec<(i64, String)> {
    let rows = rows(client, import["id"].as_str().unwrap(), json!(null)).await;
    rows.iter()
        .map(|row| {
            (
                row["lineNumber"].as_i64().unwrap(),
                row["outcome"].as_str().unwrap().to_owned(),
            )
        })
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn each_person_is_told_once_and_the_same_file_again_changes_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    add_product(&house, "acme", "RENDER", 10).await;
    team.join(&house, "known@acme.example", "USER").await;
    team.join(&house, "idle@acme.example", "USER").await;
    let file = format!(
        "{HEADER}New,X,new@acme.example,,,\nBoth,X,both@acme.example,,DRAW|RENDER,\nKnown,X,known@acme.example,,DRAW,\nIdle,X,idle@acme.example,,,\nNEW,X,NEW@acme.example,,,\n"
    );
    let before = mails_of(&house, &team, "invitation").await.len();

    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(import["status"], "SUCCEEDED");
    assert_sums(&team.admin, &import).await;
    let expected = [
        "INVITED",
        "INVITED_AND_ASSIGNED",
        "ASSIGNED",
        "UNCHANGED",
        "DUPLICATE",
    ];
    let expected: Vec<(i64, String)> = (2..).zip(expected.map(str::to_owned)).collect();
    assert_eq!(outcome_by_line(&team.admin, &import).await, expected);
    let skipped = rows(&team.admin, import["id"].as_str().unwrap(), json!(["SKIPPED"])).await;
    let message = skipped[0]["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("line 2"), "{message}");
    assert_eq!(team.seats(&draw).await, (10, 2, 1), "a duplicate takes no seat");

    let invited = mails_of(&house, &team, "invitation").await;
    assert_eq!(invited.len(), before + 2);
    let both: Vec<_> = invited
        .iter()
        .filter(|(to, _)| to == "both@acme.example")
        .collect();
    assert_eq!(both.len(), 1);
    assert_eq!(both[0].1["products"], json!(["Product DRAW", "Product RENDER"]));
    let confirmed = mails_of(&house, &team, "product_confirmation").await;
    let confirmed: Vec<_> = confirmed
        .iter()
        .filter(|(to, _)| to == "known@acme.example")
        .collect();
    assert_eq!(
        confirmed.len(),
        1,
        "who is in already is told of the product, not invited"
    );
    assert_eq!(confirmed[0].1["products"], json!(["Product DRAW"]));
    house.settle_mails().await;
    let read = house
        .mails()
        .into_iter()
        .filter(|mail| mail.contains("both@acme.example"));
    let read: Vec<String> = read.collect();
    assert_eq!(read.len(), 1);
    assert!(read[0].contains("Product DRAW") && read[0].contains("Product RENDER"));

    let before = standing(&house, &team).await;
    let again = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(again["status"], "SUCCEEDED");
    assert_sums(&team.admin, &again).await;
    let expected = [("DUPLICATE".to_owned(), 1), ("UNCHANGED".to_owned(), 4)];
    assert_eq!(outcomes(&again["outcomeCounts"]), expected.into());
    assert_eq!(standing(&house, &team).await, before);
    assert_eq!(mails_of(&house, &team, "import_finished").await.len(), 2);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whose_invitation_has_expired_is_invited_again(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let mut team = team(&house, "acme", Plan::Standard).await;
    let file = format!("{HEADER}A,X,a@acme.example,,,\n");
    run(&team.admin, file.as_bytes(), json!({})).await;
    let old_token = house.invitation_token("a@acme.example").await;
    house.app.clock().advance(Duration::days(91));
    team.admin = house.sign_in("admin@acme.example", PASSWORD).await;

    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        [("REINVITED".to_owned(), 1)].into()
    );
    let invited = mails_of(&house, &team, "invitation").await;
    assert_eq!(invited.len(), 2);
    assert_eq!(invited[0].1["invitation_id"], invited[1].1["invitation_id"]);
    assert_eq!(team.counts().await["userCounts"]["pending"], 1);
    house.settle_mails().await;
    let accept = "mutation($input: AcceptInvitationInput!) { acceptInvitation(input: $input) { userErrors { code } } }";
    let input = json!({"input": {"token": old_token, "password": PASSWORD}});
    let answer = house.anonymous().ask(accept, input).await;
    assert_eq!(
        answer["acceptInvitation"]["userErrors"][0]["code"],
        "INVITATION_SUPERSEDED"
    );

    let again = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(
        outcomes(&again["outcomeCounts"]),
        [("UNCHANGED".to_owned(), 1)].into()
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn without_invitations_people_are_staged_and_nobody_is_told(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    let file = format!("{HEADER}A,X,a@acme.example,,,\nB,X,b@acme.example,,DRAW,\n");
    let import = run(&team.admin, file.as_bytes(), json!({"sendInvitations": false})).await;
    assert_eq!(import["status"], "SUCCEEDED");
    let counts = team.counts().await["userCounts"].clone();
    assert_eq!((&counts["staged"], &counts["pending"]), (&json!(2), &json!(0)));
    assert_eq!(team.seats(&draw).await, (10, 1, 1));
    assert_eq!(mails_of(&house, &team, "invitation").await, []);

    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(import["status"], "SUCCEEDED");
    let counts = team.counts().await["userCounts"].clone();
    assert_eq!((&counts["staged"], &counts["pending"]), (&json!(0), &json!(2)));
    assert_eq!(mails_of(&house, &team, "invitation").await.len(), 2);
    assert_eq!(team.seats(&draw).await, (10, 1, 1));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_uploader_is_told_of_the_end_once_in_the_app_and_by_mail(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let secondary = team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    let import = run(
        &secondary,
        format!("{HEADER}A,X,a@acme.example,,,\n").as_bytes(),
        json!({}),
    )
    .await;
    let query = "{ viewer { unreadNotificationCount notifications(first: 10) { nodes { kind severity title body subject { id } readAt } } } }";
    let told = secondary.ask(query, json!({})).await["viewer"].clone();
    let expected = json!({"kind": "IMPORT_FINISHED", "severity": "INFO", "title": "people.csv was imported", "body": "1 row: 1 done.", "subject": {"id": import["id"]}, "readAt": null});
    assert_eq!(
        told,
        json!({"unreadNotificationCount": 1, "notifications": {"nodes": [expected]}})
    );
    let other = team.admin.ask(query, json!({})).await["viewer"].clone();
    assert_eq!(other["unreadNotificationCount"], 0, "nobody else is");
    let mailed = mails_of(&house, &team, "import_finished").await;
    assert_eq!(mailed.len(), 1);
    assert_eq!(mailed[0].0, "second@acme.example");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_notification_tells_how_an_import_ended_and_what_became_of_its_rows(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let query = "{ viewer { notifications(first: 1) { nodes { severity title body } } } }";
    let told = async || team.admin.ask(query, json!({})).await["viewer"]["notifications"]["nodes"][0].clone();
    let mixed = format!("{HEADER}A,X,a@acme.example,,,\nB,X,broken,,,\nC,X,admin@acme.example,,,\n");
    run(&team.admin, mixed.as_bytes(), json!({})).await;
    assert_eq!(
        told().await,
        json!({"severity": "WARNING", "title": "people.csv was imported, but for some rows", "body": "3 rows: 1 done, 1 unchanged, 1 failed."})
    );
    run(
        &team.admin,
        mixed.replace("A,X,a@", "D,X,d@").as_bytes(),
        json!({"onError": "REJECT_ALL"}),
    )
    .await;
    let failed = told().await;
    assert_eq!(
        (&failed["severity"], &failed["title"]),
        (&json!("WARNING"), &json!("The import of people.csv failed"))
    );
    let body = failed["body"].as_str().unwrap();
    assert!(
        body.starts_with("Nothing was changed, because 1 of 3 rows cannot be done."),
        "{body}"
    );
    assert!(
        body.ends_with(" 3 rows: 0 done, 1 failed, 2 not processed."),
        "{body}"
    );
    run(&team.admin, b"no columns of ours\n", json!({})).await;
    let unread = told().await;
    assert!(
        unread["body"].as_str().unwrap().ends_with(" No row was done."),
        "{unread}"
    );
    house.close().await;
}
