//! The operator does all of it at the command line.

use std::process::{Command, Output};

use entity::account::{Plan, View};
use serde_json::json;

use super::support::{audited, day};
use crate::support::{Database, House, add_product, team_in};

async fn admin(house: &House, args: &str) -> (bool, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
    command
        .env_clear()
        .args(["admin", "--data-dir"])
        .arg(house.folder.path())
        .args(["--database-url", &house.database_url])
        .args(args.split(' '));
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
    let days = format!("--starts-on {first} --ends-on {last}");
    let subscription = "update-subscription acme DRAW --contract A-1";
    for (args, expected) in [
        (
            format!("create-contract acme A-1 --reseller Shop --renewal-months 1 {days}"),
            "is there".to_owned(),
        ),
        (
            format!("create-subscription acme DRAW --seats 4 --contract A-1 --trial {days}"),
            "4 seats of DRAW".to_owned(),
        ),
        (
            format!("{subscription} --paid --seats 6"),
            "has 6 seats of DRAW".to_owned(),
        ),
        (
            format!("{subscription} --seats 2 --at-next-term"),
            "and 2 from its next term on".to_owned(),
        ),
        (
            "set-seats acme DRAW --contract A-1 --seats 5".to_owned(),
            "has 5 seats".to_owned(),
        ),
        (
            "update-contract acme A-1 --new-number A-2 --auto-renews true".to_owned(),
            "A-2".to_owned(),
        ),
        (
            "renew-contract acme A-2".to_owned(),
            "is renewed until".to_owned(),
        ),
        (
            format!("terminate-contract acme A-2 --on {last} --yes"),
            format!("ends on {last}"),
        ),
        (
            "contracts acme".to_owned(),
            format!("A-2\tactive\t{first}\t{last}\tno\t\tShop"),
        ),
    ] {
        let (is_done, said) = admin(&house, &args).await;
        assert!(is_done && said.contains(&expected), "{args}: {said}");
    }
    for (args, expected) in [
        ("terminate-contract acme A-2", "--yes"),
        ("renew-contract acme A-9", "no such contract"),
        ("contracts nobody", "no account"),
        (
            "update-subscription acme DRAW --contract A-2 --at-next-term",
            "--seats",
        ),
    ] {
        let (is_done, said) = admin(&house, args).await;
        assert!(!is_done && said.contains(expected), "{args}: {said}");
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
