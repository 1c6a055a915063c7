//! What use takes: in order, all or not at all, once, and never more than there is.

use chrono::Days;
use muster::admin::GrantCredits;
use rstest::rstest;
use serde_json::{Value, json};

use super::support::{
    RECORD, adjust, assert_books_agree, booking, credits, grant, ledger, overdraft, record, spend,
};
use crate::support::Database;
use crate::usage::support::{ago, opening, today};

fn entry(kind: &str, amount: &str, after: &str) -> (String, String, String) {
    (kind.to_owned(), amount.to_owned(), after.to_owned())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn use_takes_what_lapses_first_and_what_is_not_there_fails_with_figures_though_the_use_is_recorded(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 2).await;
    let day = ago(&house, 1);
    // Nobody keeps credits for the account: use tells of them, and nothing is taken.
    let before = record(&team.admin, &[spend(0, "DRAW", &day, "5", "early")]).await;
    assert_eq!(before["summary"]["applied"], 1);
    assert_eq!(credits(&team).await, Value::Null);
    assert_eq!(house.number("SELECT count(*) FROM credit_books").await, 0);

    let soon = today(&house) + Days::new(3);
    let later = today(&house) + Days::new(300);
    grant(&house, "10", None).await;
    grant(&house, "4.5", Some(later)).await;
    grant(&house, "2", Some(soon)).await;
    grant(&house, "1", Some(soon)).await;
    assert_eq!(
        credits(&team).await,
        json!({"balance": "17.5", "granted": "17.5", "consumed": "0", "expired": "0", "adjusted": "0", "overdraftAllowed": false,
            "noticePercents": [80, 100], "nextExpiry": {"amount": "3", "expiresOn": soon.to_string()}})
    );
    let done = record(
        &team.admin,
        &[
            spend(0, "DRAW", &day, "3.25", "a"),
            spend(1, "INK", &day, "1", "a"),
            spend(0, "DRAW", &day, "0.75", "b"),
            spend(0, "DRAW", &day, "0.75", "b"),
            spend(0, "DRAW", &day, "99", "c"),
            spend(7, "DRAW", &day, "1", "a"),
            spend(1, "INK", &day, "0.0001", "b"),
        ],
    )
    .await;
    assert_eq!(
        done["summary"],
        json!({"applied": 4, "unchanged": 1, "failed": 2})
    );
    let short = |place: usize, requested: &str, available: &str| json!([{"code": "CREDITS_EXHAUSTED", "field": ["input", "records", place.to_string(), "credits"], "requestedCredits": requested, "availableCredits": available}]);
    assert_eq!(done["results"][4]["userErrors"], short(4, "99", "12.5"));
    assert_eq!(done["results"][5]["userErrors"][0]["code"], "NOT_FOUND");
    assert_eq!(
        ledger(&house, &team).await[4..],
        [
            entry("CONSUMPTION", "-4", "13.5"),
            entry("CONSUMPTION", "-1.0001", "12.4999"),
        ],
        "one for each person, product and day"
    );
    let seen = credits(&team).await;
    assert_eq!(
        (&seen["balance"], &seen["nextExpiry"]),
        (
            &json!("12.4999"),
            &json!({"amount": "2.4999", "expiresOn": later.to_string()})
        )
    );
    // What was done counts, paid for or not.
    let used = "query($id: ID!, $day: Date!) { user(id: $id) { usage(period: {from: $day, to: $day}) { sessions minutes creditsConsumed }
        creditsConsumed(period: {from: $day, to: $day}) { total products { product { code } consumed lastUsedOn } } } }";
    let of = json!({"id": users[0], "day": day});
    let seen = team.admin.ask(used, of.clone()).await["user"].clone();
    assert_eq!(
        seen["usage"],
        json!([{"sessions": 4, "minutes": 40, "creditsConsumed": "9"}])
    );
    let consumed = json!({"total": "9", "products": [{"product": {"code": "DRAW"}, "consumed": "9", "lastUsedOn": day}]});
    assert_eq!(seen["creditsConsumed"], consumed);

    // Sent again it fails again, and adds nothing; when there are enough it pays, once, and adds nothing else.
    let owing = [spend(0, "DRAW", &day, "99", "c")];
    let state = house.settled().await;
    let again = record(&team.admin, &owing).await;
    assert_eq!(again["results"][0]["userErrors"], short(0, "99", "12.4999"));
    assert_eq!(house.settled().await, state);
    grant(&house, "100", Some(today(&house))).await;
    for (applied, unchanged) in [(1, 0), (0, 1)] {
        let paid = record(&team.admin, &owing).await;
        assert_eq!(
            paid["summary"],
            json!({"applied": applied, "unchanged": unchanged, "failed": 0})
        );
    }
    let seen = team.admin.ask(used, of).await["user"]["usage"].clone();
    assert_eq!(
        seen,
        json!([{"sessions": 4, "minutes": 40, "creditsConsumed": "108"}])
    );
    assert_eq!(credits(&team).await["balance"], "13.4999");
    assert_books_agree(&house, &team).await;
    let audited = house
        .number("SELECT count(*) FROM audit_events WHERE action = 'credits.grant' AND outcome = 'SUCCESS'")
        .await;
    assert_eq!(audited, 5);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_may_overdraw_does_and_pays_first_and_one_that_may_no_longer_owes_no_more(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    let day = ago(&house, 0);
    overdraft(&house, true).await;
    let spent = async |credits: &str, key: &str| {
        let done = record(&team.admin, &[spend(0, "DRAW", &day, credits, key)]).await;
        done["results"][0]["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(spent("7", "a").await, "APPLIED");
    grant(&house, "5", None).await;
    assert_eq!(credits(&team).await["balance"], "-2");
    assert_books_agree(&house, &team).await;
    overdraft(&house, false).await;
    assert_eq!(spent("0.0001", "b").await, "FAILED");
    assert!(adjust(&house, "-1").await.is_err());
    grant(&house, "1.5", None).await;
    assert_eq!(
        spent("0.0001", "b").await,
        "FAILED",
        "there is still less than nothing"
    );
    adjust(&house, "3").await.unwrap();
    assert_eq!(spent("0.0001", "b").await, "APPLIED");
    assert_eq!(spent("2.5", "c").await, "FAILED");
    adjust(&house, "-2.4999").await.unwrap();
    assert_eq!(spent("0.0001", "d").await, "FAILED");
    let seen = credits(&team).await;
    assert_eq!(
        seen,
        json!({"balance": "0", "granted": "6.5", "consumed": "7.0001", "expired": "0", "adjusted": "0.5001", "overdraftAllowed": false,
            "noticePercents": [80, 100], "nextExpiry": null})
    );
    assert_books_agree(&house, &team).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn many_calls_at_once_take_no_more_than_there_is(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 3).await;
    let day = ago(&house, 0);
    grant(&house, "30", Some(today(&house))).await;
    grant(&house, "25.5", None).await;
    let replica = house.replica().await;
    let mut replica_admin = replica.clone();
    replica_admin.token = team.admin.token.clone();
    let clients = [team.admin.clone(), replica_admin];
    let keys: Vec<String> = (0..12).map(|number| format!("call {number}")).collect();
    let calls = keys.iter().enumerate().map(|(number, key)| {
        let client = &clients[number % 2];
        let records = [
            spend(number % 3, "DRAW", &day, "4", key),
            spend(number % 3, "INK", &day, "6", key),
        ];
        async move {
            loop {
                let (_, answer) = client.send(RECORD, json!({"input": {"records": records}})).await;
                if answer["errors"][0]["extensions"]["code"] == "BUSY" {
                    tokio::time::sleep(std::time::Duration::from_millis(50)).await;
                    continue;
                }
                break answer["data"]["recordUsage"].clone();
            }
        }
    });
    let grants = (0..3).map(|_| {
        let more = GrantCredits(booking("acme", "10", None));
        house.app.run(&muster::access::Actor::Operator, more)
    });
    let (answers, granted) = futures::join!(
        futures::future::join_all(calls),
        futures::future::join_all(grants)
    );
    assert!(granted.iter().all(Result::is_ok));
    let applied: u64 = answers
        .iter()
        .map(|answer| answer["summary"]["applied"].as_u64().unwrap())
        .sum();
    assert!((11..24).contains(&applied), "{applied}");
    let seen = credits(&team).await;
    assert!(!seen["balance"].as_str().unwrap().starts_with('-'), "{seen}");
    assert_eq!(seen["granted"], "85.5");
    assert_books_agree(&house, &team).await;
    // All of the use was recorded, whether it was paid for or not.
    let launches = "SELECT CAST(sum(launches) AS bigint) FROM usage_days";
    assert_eq!(house.number(launches).await, 24);
    let spent = "SELECT CAST(sum(d.credits) AS bigint) - max(b.consumed) FROM usage_days d, credit_books b";
    assert_eq!(house.number(spent).await, 0, "usage and ledger say the same");
    house.settle_mails().await;
    house.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_number_of_statements_does_not_grow_with_the_number_of_records() {
    let (house, team, _) = opening(Database::Postgres, 100).await;
    for _ in 0..20 {
        grant(&house, "1000", None).await;
    }
    let mut costs = Vec::new();
    for (round, count) in [1, 10, 100].into_iter().enumerate() {
        // What a session or a token remembers is asked now and then; the least is what it takes.
        let mut least = u64::MAX;
        for attempt in 0..3 {
            let key = format!("{round} {attempt}");
            let day = ago(&house, 1);
            let records: Vec<Value> = (0..count)
                .map(|person| spend(person, "DRAW", &day, "20.5", &key))
                .collect();
            let before = house.app.statements();
            let done = record(&team.admin, &records).await;
            least = least.min(house.app.statements() - before);
            assert_eq!(done["summary"]["applied"], count);
        }
        costs.push(least);
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    assert!(costs[0] <= 13, "{costs:?}");
    assert_books_agree(&house, &team).await;
    house.close().await;
}
