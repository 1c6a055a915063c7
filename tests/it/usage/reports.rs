//! Reports, against sums that are made anew from all that was recorded.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, NaiveDate};
use entity::account::Plan;
use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{Sample, records, sample};
use super::support::{add, ago, one, opening, product, today};
use crate::support::{Database, add_product, team};

const REPORT: &str = "query($from: Date!, $to: Date!, $by: UsageGranularity!, $products: [ID!]) { account {
    usageReport(input: {period: {from: $from, to: $to}, granularity: $by, productIds: $products}) {
        from to asOf summary { activeUsers sessions hours creditsConsumed }
        series { startsOn product { code } activeUsers sessions hours creditsConsumed } } } }";

fn begins(by: &str, day: NaiveDate) -> NaiveDate {
    match by {
        "DAY" => day,
        "WEEK" => day - Days::new(u64::from(day.weekday().num_days_from_monday())),
        _ => day.with_day(1).unwrap(),
    }
}

fn credits(records: usize) -> String {
    let quarters = records;
    let (whole, part) = (quarters / 4, quarters % 4);
    let part = ["", ".25", ".5", ".75"][part];
    format!("{whole}{part}")
}

/// What the report must be: the summary and the series.
fn expected(
    sample: &[Sample],
    (from, to): (NaiveDate, NaiveDate),
    by: &str,
    only: Option<&str>,
) -> (Value, Value) {
    let within: Vec<&Sample> = sample
        .iter()
        .filter(|one| one.day >= from && one.day <= to && only.is_none_or(|only| one.product == only))
        .collect();
    let told = |all: &[&Sample]| {
        let people: BTreeSet<usize> = all.iter().map(|one| one.person).collect();
        let sum = |of: fn(&Sample) -> i64| all.iter().map(|one| of(one)).sum::<i64>();
        json!({"activeUsers": people.len(), "sessions": sum(|one| one.launches), "hours": sum(|one| one.minutes) / 60, "creditsConsumed": credits(all.len())})
    };
    let mut points: BTreeMap<(NaiveDate, &str), Vec<&Sample>> = BTreeMap::new();
    for one in &within {
        let starts_on = begins(by, one.day).max(from);
        points.entry((starts_on, one.product)).or_default().push(one);
    }
    let point = |((starts_on, product), all): (&(NaiveDate, &str), &Vec<&Sample>)| {
        let mut point = told(all);
        point["startsOn"] = json!(starts_on.to_string());
        point["product"] = json!({"code": product});
        point
    };
    (told(&within), points.iter().map(point).collect())
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_any_period_is_what_was_recorded_in_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 9).await;
    let today = today(&house);
    let sample = sample(today, 9);
    add(&team, &records(&sample)).await;
    let draw = product(&team, "DRAW").await;
    let back = |days: u64| today - Days::new(days);
    let month = today.with_day(1).unwrap();
    let year = month - chrono::Months::new(11);
    for (from, to) in [
        (year, today),
        (year, month - Days::new(1)),
        (back(399), back(0)),
        (back(400), back(1)),
        (back(90), back(3)),
        (back(20), back(14)),
        (back(3), back(3)),
        (today, today),
        (today, today + Days::new(1)),
        (back(45), back(12)),
    ] {
        // Up to today is all there is.
        let last = if to >= today { today + Days::new(1) } else { to };
        for by in ["DAY", "WEEK", "MONTH"] {
            for only in [None, Some("DRAW")] {
                let products = only.map(|_| json!([draw])).unwrap_or_default();
                let asked =
                    json!({"from": from.to_string(), "to": to.to_string(), "by": by, "products": products});
                let report = team.admin.ask(REPORT, asked).await["account"]["usageReport"].clone();
                let (summary, series) = expected(&sample, (from, last), by, only);
                assert_eq!(report["summary"], summary, "{by} {only:?} {from} to {to}");
                let mut told = report["series"].as_array().unwrap().clone();
                told.sort_by_key(|point| {
                    (
                        point["startsOn"].to_string(),
                        point["product"]["code"].to_string(),
                    )
                });
                assert_eq!(json!(told), series, "{by} {only:?} {from} to {to}");
                assert_eq!(
                    (&report["from"], &report["to"]),
                    (&json!(from.to_string()), &json!(to.to_string()))
                );
                assert!(report["asOf"].is_string());
            }
        }
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn products_and_people_tell_what_was_used_of_them_and_by_them(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 4).await;
    let today = today(&house);
    let sample = sample(today, 3);
    add(&team, &records(&sample)).await;
    let (from, to) = (today - Days::new(200), today - Days::new(17));
    let within: Vec<&Sample> = sample
        .iter()
        .filter(|one| one.day >= from && one.day <= to)
        .collect();
    let query = "query($from: Date!, $to: Date!) { account {
        products(first: 10) { nodes { code usage(period: {from: $from, to: $to}) { activeUsers sessions } } }
        users(first: 10) { nodes { id usage(period: {from: $from, to: $to}) { product { code } daysUsed sessions minutes lastUsedOn } } } } }";
    let period = json!({"from": from.to_string(), "to": to.to_string()});
    let read = team.admin.ask(query, period).await["account"].clone();
    for node in read["products"]["nodes"].as_array().unwrap() {
        let of: Vec<&&Sample> = within.iter().filter(|one| node["code"] == one.product).collect();
        let people: BTreeSet<usize> = of.iter().map(|one| one.person).collect();
        let sessions: i64 = of.iter().map(|one| one.launches).sum();
        assert_eq!(
            node["usage"],
            json!({"activeUsers": people.len(), "sessions": sessions})
        );
    }
    for (person, id) in users.iter().enumerate() {
        let nodes = read["users"]["nodes"].as_array().unwrap();
        let node = nodes.iter().find(|node| node["id"] == *id).unwrap();
        let mut products: BTreeMap<&str, Vec<&Sample>> = BTreeMap::new();
        for one in within.iter().filter(|one| one.person == person) {
            products.entry(one.product).or_default().push(one);
        }
        let mut told = node["usage"].as_array().unwrap().clone();
        told.sort_by_key(|used| used["product"]["code"].to_string());
        let one = |(code, all): (&&str, &Vec<&Sample>)| {
            let days: BTreeSet<NaiveDate> = all.iter().map(|one| one.day).collect();
            json!({"product": {"code": code}, "daysUsed": days.len(), "sessions": all.iter().map(|one| one.launches).sum::<i64>(),
                "minutes": all.iter().map(|one| one.minutes).sum::<i64>(), "lastUsedOn": days.last().unwrap().to_string()})
        };
        assert_eq!(json!(told), products.iter().map(one).collect::<Value>());
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_period_or_too_much_of_a_series_is_refused(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 1).await;
    let report = |from: &str, to: &str| json!({"from": from, "to": to, "by": "MONTH"});
    for (from, to) in [
        ("2026-01-02", "2026-01-01"),
        ("2025-01-01", "2026-02-05"),
        ("0000-12-31", "0000-12-31"),
        ("9999-12-01", "+10000-01-01"),
        ("2026-02-30", "2026-03-01"),
        ("today", "2026-03-01"),
    ] {
        assert_eq!(
            team.admin.refused(REPORT, report(from, to)).await,
            "BAD_USER_INPUT",
            "{from} {to}"
        );
        let usage = "query($id: ID!, $from: Date!, $to: Date!) { user(id: $id) { usage(period: {from: $from, to: $to}) { sessions } } }";
        let asked = json!({"id": users[0], "from": from, "to": to});
        assert_eq!(
            team.admin.refused(usage, asked).await,
            "BAD_USER_INPUT",
            "{from} {to}"
        );
    }
    let of = |products: Value| json!({"from": "2026-01-01", "to": "2026-01-31", "by": "DAY", "products": products});
    for products in [json!([]), json!(vec!["prd_00000000000000000000000007"; 101])] {
        assert_eq!(team.admin.refused(REPORT, of(products)).await, "BAD_USER_INPUT");
    }
    let unknown = team
        .admin
        .ask(REPORT, of(json!(["prd_00000000000000000000000007", users[0]])))
        .await;
    let nothing = json!({"activeUsers": 0, "sessions": 0, "hours": 0, "creditsConsumed": "0"});
    assert_eq!(unknown["account"]["usageReport"]["summary"], nothing);
    assert_eq!(unknown["account"]["usageReport"]["asOf"], Value::Null);
    let with = |rest: &str| {
        format!(
            "query($from: Date!, $to: Date!) {{ account {{ usageReport(input: {{period: {{from: $from, to: $to}}}}) {{ {rest} }} }} }}"
        )
    };
    let period = json!({"from": "2026-01-01", "to": "2026-01-31"});
    for rest in [
        "rows(first: 101) { totalCount }",
        "rows(first: -1) { totalCount }",
        "rows(first: 1, last: 1) { totalCount }",
        "rows(filter: {userId: \"prd_00000000000000000000000007\"}) { totalCount }",
        "rows(filter: {productId: \"nonsense\"}) { totalCount }",
        "rows(filter: {search: \"a b c d e f g h i\"}) { totalCount }",
        "inactiveSeats(first: 101) { totalCount }",
    ] {
        assert_eq!(
            team.admin.refused(&with(rest), period.clone()).await,
            "BAD_USER_INPUT",
            "{rest}"
        );
    }
    for after in ["nonsense", "AAAA"] {
        let rest = format!("rows(after: {after:?}) {{ totalCount }}");
        assert_eq!(
            team.admin.refused(&with(&rest), period.clone()).await,
            "INVALID_CURSOR",
            "{after}"
        );
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_series_has_two_thousand_points_at_the_most(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    let mut all = Vec::new();
    for number in 0..6 {
        let code = format!("MANY{number}");
        add_product(&house, "acme", &code, 1).await;
        let of_a_day = |days| one(0, &code, &ago(&house, days), "a");
        all.extend((0..400).map(of_a_day));
    }
    add(&team, &all).await;
    let asked = |from: u64| json!({"from": ago(&house, from), "to": ago(&house, 0), "by": "DAY"});
    let series = team.admin.ask(REPORT, asked(332)).await["account"]["usageReport"]["series"].clone();
    assert_eq!(series.as_array().unwrap().len(), 333 * 6);
    assert_eq!(team.admin.refused(REPORT, asked(333)).await, "BAD_USER_INPUT");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_of_the_readers_account_and_of_the_premium_plan(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, acme, _) = opening(database, 5).await;
    let sample = sample(today(&house), 5);
    add(&acme, &records(&sample)).await;
    let beta = team(&house, "beta", Plan::Premium).await;
    let asked = json!({"from": ago(&house, 300), "to": ago(&house, 0), "by": "MONTH"});
    let nothing = beta.admin.ask(REPORT, asked.clone()).await["account"]["usageReport"].clone();
    assert_eq!(
        (&nothing["summary"]["activeUsers"], &nothing["series"]),
        (&json!(0), &json!([]))
    );
    assert_eq!(nothing["asOf"], Value::Null);
    let page = "query($from: Date!, $to: Date!, $after: String) { account { usageReport(input: {period: {from: $from, to: $to}}) {
        rows(first: 1, after: $after) { totalCount nodes { user { id } } pageInfo { endCursor } } } } }";
    let first = acme.admin.ask(page, asked.clone()).await["account"]["usageReport"]["rows"].clone();
    assert_eq!(first["totalCount"], 10);
    let mut next = asked.clone();
    next["after"] = first["pageInfo"]["endCursor"].clone();
    acme.admin.ask(page, next.clone()).await;
    assert_eq!(beta.admin.refused(page, next).await, "INVALID_CURSOR");

    let standard = team(&house, "gamma", Plan::Standard).await;
    assert_eq!(standard.admin.refused(REPORT, asked).await, "FORBIDDEN");
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_report_takes_as_many_statements_whoever_many_people_and_products_are_in_it(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let query = "query($from: Date!, $to: Date!) { account { usageReport(input: {period: {from: $from, to: $to}}) {
        asOf summary { activeUsers inactiveAssignedUsers } series { activeUsers }
        rows(first: 100) { totalCount nodes { daysUsed } } inactiveSeats(first: 50) { totalCount nodes { id lastUsedOn } } }
        users(first: 100) { nodes { usage(period: {from: $from, to: $to}) { sessions } } }
        products(first: 10) { nodes { usage(period: {from: $from, to: $to}) { sessions } } } } }";
    let mut costs = Vec::new();
    for people in [1, 10, 100] {
        let (house, team, _) = opening(database, people).await;
        let every = if people > 10 { 7 } else { 1 };
        let sample: Vec<Sample> = sample(today(&house), people).into_iter().step_by(every).collect();
        add(&team, &records(&sample)).await;
        house.settle_mails().await;
        let asked = json!({"from": ago(&house, 300), "to": ago(&house, 10)});
        let mut least = u64::MAX;
        for _ in 0..4 {
            let before = house.app.statements();
            team.admin.ask(query, asked.clone()).await;
            least = least.min(house.app.statements() - before);
        }
        costs.push(least);
        house.close().await;
    }
    assert!(costs.iter().all(|cost| *cost == costs[0]), "{costs:?}");
    assert!(costs[0] <= 20, "{costs:?}");
}
