//! What happens by itself, once a day and once over all replicas: renewals, notices, and the notes that forecasts rest on.

use entity::account::Plan;
use entity::mail;
use muster::background::chores;
use muster::background::upkeep::Upkeep;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use serde_json::{Value, json};

use super::support::{CONTRACT, SUBSCRIPTION, audited, contract, day, done, looked_after, next_day};
use crate::seats::support::product_of;
use crate::support::{Database, House, Team, add_product, team};

async fn told(house: &House, team: &Team) -> Vec<(String, Value)> {
    let mails = mail::Entity::find()
        .filter(mail::Column::AccountId.eq(team.account_id))
        .filter(mail::Column::Kind.eq("term_ending"));
    let mails = mails.all(house.app.reader()).await.unwrap();
    let mut told: Vec<(String, Value)> = mails
        .into_iter()
        .map(|mail| (mail.to_address, mail.payload))
        .collect();
    told.sort_by(|one, other| one.0.cmp(&other.0));
    told
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_contract_that_renews_itself_does_so_on_its_last_day_and_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let product = product_of(&team, &draw).await;
    let mut contracts = Vec::new();
    for (number, renews) in [("A-1", true), ("A-2", true), ("A-3", false)] {
        let id = contract(&house, &team, number, (-30, 20)).await;
        let input = json!({"contractId": id, "productId": product, "seats": 5});
        done(&team.admin, "createSubscription", SUBSCRIPTION, input).await;
        let input = json!({"contractId": id, "autoRenews": renews, "renewalMonths": 1});
        done(&team.admin, "updateContract", CONTRACT, input).await;
        contracts.push(id);
    }
    next_day(&house, &team).await;
    let listed =
        "{ account { contracts { nodes { number endsOn nextTermOn subscriptions { nodes { endsOn } } } } } }";
    let seen = async || {
        let listed = team.admin.ask(listed, json!({})).await;
        listed["account"]["contracts"]["nodes"].as_array().unwrap()[1..].to_vec()
    };
    assert!(
        seen().await.iter().all(|one| one["endsOn"] == day(&house, 20)),
        "it is not their day"
    );
    // The last day of the first is today, that of the second was a week ago, when nobody was there.
    let to = |number: &str, days: i64| {
        let day = day(&house, days);
        [
            format!(
                "UPDATE subscriptions SET starts_on = '2026-01-01', ends_on = '{day}' WHERE contract_id = (SELECT id FROM contracts WHERE number = '{number}')"
            ),
            format!("UPDATE contracts SET ends_on = '{day}' WHERE number = '{number}'"),
        ]
    };
    for sql in [to("A-1", 0), to("A-2", -7), to("A-3", 0)].concat() {
        house.force(&sql).await.unwrap();
    }
    // Two replicas look at once, and both have workers.
    if database == Database::Postgres {
        house.replica().await;
    }
    house
        .force("UPDATE chores SET run_at = '2026-01-01T00:00:00+00:00', lease_until = NULL")
        .await
        .unwrap();
    house
        .force("UPDATE accounts SET contracts_looked_after_on = NULL")
        .await
        .unwrap();
    let (first, second) = tokio::join!(
        chores::look_for(&house.app, Upkeep::Contracts),
        chores::look_for(&house.app, Upkeep::Contracts)
    );
    let asked = [first.unwrap(), second.unwrap()];
    assert_eq!(asked.iter().filter(|done| **done).count(), 1, "{asked:?}");
    looked_after(&house, &team).await;
    let after = seen().await;
    for (place, begins) in [(0, day(&house, 1)), (1, day(&house, -6))] {
        let one = &after[place];
        assert_eq!(one["nextTermOn"], begins, "{one}");
        assert!(
            one["endsOn"].as_str().unwrap() > &*day(&house, 20)
                && one["endsOn"].as_str().unwrap() < &*day(&house, 33),
            "{one}"
        );
        assert_eq!(one["subscriptions"]["nodes"][0]["endsOn"], one["endsOn"], "{one}");
    }
    assert_eq!(after[2]["endsOn"], day(&house, 0), "this one ends");
    assert_eq!(audited(&house, "contracts.renew_by_itself").await, 1);
    for _ in 0..2 {
        next_day(&house, &team).await;
    }
    assert_eq!(seen().await, after, "and not again");
    assert_eq!(audited(&house, "contracts.renew_by_itself").await, 1);
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_may_renew_hears_of_the_end_thirty_seven_and_one_day_before_once_each(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let draw = add_product(&house, "acme", "DRAW", 3).await;
    let product = product_of(&team, &draw).await;
    team.join(&house, "second@acme.example", "SECONDARY_ADMIN").await;
    team.join(&house, "user@acme.example", "USER").await;
    let id = contract(&house, &team, "A-1", (-30, 40)).await;
    let input = json!({"contractId": id, "productId": product, "seats": 5});
    done(&team.admin, "createSubscription", SUBSCRIPTION, input).await;
    next_day(&house, &team).await;
    assert_eq!(told(&house, &team).await, [], "there is time");
    // The day comes nearer: what was told of it comes along.
    let limit = day(&house, 200);
    let nearer = async |days: i64| {
        let day = day(&house, days);
        for table in ["subscriptions", "contracts"] {
            for sql in [
                format!("UPDATE {table} SET ends_on = '{day}' WHERE ends_on < '{limit}'"),
                format!("UPDATE {table} SET told_for = '{day}' WHERE told_for IS NOT NULL"),
            ] {
                house.force(&sql).await.unwrap();
            }
        }
        next_day(&house, &team).await;
        next_day(&house, &team).await;
        told(&house, &team).await.len()
    };
    let counts = [
        nearer(31).await,
        nearer(30).await,
        nearer(29).await,
        nearer(7).await,
        nearer(2).await,
        nearer(1).await,
        nearer(0).await,
    ];
    assert_eq!(counts, [0, 2, 2, 4, 4, 6, 6]);
    let mails = told(&house, &team).await;
    assert_eq!(mails[0].0, "admin@acme.example");
    assert_eq!(mails[5].0, "second@acme.example");
    let first = mails.iter().find(|mail| mail.1["left"] == 30).unwrap();
    assert_eq!(
        first.1,
        json!({"kind": "term_ending", "account_name": "ACME", "contract": "A-1", "product": null, "day": day(&house, 30), "left": 30, "renews": false, "grace_days": 30})
    );
    house.settle_mails().await;
    assert!(
        house
            .mails()
            .iter()
            .any(|mail| mail.contains("Contract A-1 ends in 7 days"))
    );
    let query = "{ viewer { notifications { nodes { kind title severity } } } }";
    let notices = team.admin.ask(query, json!({})).await["viewer"]["notifications"]["nodes"].clone();
    let notice = |title: &str, severity: &str| json!({"kind": "CONTRACT_ENDING", "title": title, "severity": severity});
    let expected = [
        notice("Contract A-1 ends tomorrow", "CRITICAL"),
        notice("Contract A-1 ends in 7 days", "WARNING"),
        notice("Contract A-1 ends in 30 days", "WARNING"),
    ];
    assert_eq!(notices, json!(expected));
    // Renewed and near again it is told anew; a trial that ends before its contract is told of by itself.
    done(
        &team.admin,
        "renewContract",
        CONTRACT,
        json!({"contractId": id, "endsOn": day(&house, 20)}),
    )
    .await;
    let input = json!({"contractId": id, "productId": product, "seats": 5, "isTrial": true, "endsOn": day(&house, 3)});
    done(&team.admin, "createSubscription", SUBSCRIPTION, input).await;
    next_day(&house, &team).await;
    next_day(&house, &team).await;
    let notices = team.admin.ask(query, json!({})).await["viewer"]["notifications"]["nodes"].clone();
    let mut titles: Vec<&str> = notices.as_array().unwrap()[..2]
        .iter()
        .map(|one| one["title"].as_str().unwrap())
        .collect();
    titles.sort_unstable();
    assert_eq!(
        titles,
        [
            "Contract A-1 ends in 20 days",
            "Product DRAW (contract A-1) ends in 3 days"
        ]
    );
    assert_eq!(told(&house, &team).await.len(), 10);
    house.settle_mails().await;
    house.close().await;
}
