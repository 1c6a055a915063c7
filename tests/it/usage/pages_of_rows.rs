//! The rows of a report: in every order, page by page from either end, narrowed down.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use rstest::rstest;
use serde_json::{Value, json};

use super::sample::{Sample, records, sample};
use super::support::{add, opening, product, today};
use crate::support::{Client, Database};

const ROWS: &str = "query($from: Date!, $to: Date!, $first: Int, $after: String, $last: Int, $before: String, $order: UsageOrder, $filter: UsageRowFilter) { account {
    usageReport(input: {period: {from: $from, to: $to}}) { rows(first: $first, after: $after, last: $last, before: $before, orderBy: $order, filter: $filter) {
        totalCount pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
        nodes { user { email } product { code } daysUsed sessions minutes creditsConsumed lastUsedOn } } } } }";

/// What each row must be, by person and product.
fn expected(sample: &[Sample], from: NaiveDate, to: NaiveDate) -> Vec<Value> {
    let mut rows: BTreeMap<(usize, &str), Vec<&Sample>> = BTreeMap::new();
    for one in sample.iter().filter(|one| one.day >= from && one.day <= to) {
        rows.entry((one.person, one.product)).or_default().push(one);
    }
    let row = |((person, product), all): (&(usize, &str), &Vec<&Sample>)| {
        let days: std::collections::BTreeSet<NaiveDate> = all.iter().map(|one| one.day).collect();
        json!({"user": {"email": format!("p{person}@acme.example")}, "product": {"code": product}, "daysUsed": days.len(),
            "sessions": all.iter().map(|one| one.launches).sum::<i64>(), "minutes": all.iter().map(|one| one.minutes).sum::<i64>(),
            "creditsConsumed": (f64::from(u32::try_from(all.len()).unwrap()) / 4.0).to_string(), "lastUsedOn": days.last().unwrap().to_string()})
    };
    rows.iter().map(row).collect()
}

fn sorted(mut rows: Vec<Value>) -> Vec<String> {
    let mut texts: Vec<String> = rows.drain(..).map(|row| row.to_string()).collect();
    texts.sort();
    texts
}

async fn read(client: &Client, period: (NaiveDate, NaiveDate), more: Value) -> Value {
    let mut asked = json!({"from": period.0.to_string(), "to": period.1.to_string()});
    for (name, value) in more.as_object().unwrap() {
        asked[name] = value.clone();
    }
    client.ask(ROWS, asked).await["account"]["usageReport"]["rows"].clone()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_the_same_in_every_order_and_from_either_end_page_by_page(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 13).await;
    let today = today(&house);
    let sample = sample(today, 12);
    add(&team, &records(&sample)).await;
    let period = (today - Days::new(190), today - Days::new(11));
    let whole = expected(&sample, period.0, period.1);
    for field in [
        "USER_NAME",
        "DAYS_USED",
        "SESSIONS",
        "MINUTES",
        "CREDITS_CONSUMED",
        "LAST_USED_ON",
    ] {
        let mut runs = Vec::new();
        for direction in ["ASC", "DESC"] {
            let order = json!({"field": field, "direction": direction});
            let (mut forwards, mut after) = (Vec::new(), Value::Null);
            loop {
                let page = read(
                    &team.admin,
                    period,
                    json!({"first": 5, "after": after, "order": order}),
                )
                .await;
                assert_eq!(page["totalCount"], whole.len(), "{field}");
                assert_eq!(page["pageInfo"]["hasPreviousPage"], json!(!after.is_null()));
                forwards.extend(page["nodes"].as_array().unwrap().clone());
                after = page["pageInfo"]["endCursor"].clone();
                if page["pageInfo"]["hasNextPage"] == false {
                    break;
                }
                assert_eq!(page["nodes"].as_array().unwrap().len(), 5);
            }
            let (mut backwards, mut before) = (Vec::new(), Value::Null);
            loop {
                let page = read(
                    &team.admin,
                    period,
                    json!({"last": 4, "before": before, "order": order}),
                )
                .await;
                let nodes = page["nodes"].as_array().unwrap().iter().rev().cloned();
                backwards.extend(nodes);
                before = page["pageInfo"]["startCursor"].clone();
                if page["pageInfo"]["hasPreviousPage"] == false {
                    break;
                }
            }
            backwards.reverse();
            assert_eq!(forwards, backwards, "{field} {direction}");
            assert_eq!(
                sorted(forwards.clone()),
                sorted(whole.clone()),
                "{field} {direction}"
            );
            runs.push(forwards);
        }
        let mut other = runs.pop().unwrap();
        other.reverse();
        assert_eq!(
            runs.pop().unwrap(),
            other,
            "{field}: downwards is upwards from the end"
        );
        let key = |row: &Value| match field {
            "DAYS_USED" => row["daysUsed"].as_f64().unwrap(),
            "SESSIONS" => row["sessions"].as_f64().unwrap(),
            "MINUTES" => row["minutes"].as_f64().unwrap(),
            "CREDITS_CONSUMED" => row["creditsConsumed"].as_str().unwrap().parse().unwrap(),
            _ => 0.0,
        };
        assert!(other.iter().map(key).is_sorted(), "{field}");
        if field == "LAST_USED_ON" {
            assert!(other.iter().map(|row| row["lastUsedOn"].to_string()).is_sorted());
        }
    }
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_found_by_person_by_product_and_by_name_and_cursors_are_of_one_list(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, users) = opening(database, 6).await;
    let today = today(&house);
    let sample = sample(today, 6);
    add(&team, &records(&sample)).await;
    let period = (today - Days::new(300), today);
    let whole = expected(&sample, period.0, today + Days::new(1));
    let ink = product(&team, "INK").await;
    for order in [Value::Null, json!({"field": "DAYS_USED"})] {
        for (filter, keeps) in [
            (json!({"userId": users[2]}), "p2@"),
            (json!({"productId": ink}), "INK"),
            (json!({"search": "P4 acme"}), "p4@"),
            (
                json!({"userId": users[2], "productId": ink}),
                "p2@acme.example\"},INK",
            ),
            (json!({"userId": "usr_00000000000000000000000007"}), "nobody"),
            (json!({"search": "p4 p5"}), "nobody"),
        ] {
            let page = read(
                &team.admin,
                period,
                json!({"first": 100, "filter": filter, "order": order}),
            )
            .await;
            let is_kept = |row: &&Value| keeps.split(',').all(|keep| row.to_string().contains(keep));
            let kept: Vec<Value> = whole.iter().filter(is_kept).cloned().collect();
            assert_eq!(
                sorted(page["nodes"].as_array().unwrap().clone()),
                sorted(kept.clone()),
                "{filter} {order}"
            );
            assert_eq!(page["totalCount"], kept.len(), "{filter} {order}");
        }
    }
    let first = read(&team.admin, period, json!({"first": 2})).await;
    let cursor = first["pageInfo"]["endCursor"].clone();
    for more in [
        json!({"order": {"field": "DAYS_USED"}}),
        json!({"order": {"field": "USER_NAME", "direction": "DESC"}}),
        json!({"filter": {"productId": ink}}),
    ] {
        let mut asked =
            json!({"from": period.0.to_string(), "to": period.1.to_string(), "first": 2, "after": cursor});
        for (name, value) in more.as_object().unwrap() {
            asked[name] = value.clone();
        }
        assert_eq!(team.admin.refused(ROWS, asked).await, "INVALID_CURSOR", "{more}");
    }
    let nothing = read(
        &team.admin,
        (today - Days::new(790), today - Days::new(780)),
        json!({"first": 2}),
    )
    .await;
    assert_eq!(
        (&nothing["nodes"], &nothing["totalCount"]),
        (&json!([]), &json!(0))
    );
    house.close().await;
}
