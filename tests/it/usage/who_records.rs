//! Who records, whose use it is, what it costs, and how long it is kept.

use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::recording::USED;
use super::support::{RECORD, add, ago, one, opening, record, script};
use crate::support::{Database, House, add_product, team};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_metering_system_records_and_reads_nothing_and_who_reads_reports_records_nothing(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 1).await;
    let writer = script(&house, &team, &["USAGE_WRITE"]).await;
    let reader = script(&house, &team, &["USAGE_READ"]).await;
    let day = ago(&house, 1);
    let done = record(&writer, &[one(0, "DRAW", &day, "a")]).await;
    assert_eq!(done["summary"]["applied"], 1);
    let report = "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) { summary { activeUsers } } } }";
    let period = json!({"from": day, "to": day});
    assert_eq!(writer.refused(report, period.clone()).await, "FORBIDDEN");
    let read = reader.ask(report, period.clone()).await;
    assert_eq!(read["account"]["usageReport"]["summary"]["activeUsers"], 1);
    // People are searched by whoever may read people.
    let search = "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) { rows(filter: {search: \"p0\"}) { totalCount } } } }";
    assert_eq!(reader.refused(search, period.clone()).await, "FORBIDDEN");

    let plain = team.join(&house, "plain@acme.example", "USER").await;
    let own = "query($from: Date!, $to: Date!) { viewer { user { usage(period: {from: $from, to: $to}) { sessions } } } }";
    assert_eq!(
        plain.ask(own, period.clone()).await["viewer"]["user"]["usage"],
        json!([])
    );
    let anothers = json!({"id": users[0], "from": day, "to": day});
    let another = plain.send(USED, anothers).await.1;
    assert_eq!(another["data"]["user"], Value::Null);
    assert_eq!(plain.refused(report, period).await, "FORBIDDEN");
    house.settle_mails().await;
    let days = house.number("SELECT count(*) FROM usage_days").await;
    for client in [&reader, &plain] {
        let input = json!({"input": {"records": [one(0, "DRAW", &day, "b")]}});
        assert_eq!(client.refused(RECORD, input).await, "FORBIDDEN");
    }
    assert_eq!(house.number("SELECT count(*) FROM usage_days").await, days);
    assert_eq!(
        house
            .number("SELECT CAST(sum(launches) AS bigint) FROM usage_days")
            .await,
        1
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn people_of_another_account_are_nobody_and_one_address_in_two_accounts_is_two_people(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, acme, _) = opening(database, 1).await;
    let beta = team(&house, "beta", Plan::Premium).await;
    beta.invite("p0@acme.example").await;
    beta.invite("q0@beta.example").await;
    let day = ago(&house, 1);
    add(&acme, &[one(0, "DRAW", &day, "a")]).await;
    add(&beta, &[one(0, "DRAW", &day, "a")]).await;
    let mut foreign = one(0, "DRAW", &day, "b");
    foreign["email"] = json!("q0@beta.example");
    let refused = record(&acme.admin, &[foreign]).await;
    assert_eq!(refused["results"][0]["userErrors"][0]["code"], "NOT_FOUND");
    let report = "query($day: Date!) { account { usageReport(input: {period: {from: $day, to: $day}}) { summary { activeUsers sessions } rows { nodes { user { email } } } } } }";
    for team in [&acme, &beta] {
        let read = team.admin.ask(report, json!({"day": day})).await["account"]["usageReport"].clone();
        assert_eq!(
            read,
            json!({"summary": {"activeUsers": 1, "sessions": 1}, "rows": {"nodes": [{"user": {"email": "p0@acme.example"}}]}})
        );
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_record_takes_as_many_statements_as_a_hundred(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 100).await;
    house.settle_mails().await;
    let mut costs = Vec::new();
    for (round, count) in [1, 10, 100].into_iter().enumerate() {
        let mut least = u64::MAX;
        for attempt in 0..3 {
            let key = format!("{round} {attempt}");
            let records: Vec<Value> = (0..count)
                .map(|person| one(person, "DRAW", &ago(&house, 1), &key))
                .collect();
            let before = house.app.statements();
            let done = record(&team.admin, &records).await;
            least = least.min(house.app.statements() - before);
            assert_eq!(done["summary"]["applied"], count);
        }
        costs.push(least);
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    assert!(costs[0] <= 10, "{costs:?}");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_removed_is_not_recorded_any_more_and_what_they_did_stays_in_the_sums(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 2).await;
    let day = ago(&house, 1);
    add(&team, &[one(0, "DRAW", &day, "a"), one(1, "DRAW", &day, "a")]).await;
    let remove = "mutation($input: UserIdsInput!) { removeUsers(input: $input) { summary { applied } } }";
    team.admin
        .ask(remove, json!({"input": {"userIds": [users[0]]}}))
        .await;
    let gone = record(&team.admin, &[one(0, "DRAW", &day, "b")]).await;
    assert_eq!(gone["results"][0]["userErrors"][0]["code"], "NOT_FOUND");
    let report = "query($day: Date!) { account { usageReport(input: {period: {from: $day, to: $day}}) {
        summary { activeUsers } series { activeUsers } byName: rows { totalCount nodes { user { email } } } bySum: rows(orderBy: {field: SESSIONS}) { totalCount nodes { user { email } } } } } }";
    let read = team.admin.ask(report, json!({"day": day})).await["account"]["usageReport"].clone();
    let rows = json!({"totalCount": 1, "nodes": [{"user": {"email": "p1@acme.example"}}]});
    assert_eq!(
        read,
        json!({"summary": {"activeUsers": 2}, "series": [{"activeUsers": 2}], "byName": rows, "bySum": rows})
    );
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn usage_is_kept_for_its_term_and_its_sums_go_with_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open_with(database, |config| config.retention.keep_usage_days = 100).await;
    let team = team(&house, "acme", Plan::Premium).await;
    add_product(&house, "acme", "DRAW", 5).await;
    team.invite("p0@acme.example").await;
    add(
        &team,
        &[
            one(0, "DRAW", &ago(&house, 100), "a"),
            one(0, "DRAW", &ago(&house, 5), "a"),
        ],
    )
    .await;
    let early = record(&team.admin, &[one(0, "DRAW", &ago(&house, 101), "a")]).await;
    assert_eq!(early["results"][0]["userErrors"][0]["code"], "INVALID");
    // As if half a year had gone by since some of it was recorded.
    for (table, day) in [
        ("usage_days", "day"),
        ("usage_months", "month"),
        ("usage_totals", "starts_on"),
    ] {
        let sql = format!(
            "UPDATE {table} SET {day} = '{}' WHERE {day} < '{}'",
            ago(&house, 200),
            ago(&house, 60)
        );
        assert!(house.force(&sql).await.unwrap() > 0);
    }
    assert!(muster::background::chores::once(&house.app).await.unwrap());
    for (table, left) in [("usage_days", 1), ("usage_months", 1), ("usage_totals", 3)] {
        assert_eq!(
            house.number(&format!("SELECT count(*) FROM {table}")).await,
            left,
            "{table}"
        );
    }
    house.close().await;
}
