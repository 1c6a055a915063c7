//! One person on several lines of a file, in one batch or in several, after lines that came in and after lines that did not.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{HEADER, assert_sums, mails_of, outcomes, rows, run, standing};
use crate::support::{Client, Database, House, add_product, team};

/// Line, outcome and code of the first problem of every row.
async fn came_to(client: &Client, import: &Value) -> Vec<(i64, String, String)> {
    let rows = rows(client, import["id"].as_str().unwrap(), Value::Null).await;
    rows.iter()
        .map(|row| {
            let code = row["userErrors"][0]["code"].as_str().unwrap_or_default();
            (
                row["lineNumber"].as_i64().unwrap(),
                row["outcome"].as_str().unwrap().to_owned(),
                code.to_owned(),
            )
        })
        .collect()
}

fn expected(rows: &[(i64, &str, &str)]) -> Vec<(i64, String, String)> {
    rows.iter()
        .map(|(line, outcome, code)| (*line, (*outcome).to_owned(), (*code).to_owned()))
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_later_lines_ask_for_is_added_to_the_same_person_and_lines_must_agree(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    let render = add_product(&house, "acme", "RENDER", 3).await;
    let cloud = add_product(&house, "acme", "CLOUD", 10).await;
    team.join(&house, "known@acme.example", "USER").await;
    let file = format!(
        "{HEADER}Ida,Holm,ida@acme.example,,DRAW,X-1\n\
         IDA,Holm,IDA@acme.example,,RENDER,\n\
         Ida,Holmen,ida@acme.example,,CLOUD,\n\
         Ida,Holm,ida@acme.example,user,DRAW,X-1\n\
         Ida,Holm,ida@acme.example,SECONDARY_ADMIN,CLOUD,\n\
         Ida,Holm,ida@acme.example,,CLOUD,X-2\n\
         Ida,Ho\u{ad}lm,ida@acme.example,,,\n\
         Kim,Known,known@acme.example,,DRAW,\n\
         Kim,Known,known@acme.example,,RENDER,\n\
         Eva,Last,eva@acme.example,,,\n\
         Eva,Last,eva@acme.example,,RENDER|CLOUD,\n\
         Una,Late,una@acme.example,,CLOUD,\n\
         Una,Late,una@acme.example,,RENDER,\n"
    );
    let before = standing(&house, &team).await;
    let dry = run(&team.admin, file.as_bytes(), json!({"mode": "DRY_RUN"})).await;
    assert_eq!(standing(&house, &team).await, before);
    let needs = &dry["preview"]["seatNeeds"];
    let need = |id: &str| {
        needs
            .as_array()
            .unwrap()
            .iter()
            .find(|need| need["subscription"]["id"] == id)
            .unwrap()["required"]
            .clone()
    };
    assert_eq!(
        (need(&draw), need(&render), need(&cloud)),
        (json!(2), json!(4), json!(2))
    );

    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(import["status"], "SUCCEEDED_WITH_ERRORS");
    assert_sums(&team.admin, &import).await;
    let conflicting = "CONFLICTING_DUPLICATE";
    let came = expected(&[
        (2, "INVITED_AND_ASSIGNED", ""),
        (3, "ASSIGNED", ""),
        (4, "FAILED", conflicting),
        (5, "UNCHANGED", ""),
        (6, "FAILED", conflicting),
        (7, "FAILED", conflicting),
        (8, "DUPLICATE", "DUPLICATE_INPUT"),
        (9, "ASSIGNED", ""),
        (10, "ASSIGNED", ""),
        (11, "INVITED", ""),
        (12, "ASSIGNED", ""),
        (13, "INVITED_AND_ASSIGNED", ""),
        (14, "FAILED", "SEATS_EXHAUSTED"),
    ]);
    assert_eq!(came_to(&team.admin, &import).await, came);
    assert_eq!(
        outcomes(&dry["preview"]["outcomeCounts"]),
        outcomes(&import["outcomeCounts"])
    );
    let failed = rows(&team.admin, import["id"].as_str().unwrap(), json!(["FAILED"])).await;
    for (row, what) in failed.iter().zip([
        "family name (\"Holm\")",
        "role (\"USER\")",
        "external id (\"X-1\")",
    ]) {
        let message = row["userErrors"][0]["message"].as_str().unwrap();
        assert!(
            message.contains(what) && message.contains("Line 2 tells"),
            "{message}"
        );
    }
    let message = failed[3]["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("No seat of Product RENDER is left"), "{message}");

    assert_eq!(team.seats(&draw).await, (10, 2, 1));
    assert_eq!(team.seats(&render).await, (3, 3, 2));
    assert_eq!(
        team.seats(&cloud).await,
        (10, 2, 2),
        "lines that contradict take none"
    );
    let invited = mails_of(&house, &team, "invitation").await;
    let mail = |address: &str| {
        invited
            .iter()
            .filter(|(to, _)| to == address)
            .map(|(_, mail)| mail["products"].clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        mail("ida@acme.example"),
        [json!(["Product DRAW", "Product RENDER"])],
        "one mail names what all lines gave"
    );
    assert_eq!(
        mail("eva@acme.example"),
        [json!(["Product RENDER", "Product CLOUD"])]
    );
    let told = mails_of(&house, &team, "product_confirmation").await;
    let told: Vec<_> = told.iter().filter(|(to, _)| to == "known@acme.example").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].1["products"], json!(["Product DRAW", "Product RENDER"]));
    let read = "{ account { users(first: 10, filter: {search: \"ida\"}) { nodes { displayName role } } } }";
    let people = &team.admin.ask(read, json!({})).await["account"]["users"]["nodes"];
    assert_eq!(people, &json!([{"displayName": "Ida Holm", "role": "USER"}]));
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_line_that_did_not_come_in_keeps_none_below_it_from_coming_in(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    let file = format!(
        "{HEADER}A,X,a@acme.example,Overlord,,\nA,X,a@acme.example,,,\n\
         B,X,b@acme.example,,DRWA,\nB,X,b@acme.example,,DRAW,\n\
         C,X,c@acme.example,PRIMARY_ADMIN,,\nC,X,c@acme.example,,,\nC,X,c@acme.example,,DRAW,\n\
         D,X,d@acme.example,,,T-1\nE,X,e@acme.example,,,T-1\nE,X,e@acme.example,,,T-2\n\
         F,X\u{7},f@acme.example,,,\nF,X,f@acme.example,,,\n"
    );
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_sums(&team.admin, &import).await;
    let came = expected(&[
        (2, "FAILED", "ROLE_UNKNOWN"),
        (3, "INVITED", ""),
        (4, "FAILED", "PRODUCT_UNKNOWN"),
        (5, "INVITED_AND_ASSIGNED", ""),
        (6, "FAILED", "ROLE_NOT_ASSIGNABLE"),
        (7, "INVITED", ""),
        (8, "ASSIGNED", ""),
        (9, "INVITED", ""),
        (10, "FAILED", "EXTERNAL_ID_TAKEN"),
        (11, "INVITED", ""),
        (12, "FAILED", "NAME_INVALID_CHARACTER"),
        (13, "INVITED", ""),
    ]);
    assert_eq!(came_to(&team.admin, &import).await, came);
    assert_eq!(team.counts().await["userCounts"]["pending"], 6);
    assert_eq!(team.seats(&draw).await, (10, 2, 2));
    assert_eq!(
        mails_of(&house, &team, "invitation").await.len(),
        6,
        "each is invited once"
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn lines_far_apart_are_the_same_person_too(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 10).await;
    let render = add_product(&house, "acme", "RENDER", 10).await;
    let other = |number| format!("P,Q,p{number}@acme.example,,,\n");
    let others = (0..600).map(other).collect::<Vec<_>>().concat();
    let file = format!(
        "{HEADER}Bad,Role,bad@acme.example,Overlord,,\nIda,Holm,ida@acme.example,,DRAW,\n{others}\
         Ida,Holm,ida@acme.example,,RENDER,\nIda,Holmen,ida@acme.example,,DRAW,\nBad,Role,bad@acme.example,,,\nIda,Holm,ida@acme.example,,,\n"
    );
    let dry = run(
        &team.admin,
        file.as_bytes(),
        json!({"mode": "DRY_RUN", "sendInvitations": false}),
    )
    .await;
    let import = run(&team.admin, file.as_bytes(), json!({"sendInvitations": false})).await;
    assert_sums(&team.admin, &import).await;
    assert_eq!(
        outcomes(&dry["preview"]["outcomeCounts"]),
        outcomes(&import["outcomeCounts"])
    );
    let came = came_to(&team.admin, &import).await;
    assert_eq!(
        came[602..],
        expected(&[
            (604, "ASSIGNED", ""),
            (605, "FAILED", "CONFLICTING_DUPLICATE"),
            (606, "INVITED", ""),
            (607, "DUPLICATE", "DUPLICATE_INPUT"),
        ])
    );
    assert_eq!(
        (team.seats(&draw).await, team.seats(&render).await),
        ((10, 1, 1), (10, 1, 1))
    );
    assert_eq!(team.counts().await["userCounts"]["staged"], 602);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_of_all_or_nothing_promises_nothing_where_a_row_fails(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 1).await;
    let options = json!({"mode": "DRY_RUN", "onError": "REJECT_ALL"});
    let bad =
        format!("{HEADER}A,X,a@acme.example,,DRAW,\nB,X,b@acme.example,,DRAW,\nC,X,c@acme.example,,,\n");
    let import = run(&team.admin, bad.as_bytes(), options.clone()).await;
    assert_eq!(import["status"], "AWAITING_CONFIRMATION");
    let preview = &import["preview"];
    let none = [("FAILED".to_owned(), 1), ("NOT_PROCESSED".to_owned(), 2)];
    assert_eq!(outcomes(&preview["outcomeCounts"]), none.clone().into());
    assert_eq!(preview["mailCount"], 0);
    assert_eq!(
        preview["seatNeeds"],
        json!([{"subscription": {"id": draw}, "required": 2, "available": 1}])
    );
    let id = import["id"].as_str().unwrap();
    assert_eq!(rows(&team.admin, id, json!(["VALID"])).await.len(), 0);
    assert_eq!(rows(&team.admin, id, json!(["SKIPPED"])).await.len(), 2);
    let before = standing(&house, &team).await;
    super::support::decide(&team.admin, "confirmImport", id).await;
    let import = super::support::settled(&team.admin, id).await;
    assert_eq!(import["status"], "FAILED");
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        none.into(),
        "what was foreseen has come"
    );
    assert_eq!(standing(&house, &team).await, before);

    let good = format!("{HEADER}A,X,a@acme.example,,DRAW,\nC,X,c@acme.example,,,\n");
    let import = run(&team.admin, good.as_bytes(), options).await;
    let all = [("INVITED".to_owned(), 1), ("INVITED_AND_ASSIGNED".to_owned(), 1)];
    assert_eq!(outcomes(&import["preview"]["outcomeCounts"]), all.into());
    assert!(import["preview"]["mailCount"].as_i64().unwrap() >= 2);
    let id = import["id"].as_str().unwrap();
    assert_eq!(rows(&team.admin, id, json!(["VALID"])).await.len(), 2);
    super::support::decide(&team.admin, "cancelImport", id).await;
    super::support::settled(&team.admin, id).await;
    house.close().await;
}
