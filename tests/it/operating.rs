//! What the operator does at the command line.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use chrono::{DateTime, Utc};
use rstest::rstest;
use serde_json::{Value, json};

use crate::support::{Database, House, PASSWORD};

/// Runs `muster admin create-account` beside a house.
async fn create_account(house: &House, slug: &str, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command
        .env_clear()
        .args(["admin", "--data-dir"])
        .arg(house.folder.path())
        .args(["--database-url", &house.database_url])
        .args(["create-account", slug, "--name", slug, "--password-stdin"])
        .args(["--email", &format!("admin@{slug}.example")])
        .args(flags)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let run = move || {
        let mut running = command.spawn().unwrap();
        running
            .stdin
            .take()
            .unwrap()
            .write_all(PASSWORD.as_bytes())
            .unwrap();
        running.wait_with_output().unwrap()
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

/// For how many days an account's invitations are good.
async fn days(house: &House, slug: &str) -> i64 {
    let admin = house.sign_in(&format!("admin@{slug}.example"), PASSWORD).await;
    let invite = "mutation($input: InviteUserInput!) { inviteUser(input: $input) { invitation { createdAt expiresAt } } }";
    let input = json!({"email": format!("anne@{slug}.example")});
    let invited = admin.ask(invite, json!({"input": input})).await["inviteUser"]["invitation"].clone();
    let time = |value: &Value| value.as_str().unwrap().parse::<DateTime<Utc>>().unwrap();
    (time(&invited["expiresAt"]) - time(&invited["createdAt"])).num_days()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_made_with_the_lifetime_its_invitations_have(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    for (slug, flags, expected) in [
        ("usual", &[] as &[&str], 90),
        ("brief", &["--invitation-days", "1"], 1),
        ("lasting", &["--invitation-days=365"], 365),
    ] {
        let done = create_account(&house, slug, flags).await;
        assert!(done.status.success(), "{done:?}");
        assert_eq!(days(&house, slug).await, expected, "{slug}");
    }
    for flag in ["--invitation-days=0", "--invitation-days=366"] {
        let refused = create_account(&house, "refused", &[flag]).await;
        let said = String::from_utf8(refused.stderr).unwrap();
        assert!(
            !refused.status.success() && said.contains("1 to 365 days"),
            "{said}"
        );
    }
    assert_eq!(house.number("SELECT count(*) FROM accounts").await, 3);
    house.close().await;
}
