//! What the seller does at the command line.

use std::path::Path;
use std::process::{Command, Output};

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{assert_books_agree, credits, ledger};
use crate::support::{Database, House};
use crate::usage::support::opening;

async fn credits_of(house: &House, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command
        .args(["admin", "--data-dir"])
        .arg::<&Path>(house.folder.path())
        .args(["--database-url", &house.database_url, "credits"])
        .args(args);
    tokio::task::spawn_blocking(move || command.output().unwrap())
        .await
        .unwrap()
}

fn said(output: &Output) -> String {
    let told = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8(bytes.clone()).unwrap());
    told.concat()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn credits_are_granted_and_mended_once_and_shown_to_people_and_programs(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 0).await;
    let nothing = credits_of(&house, &["show", "acme", "--json"]).await;
    assert_eq!(
        serde_json::from_slice::<Value>(&nothing.stdout).unwrap(),
        json!({"account": "acme", "credits": null})
    );
    let granting = [
        "grant",
        "acme",
        "1000.5",
        "--expires-on",
        "2999-12-31",
        "--reference",
        "order-1",
        "--json",
    ];
    for _ in 0..2 {
        let granted = credits_of(&house, &granting).await;
        assert!(granted.status.success(), "{}", said(&granted));
        let figures = json!({"balance": "1000.5", "granted": "1000.5", "consumed": "0", "expired": "0", "adjusted": "0", "overdraftAllowed": false, "entries": 1});
        assert_eq!(
            serde_json::from_slice::<Value>(&granted.stdout).unwrap(),
            json!({"account": "acme", "credits": figures})
        );
    }
    let adjusted = credits_of(&house, &["adjust", "acme", "-0.5", "--note", "a slip"]).await;
    assert_eq!(
        said(&adjusted),
        "acme's credits were adjusted by -0.5.\nacme: balance 1000, granted 1000.5, consumed 0, expired 0, adjusted -0.5\n"
    );
    let allowed = credits_of(&house, &["overdraft", "acme", "allow"]).await;
    assert!(said(&allowed).starts_with("acme may consume credits that it has not."));
    assert_eq!(credits(&team).await["overdraftAllowed"], true);
    assert_eq!(ledger(&house, &team).await.len(), 2);
    assert_books_agree(&house, &team).await;
    for action in ["credits.grant", "credits.adjust", "credits.set_overdraft"] {
        let sql =
            format!("SELECT count(*) FROM audit_events WHERE action = '{action}' AND actor_kind = 'SUPPORT'");
        assert_ne!(house.number(&sql).await, 0, "{action}");
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_booked_is_refused_with_the_reason_and_nothing_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 0).await;
    let granting = ["grant", "acme", "1000", "--reference", "order-1"];
    assert!(credits_of(&house, &granting).await.status.success());
    let before = house.settled().await;
    for (args, told) in [
        (&["grant", "acme", "0"] as &[&str], "More than 0"),
        (&["grant", "acme", "-5"], "More than 0"),
        (&["grant", "acme", "1,5"], "at most four decimals"),
        (&["grant", "acme", "1e3"], "at most four decimals"),
        (&["grant", "acme", "1000000000.0001"], "At most 1000000000"),
        (
            &["grant", "acme", "1", "--expires-on", "2020-01-01"],
            "today (UTC) or later",
        ),
        (
            &["grant", "acme", "1", "--expires-on", "2027-02-30"],
            "expires-on",
        ),
        (&["grant", "acme", "1", "--reference", ""], "A reference has"),
        (&["grant", "acme", "1", "--note", " "], "A note has"),
        (
            &["grant", "acme", "2", "--reference", "order-1"],
            "Something else is booked",
        ),
        (&["grant", "nobody", "2"], "There is no account"),
        (&["adjust", "acme", "5"], "needs a note"),
        (
            &["adjust", "acme", "0", "--note", "x"],
            "adds credits or takes some",
        ),
        (
            &["adjust", "acme", "-1000.0001", "--note", "x"],
            "1000 credits are left",
        ),
        (
            &[
                "adjust",
                "acme",
                "-1",
                "--note",
                "x",
                "--expires-on",
                "2999-12-31",
            ],
            "Only what is added",
        ),
        (&["overdraft", "acme", "maybe"], "maybe"),
        (&["show", "nobody"], "There is no account"),
    ] {
        let refused = credits_of(&house, args).await;
        assert!(!refused.status.success(), "{args:?}");
        assert!(said(&refused).contains(told), "{args:?}: {}", said(&refused));
    }
    let long = "x".repeat(501);
    let refused = credits_of(&house, &["adjust", "acme", "1", "--note", &long]).await;
    assert!(said(&refused).contains("A note has"));
    assert_eq!(house.settled().await, before);
    // As many grants as there may be.
    let (account, now) = (
        house.literal(team.account_id),
        House::literal_time(house.app.clock().now()),
    );
    let lot = |_| {
        let id = house.literal(entity::ids::new(house.app.clock().now()));
        format!("({account}, {id}, 1, 1, NULL, {now})")
    };
    let lots: Vec<String> = (0..1_000).map(lot).collect();
    let filled = format!(
        "INSERT INTO credit_lots (account_id, id, amount, rest, expires_on, created_at) VALUES {}",
        lots.join(", ")
    );
    house.force(&filled).await.unwrap();
    let refused = credits_of(&house, &["grant", "acme", "1"]).await;
    assert!(
        said(&refused).contains("grants of which something is left"),
        "{}",
        said(&refused)
    );
    house.close().await;
}
