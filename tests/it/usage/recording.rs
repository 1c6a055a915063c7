//! Recording: each record once, by itself, whatever comes with it and however often.

use rstest::rstest;
use serde_json::{Value, json};

use super::support::{RECORD, add, ago, one, opening, record};
use crate::support::Database;

pub const USED: &str =
    "query($id: ID!, $from: Date!, $to: Date!) { user(id: $id) { usage(period: {from: $from, to: $to}) {
    product { code } daysUsed sessions minutes creditsConsumed lastUsedOn } } }";

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn records_are_added_once_each_and_what_is_wrong_with_one_is_told_of_it_alone(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 2).await;
    let (yesterday, day) = (ago(&house, 1), ago(&house, 2));
    let tomorrow = (super::support::today(&house) + chrono::Days::new(1)).to_string();
    let next = (super::support::today(&house) + chrono::Days::new(2)).to_string();
    let with = |name: &str, value: Value| {
        let mut record = one(0, "DRAW", &yesterday, "wrong");
        record[name] = value;
        record
    };
    let mut spent = one(0, "product ink", &day, "a");
    spent["credits"] = json!("2.5");
    spent["email"] = json!("P0@ACME.example");
    let records = [
        one(0, "DRAW", &yesterday, "a"),
        one(0, "draw", &yesterday, "b"),
        one(0, "DRAW", &yesterday, "a"),
        spent,
        one(1, "DRAW", &tomorrow, "a"),
        one(1, "DRAW", &ago(&house, 800), "a"),
        with("email", json!("nobody@acme.example")),
        with("email", json!("not an address")),
        with("productCode", json!("DRUM")),
        with("day", json!(next)),
        with("day", json!(ago(&house, 801))),
        with("day", json!("9999-12-31")),
        with("minutes", json!(1_441)),
        with("minutes", json!(-1)),
        with("launches", json!(10_001)),
        with("credits", json!("-1")),
        with("credits", json!("1000000.0001")),
        with("key", json!("")),
        with("key", json!("k".repeat(201))),
        json!({"email": "p0@acme.example", "productCode": "DRAW", "day": day, "key": "nothing"}),
    ];
    let done = record(&team.admin, &records).await;
    assert_eq!(done["userErrors"], json!([]));
    assert_eq!(
        done["summary"],
        json!({"applied": 5, "unchanged": 1, "failed": 14})
    );
    for (place, status) in [(1, "APPLIED"), (2, "UNCHANGED"), (5, "APPLIED")] {
        assert_eq!(done["results"][place]["status"], status, "{place}");
    }
    for (place, code, member) in [
        (6, "NOT_FOUND", "email"),
        (7, "EMAIL_INVALID", "email"),
        (8, "PRODUCT_UNKNOWN", "productCode"),
        (9, "INVALID", "day"),
        (10, "INVALID", "day"),
        (11, "INVALID", "day"),
        (12, "INVALID", "minutes"),
        (13, "INVALID", "minutes"),
        (14, "INVALID", "launches"),
        (15, "INVALID", "credits"),
        (16, "INVALID", "credits"),
        (17, "REQUIRED", "key"),
        (18, "TOO_LONG", "key"),
        (19, "REQUIRED", "minutes"),
    ] {
        let field = json!(["input", "records", place.to_string(), member]);
        assert_eq!(
            done["results"][place]["userErrors"],
            json!([{"code": code, "field": field}]),
            "{place}"
        );
    }
    let used = json!({"id": users[0], "from": day, "to": yesterday});
    let mut used = team.admin.ask(USED, used).await["user"]["usage"].clone();
    used.as_array_mut()
        .unwrap()
        .sort_by_key(|used| used["product"]["code"].to_string());
    assert_eq!(
        used,
        json!([
            {"product": {"code": "DRAW"}, "daysUsed": 1, "sessions": 2, "minutes": 20, "creditsConsumed": "0", "lastUsedOn": yesterday},
            {"product": {"code": "INK"}, "daysUsed": 1, "sessions": 1, "minutes": 10, "creditsConsumed": "2.5", "lastUsedOn": day},
        ])
    );
    assert_eq!(house.number("SELECT count(*) FROM usage_days").await, 4);
    let audited = "SELECT count(*) FROM audit_events WHERE action = 'usage.record' AND outcome = 'SUCCESS'";
    assert_eq!(house.number(audited).await, 1);

    // Nothing but what is there, or is refused: nothing is written, and nobody has anything to answer for.
    let before = house.settled().await;
    let again = record(&team.admin, &records[..9]).await;
    assert_eq!(
        again["summary"],
        json!({"applied": 0, "unchanged": 6, "failed": 3})
    );
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_call_under_a_key_is_answered_as_the_first_one_and_another_under_it_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    let input = |launches: i32| {
        let mut record = one(0, "DRAW", &ago(&house, 1), "a");
        record["launches"] = json!(launches);
        json!({"input": {"records": [record, one(7, "DRAW", &ago(&house, 1), "a")], "idempotencyKey": "night"}})
    };
    let first = team.admin.ask(RECORD, input(1)).await;
    assert_eq!(
        first["recordUsage"]["summary"],
        json!({"applied": 1, "unchanged": 0, "failed": 1})
    );
    let before = house.settled().await;
    assert_eq!(team.admin.ask(RECORD, input(1)).await, first);
    let other = team.admin.ask(RECORD, input(2)).await;
    assert_eq!(
        other["recordUsage"]["userErrors"],
        json!([{"code": "IDEMPOTENCY_KEY_REUSED", "field": ["input", "idempotencyKey"]}])
    );
    let mut without = input(1);
    without["input"]["idempotencyKey"] = Value::Null;
    let without = team.admin.ask(RECORD, without).await;
    assert_eq!(without["recordUsage"]["results"][0]["status"], "UNCHANGED");
    assert_eq!(house.settled().await, before);
    for key in ["", &"k".repeat(201)] {
        let mut bad = input(3);
        bad["input"]["idempotencyKey"] = json!(key);
        let bad = team.admin.ask(RECORD, bad).await;
        assert_eq!(bad["recordUsage"]["userErrors"][0]["code"], "INVALID");
    }
    assert_eq!(house.settled().await, before);
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_call_has_one_to_a_thousand_records_and_what_is_of_no_type_is_refused_whole(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    let before = house.settled().await;
    let many = |count: usize| -> Vec<Value> {
        (0..count)
            .map(|number| {
                one(
                    0,
                    "DRAW",
                    &ago(&house, 1 + u64::try_from(number % 700).unwrap()),
                    &number.to_string(),
                )
            })
            .collect()
    };
    for (count, code) in [(0, "REQUIRED"), (1_001, "TOO_MANY_ITEMS")] {
        let refused = record(&team.admin, &many(count)).await;
        assert_eq!(refused["results"], json!([]));
        assert_eq!(
            refused["userErrors"],
            json!([{"code": code, "field": ["input", "records"]}])
        );
    }
    for (name, value) in [
        ("credits", json!("1e3")),
        ("credits", json!(1.5)),
        ("day", json!("2026-02-30")),
        ("minutes", json!(1.5)),
        ("minutes", json!("10")),
        ("email", Value::Null),
        ("key", json!(7)),
    ] {
        let mut record = one(0, "DRAW", &ago(&house, 1), "a");
        record[name] = value.clone();
        let input = json!({"input": {"records": [record]}});
        let code = team.admin.refused(RECORD, input).await;
        assert_eq!(code, "BAD_USER_INPUT", "{name}: {value}");
    }
    assert_eq!(house.settled().await, before);
    let thousand = many(1_000);
    add(&team, &thousand).await;
    assert_eq!(house.number("SELECT count(*) FROM usage_days").await, 700);
    assert_eq!(
        house
            .number("SELECT CAST(sum(launches) AS bigint) FROM usage_days")
            .await,
        1_000
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn the_same_sent_by_many_at_once_counts_once_and_others_of_its_day_all_count(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 3).await;
    let day = ago(&house, 1);
    let patiently = async |key: Option<&str>, records: Vec<Value>| loop {
        let input = json!({"input": {"records": records, "idempotencyKey": key}});
        let (_, answer) = team.admin.send(RECORD, input).await;
        if answer["errors"][0]["extensions"]["code"] == "BUSY" {
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            continue;
        }
        assert_eq!(answer["errors"], Value::Null);
        break answer["data"]["recordUsage"].clone();
    };
    let same = vec![one(0, "DRAW", &day, "same"), one(1, "DRAW", &day, "same")];
    let calls = (0..8).map(|_| patiently(Some("one call"), same.clone()));
    let answers = futures::future::join_all(calls).await;
    for answer in &answers {
        assert_eq!(
            answer["summary"],
            json!({"applied": 2, "unchanged": 0, "failed": 0})
        );
    }
    let same = vec![one(2, "DRAW", &day, "same")];
    let answers = futures::future::join_all((0..8).map(|_| patiently(None, same.clone()))).await;
    let applied = answers.iter().filter(|answer| answer["summary"]["applied"] == 1);
    assert_eq!(applied.count(), 1);
    let keys: Vec<String> = (0..8).map(|number| format!("mine {number}")).collect();
    let calls = keys.iter().map(|key| {
        let records = vec![one(0, "DRAW", &day, key), one(0, "INK", &day, key)];
        patiently(None, records)
    });
    for answer in futures::future::join_all(calls).await {
        assert_eq!(answer["summary"]["applied"], 2);
    }
    let of = async |sql: &str| house.number(sql).await;
    assert_eq!(of("SELECT count(*) FROM usage_days").await, 4);
    assert_eq!(
        of("SELECT CAST(sum(launches) AS bigint) FROM usage_days").await,
        3 + 16
    );
    assert_eq!(
        of("SELECT CAST(sum(launches) AS bigint) FROM usage_months").await,
        19
    );
    for span in ["DAY", "WEEK", "MONTH"] {
        let active =
            format!("SELECT CAST(sum(active_users) AS bigint) FROM usage_totals WHERE span = '{span}'");
        let launches =
            format!("SELECT CAST(sum(launches) AS bigint) FROM usage_totals WHERE span = '{span}'");
        assert_eq!((of(&active).await, of(&launches).await), (4, 19), "{span}");
    }
    house.close().await;
}
