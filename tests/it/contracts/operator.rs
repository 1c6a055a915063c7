//! The operator does all of it at the command line.

use std::process::{Command, Output};

use entity::account::{Plan, View};
use serde_json::json;

use super::support::{audited, day};
use crate::support::{Database, House, add_product, team_in};

async fn admin(house: &House, args: &[&str]) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command
        .env_clear()
        .args(["admin", "--data-dir"])
        .arg(house.folder.path())
        .args(["--database-url", &house.database_url])
        .args(args);
    let run = move || command.output().unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = tokio::task::spawn_blocking(run).await.unwrap();
    let said = [stdout, stderr].concat();
    (status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_administrators_do_to_contracts_the_operator_does_in_any_account() {
    let house = House::open(Database::Sqlite).await;
    let team = team_in(&house, "acme", Plan::Standard, View::Classic).await;
    add_product(&house, "acme", "DRAW", 3).await;
    let (first, last) = (day(&house, -10), day(&house, 20));
    let days = ["--starts-on", first.as_str(), "--ends-on", last.as_str()];
    let good = async |args: &[&str], expected: &str| {
        let (is_done, said) = admin(&house, args).await;
        assert!(is_done && said.contains(expected), "{args:?}: {said}");
    };
    good(
        &[
            &[
                "create-contract",
                "acme",
                "A-1",
                "--reseller",
                "Shop",
                "--renewal-months",
                "1",
            ],
            &days[..],
        ]
        .concat(),
        "is there",
    )
    .await;
    good(
        &[
            &[
                "create-subscription",
                "acme",
                "DRAW",
                "--seats",
                "4",
                "--contract",
                "A-1",
                "--trial",
            ],
            &days[..],
        ]
        .concat(),
        "4 seats of DRAW",
    )
    .await;
    let subscription = ["update-subscription", "acme", "DRAW", "--contract", "A-1"];
    good(
        &[&subscription[..], &["--paid", "--seats", "6"]].concat(),
        "has 6 seats of DRAW",
    )
    .await;
    good(
        &[&subscription[..], &["--seats", "2", "--at-next-term"]].concat(),
        "and 2 from its next term on",
    )
    .await;
    good(
        &["set-seats", "acme", "DRAW", "--contract", "A-1", "--seats", "5"],
        "has 5 seats",
    )
    .await;
    good(
        &[
            "update-contract",
            "acme",
            "A-1",
            "--new-number",
            "A-2",
            "--auto-renews",
            "true",
        ],
        "A-2",
    )
    .await;
    good(&["renew-contract", "acme", "A-2"], "is renewed until").await;
    let (is_done, said) = admin(&house, &["terminate-contract", "acme", "A-2"]).await;
    assert!(!is_done && said.contains("--yes"), "{said}");
    good(
        &["terminate-contract", "acme", "A-2", "--on", &last, "--yes"],
        &format!("ends on {last}"),
    )
    .await;
    good(
        &["contracts", "acme"],
        &format!("A-2\tactive\t{first}\t{last}\tno\t\tShop"),
    )
    .await;
    for (args, expected) in [
        (&["renew-contract", "acme", "A-9"][..], "no such contract"),
        (&["contracts", "nobody"], "no account"),
        (
            &[
                "update-subscription",
                "acme",
                "DRAW",
                "--contract",
                "A-2",
                "--at-next-term",
            ],
            "--seats",
        ),
    ] {
        let (is_done, said) = admin(&house, args).await;
        assert!(!is_done && said.contains(expected), "{args:?}: {said}");
    }
    let query = "{ account { contracts { nodes { number manager { email } subscriptions { nodes { isTrial endsOn nextSeats seats { total } } } } } } }";
    let seen = team.admin.ask(query, json!({})).await["account"]["contracts"]["nodes"][1].clone();
    let sold = json!({"isTrial": false, "endsOn": last, "nextSeats": 2, "seats": {"total": 5}});
    assert_eq!(
        seen,
        json!({"number": "A-2", "manager": {"email": "admin@acme.example"}, "subscriptions": {"nodes": [sold]}})
    );
    for action in [
        "contracts.create",
        "contracts.update",
        "contracts.renew",
        "contracts.terminate",
    ] {
        assert_eq!(audited(&house, action).await, 1, "{action}");
    }
    assert_eq!(audited(&house, "subscriptions.update").await, 2);
    house.close().await;
}
