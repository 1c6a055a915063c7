//! What the operator does at the command line.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use chrono::{DateTime, Utc};
use entity::account::Plan;
use muster::config::Config;
use rstest::rstest;
use sea_orm::{ConnectionTrait, DatabaseBackend, Statement};
use serde_json::{Value, json};

use crate::support::{Database, House, PASSWORD, postgres_server, team};

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

#[tokio::test(flavor = "multi_thread")]
async fn postgresql_is_reached_by_a_socket_of_the_file_system_and_then_by_nothing_else() {
    let ask = |sql: &str| Statement::from_string(DatabaseBackend::Postgres, sql);
    let server = sea_orm::Database::connect(&postgres_server()).await.unwrap();
    let shown = server.query_one_raw(ask("SHOW unix_socket_directories")).await;
    let folder: String = shown.unwrap().unwrap().try_get_by_index(0).unwrap();
    server.close().await.unwrap();
    let by_socket = |config: &mut Config| {
        let url: url::Url = config.database_url().parse().unwrap();
        let (user, password) = (url.username(), url.password().unwrap());
        let (folder, port) = (folder.replace('/', "%2F"), url.port().unwrap());
        let url = format!("postgres://{user}:{password}@{folder}:{port}{}", url.path());
        config.database_url = Some(url.into());
    };
    let house = House::open_with(Database::Postgres, by_socket).await;
    // Reading, writing, and what writes wait for.
    let team = team(&house, "acme", Plan::Standard).await;
    assert_eq!(team.counts().await["userCounts"]["active"], 1);
    let connected = "SELECT count(*) FILTER (WHERE client_addr IS NULL), count(*) FILTER (WHERE client_addr IS NOT NULL) FROM pg_stat_activity \
        WHERE datname = current_database()";
    let seen = house.app.reader().query_one_raw(ask(connected)).await;
    let seen = seen.unwrap().unwrap();
    let count = |place: usize| seen.try_get_by_index::<i64>(place).unwrap();
    assert!(
        count(0) >= 4,
        "readers, writers, the pulse, what waits for the disk"
    );
    assert_eq!(count(1), 0);
    house.close().await;
}
