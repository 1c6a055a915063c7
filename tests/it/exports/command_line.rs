//! `muster export`: what it asks for, what it leaves in the folder, and what it ends with.

use clap::Parser;
use entity::account::Plan;
use muster::client::{ClientError, ExportArgs, export};
use rstest::rstest;

use super::support::{crowd, rows};
use crate::support::{Client, Database, House, team};

#[derive(Parser)]
struct Flags {
    #[command(flatten)]
    export: ExportArgs,
}

fn args(client: &Client, given: &[&str]) -> ExportArgs {
    let token = client.token.as_ref().unwrap();
    let flags = ["export", "--url", &client.url, "--token", token, "--json"];
    Flags::parse_from(flags.iter().chain(given)).export
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_down_whole_under_its_name_or_not_at_all(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    crowd(&house, &team, 40_000, &[]).await;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("people.csv");
    let output = path.to_str().unwrap();
    let exported = export(args(
        &team.admin,
        &["users", "-o", output, "--delimiter", "semicolon"],
    ))
    .await
    .unwrap();
    assert_eq!(
        (exported.exit_code(), exported.rows, exported.file.as_deref()),
        (0, 40_001, Some(path.as_path()))
    );
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.starts_with("\u{feff}\"user_id\";") && text.len() > 5 * 1024 * 1024);
    assert_eq!(text.lines().count(), 40_002);
    let left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["people.csv"], "no draft is left");

    // What is there is not written over, and nothing is asked for.
    let refused = export(args(&team.admin, &["audit-events", "-o", output])).await;
    assert!(matches!(refused, Err(ClientError::File { .. })), "{refused:?}");
    assert_eq!(house.number("SELECT count(*) FROM exports").await, 1);
    let given = [
        "audit-events",
        "-o",
        output,
        "--force",
        "--from",
        "2020-01-01T00:00:00Z",
        "--no-mark",
    ];
    let exported = export(args(&team.admin, &given)).await.unwrap();
    let found = rows(&std::fs::read_to_string(&path).unwrap());
    assert_eq!(usize::try_from(exported.rows).unwrap(), found.len());
    assert!(found.iter().any(|event| event["action"] == "exports.download"));

    let refused = export(args(
        &team.admin,
        &["users", "-o", output, "--force", "--from", "2020-01-01T00:00:00Z"],
    ))
    .await;
    assert!(matches!(refused, Err(ClientError::Refused(_))), "{refused:?}");
    assert_eq!(
        rows(&std::fs::read_to_string(&path).unwrap()).len(),
        found.len(),
        "the file is as it was"
    );
    let mut nobody = team.admin.clone();
    nobody.token = Some("nonsense".to_owned());
    let error = export(args(&nobody, &["users", "-o", output, "--force"]))
        .await
        .unwrap_err();
    assert_eq!(error.exit_code(), 3);
    house.close().await;
}
