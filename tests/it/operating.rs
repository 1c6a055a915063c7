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

#[tokio::test(flavor = "multi_thread")]
async fn what_takes_something_away_is_not_done_by_a_script_that_does_not_say_it_is_sure() {
    let house = House::open(Database::Sqlite).await;
    assert!(
        create_account(&house, "acme", &["--plan", "premium"])
            .await
            .status
            .success()
    );
    let run = async |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command
            .env_clear()
            .args(["admin", "--data-dir"])
            .arg(house.folder.path());
        command
            .args(["--database-url", &house.database_url])
            .args(arguments)
            .stdin(Stdio::null());
        tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap()
    };
    let plan = async || {
        house
            .number("SELECT count(*) FROM accounts WHERE plan = 'PREMIUM'")
            .await
    };
    for arguments in [&["set-plan", "acme", "standard"] as &[&str], &["forget-store"]] {
        let before = house.settled().await;
        let refused = run(arguments).await;
        let said = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{said}");
        assert!(
            said.contains("Say --yes if that is meant. Nothing was changed."),
            "{said}"
        );
        assert_eq!(house.settled().await, before);
    }
    assert_eq!(plan().await, 1);
    assert!(
        run(&["set-plan", "acme", "standard", "--yes"])
            .await
            .status
            .success()
    );
    assert_eq!(plan().await, 0);
    assert!(
        run(&["set-plan", "acme", "premium"]).await.status.success(),
        "nothing is taken away"
    );
    house.close().await;
}
