//! `muster usage record` against a running server: a file of any length, sent again without harm.

use entity::account::Plan;
use muster::client::{ClientError, RecordArgs, RecordSummary, record};
use secrecy::SecretString;
use serde_json::json;

use crate::support::{Client, Database, House, Team, add_product, team};

async fn token(house: &House, team: &Team, scope: &str) -> SecretString {
    let create = "mutation($input: CreateApiTokenInput!) { createApiToken(input: $input) { secret } }";
    let until = house.app.clock().now() + chrono::Duration::days(1);
    let input = json!({"name": scope, "scopes": [scope], "expiresAt": until.to_rfc3339()});
    let made = team.admin.ask(create, json!({"input": input})).await;
    SecretString::from(made["createApiToken"]["secret"].as_str().unwrap().to_owned())
}

fn outcomes(summary: &RecordSummary) -> Vec<(&'static str, usize)> {
    summary
        .outcomes
        .iter()
        .map(|(name, count)| (*name, *count))
        .collect()
}

async fn sessions(admin: &Client, from: &str, to: &str) -> serde_json::Value {
    let query = "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) { summary { activeUsers sessions creditsConsumed } } } }";
    let read = admin.ask(query, json!({"from": from, "to": to})).await;
    read["account"]["usageReport"]["summary"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_recorded_by_the_thousand_and_again_adds_nothing_whatever_broke_off() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Premium).await;
    add_product(&house, "acme", "DRAW", 2).await;
    for person in 0..6 {
        team.invite(&format!("p{person}@acme.example")).await;
    }
    let today = house.app.clock().now().date_naive();
    let ago = |days: u64| (today - chrono::Days::new(days)).to_string();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meter.csv");
    let used = (0..6).flat_map(|person| (0..380).map(move |days| (person, days)));
    let used = used.map(|(person, days)| format!("p{person}@acme.example;DRAW;{};1;0.5;h1\n", ago(days)));
    let csv = format!(
        "Email;Product;Day;Launches;Credits;Host\n{}{}",
        used.collect::<Vec<_>>().concat(),
        // The same said once more is used once more; and rows that cannot be recorded.
        format_args!(
            "p0@acme.example;DRAW;{today};1;0.5;h2\nnobody@acme.example;DRAW;{yesterday};1;;h3\n\
             p1@acme.example;DRUM;{yesterday};1;;h4\np1@acme.example;DRAW;yesterday;1;;h5\n",
            yesterday = ago(1)
        )
    );
    let token = token(&house, &team, "USAGE_WRITE").await;
    let args = |token: Option<&SecretString>| RecordArgs {
        file: path.clone(),
        url: house.url.clone(),
        token: token.cloned(),
        force: false,
        json: true,
    };

    // A run that broke off in the middle: a part of the rows is there.
    let part: Vec<&str> = csv.lines().take(1_200).collect();
    std::fs::write(&path, part.join("\n")).unwrap();
    let broken = record(&args(Some(&token))).await.unwrap();
    assert_eq!(
        (outcomes(&broken), broken.exit_code()),
        (vec![("ADDED", 1_199)], 0)
    );
    assert_eq!(broken.error_report, None);

    std::fs::write(&path, &csv).unwrap();
    let whole = record(&args(Some(&token))).await.unwrap();
    assert_eq!(
        outcomes(&whole),
        [("ADDED", 2_281 - 1_199), ("FAILED", 3), ("UNCHANGED", 1_199)]
    );
    assert_eq!((whole.rows, whole.exit_code()), (2_284, 2));
    let all = json!({"activeUsers": 6, "sessions": 2_281, "creditsConsumed": "1140.5"});
    assert_eq!(sessions(&team.admin, &ago(379), &ago(0)).await, all);
    let again = record(&args(Some(&token))).await.unwrap();
    assert_eq!(outcomes(&again), [("FAILED", 3), ("UNCHANGED", 2_281)]);
    assert_eq!(sessions(&team.admin, &ago(379), &ago(0)).await, all);

    // The failed rows are a file of their own, to be corrected and sent.
    let report = std::fs::read_to_string(folder.path().join("meter.errors.csv")).unwrap();
    let lines: Vec<&str> = report.lines().collect();
    assert_eq!(lines.len(), 4, "{report}");
    assert_eq!(lines[0], "Email,Product,Day,Launches,Credits,Host,Problem");
    assert!(
        lines[1].contains("h3") && lines[1].contains("(NOT_FOUND)"),
        "{report}"
    );
    assert!(
        lines[2].contains("h4") && lines[2].contains("(PRODUCT_UNKNOWN)"),
        "{report}"
    );
    assert!(
        lines[3].contains("h5") && lines[3].contains("is no day"),
        "{report}"
    );
    assert!(
        folder.path().join("meter.errors-2.csv").exists(),
        "the first report stays"
    );
    let rows = report.replace("DRUM", "DRAW").replace("nobody@", "p5@");
    let path = folder.path().join("corrected.csv");
    std::fs::write(&path, rows).unwrap();
    let corrected = RecordArgs {
        file: path,
        ..args(Some(&token))
    };
    let mended = record(&corrected).await.unwrap();
    assert_eq!(outcomes(&mended), [("ADDED", 2), ("FAILED", 1)]);

    let no_token = record(&args(None)).await.unwrap_err();
    assert_eq!(no_token.exit_code(), 3);
    let bad = SecretString::from("mst_nonsense");
    assert_eq!(record(&args(Some(&bad))).await.unwrap_err().exit_code(), 3);
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_something_else_and_a_file_of_something_else_are_told_of_and_record_nothing() {
    let house = House::open(Database::Sqlite).await;
    let team = team(&house, "acme", Plan::Premium).await;
    add_product(&house, "acme", "DRAW", 2).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meter.csv");
    let args = |token: &SecretString| RecordArgs {
        file: path.clone(),
        url: house.url.clone(),
        token: Some(token.clone()),
        force: false,
        json: true,
    };
    let writer = token(&house, &team, "USAGE_WRITE").await;
    let reader = token(&house, &team, "USAGE_READ").await;
    assert!(matches!(
        record(&args(&writer)).await,
        Err(ClientError::File { .. })
    ));
    std::fs::write(&path, "First Name,Last Name,Email\nA,B,admin@acme.example\n").unwrap();
    let refused = record(&args(&writer)).await.unwrap_err();
    assert!(refused.to_string().contains("no column Product"), "{refused}");
    assert_eq!(refused.exit_code(), 1);
    let day = house.app.clock().now().date_naive();
    std::fs::write(
        &path,
        format!("Email,Product,Day,Minutes\nadmin@acme.example,DRAW,{day},5\n"),
    )
    .unwrap();
    let refused = record(&args(&reader)).await.unwrap_err();
    assert!(refused.to_string().contains("USAGE_WRITE"), "{refused}");
    assert_eq!(refused.exit_code(), 1);
    assert_eq!(house.number("SELECT count(*) FROM usage_days").await, 0);
    let done = record(&args(&writer)).await.unwrap();
    assert_eq!(outcomes(&done), [("ADDED", 1)]);
    assert!(done.to_text().contains("1 rows in"), "{}", done.to_text());
    let told: serde_json::Value = serde_json::from_str(&done.to_json()).unwrap();
    assert_eq!(
        (&told["rows"], &told["outcomes"]),
        (&json!(1), &json!({"ADDED": 1}))
    );
    house.close().await;
}
