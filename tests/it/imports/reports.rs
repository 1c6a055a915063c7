//! The report of failed rows: downloaded, corrected, imported again.

use chrono::{DateTime, Utc};
use entity::account::Plan;
use rstest::rstest;
use serde_json::json;

use super::support::{HEADER, assert_sums, outcomes, rows, run};
use crate::support::{Database, House, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_report_downloads_is_harmless_and_imports_again_once_corrected(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let file = format!(
        "{HEADER}Good,One,one@acme.example,,,\n=HYPERLINK(0),Two,two,,,+1\n\"Q\"\"uote\",\"Th, ree\",three@acme.example,Boss,,@x\n"
    );
    let import = run(&team.admin, file.as_bytes(), json!({})).await;
    assert_eq!(import["status"], "SUCCEEDED_WITH_ERRORS");
    let link = &import["errorReport"];
    assert_eq!(link["filename"], "people.errors.csv");
    let expires_at: DateTime<Utc> = link["expiresAt"].as_str().unwrap().parse().unwrap();
    let left = (expires_at - house.app.clock().now()).num_seconds();
    assert!((200..=300).contains(&left), "{left}");
    let url = link["url"].as_str().unwrap();
    assert!(url.contains("X-Amz-Expires=300"), "{url}");
    let (status, bytes) = team.admin.get(url).await;
    assert!(status.is_success());
    assert_eq!(link["byteSize"], bytes.len());
    let forged = url.replace("X-Amz-Expires=300", "X-Amz-Expires=3000");
    assert!(
        !team.admin.get(&forged).await.0.is_success(),
        "nobody lengthens a link"
    );

    let report = String::from_utf8(bytes).unwrap();
    let lines: Vec<&str> = report.trim_end().split("\r\n").collect();
    assert_eq!(lines.len(), 3, "{report}");
    assert_eq!(
        lines[0],
        "\"First Name\",\"Last Name\",\"Email\",\"Role\",\"Products\",\"External ID\",\"Problem\""
    );
    assert!(
        lines[1].starts_with("\"'=HYPERLINK(0)\",\"Two\",\"two\",\"\",\"\",\"'+1\",\"EMAIL_INVALID: "),
        "{report}"
    );
    assert!(
        lines[2].starts_with(
            "\"Q\"\"uote\",\"Th, ree\",\"three@acme.example\",\"Boss\",\"\",\"'@x\",\"ROLE_UNKNOWN: "
        ),
        "{report}"
    );

    let half = report.replace("\"two\"", "\"two@acme.example\"");
    let import = run(&team.admin, half.as_bytes(), json!({})).await;
    assert_eq!(
        outcomes(&import["outcomeCounts"]),
        [("FAILED".to_owned(), 1), ("INVITED".to_owned(), 1)].into()
    );
    let (_, bytes) = team
        .admin
        .get(import["errorReport"]["url"].as_str().unwrap())
        .await;
    let report = String::from_utf8(bytes).unwrap();
    assert_eq!(
        report.matches("Problem").count(),
        1,
        "one column of problems: {report}"
    );
    let import = run(
        &team.admin,
        report.replace("\"Boss\"", "\"user\"").as_bytes(),
        json!({}),
    )
    .await;
    assert_eq!(import["status"], "SUCCEEDED");
    assert_eq!(import["errorReport"], json!(null));
    assert_sums(&team.admin, &import).await;
    let cells = &rows(&team.admin, import["id"].as_str().unwrap(), json!(null)).await[0]["cells"];
    assert_eq!(cells[0], "Q\"uote");

    let query =
        "{ account { users(first: 10, filter: {search: \"acme\"}) { nodes { givenName externalId } } } }";
    let users = team.admin.ask(query, json!({})).await["account"]["users"]["nodes"].to_string();
    assert!(
        users.contains("\"=HYPERLINK(0)\"") && users.contains("\"+1\"") && users.contains("\"@x\""),
        "{users}"
    );
    house.close().await;
}
