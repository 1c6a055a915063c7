//! What nobody consumed in time: booked once, by whoever comes first.

use std::time::Duration;

use chrono::Days;
use entity::job;
use muster::background::chores;
use muster::background::upkeep::Upkeep;
use rstest::rstest;
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter};
use serde_json::json;

use super::support::{assert_books_agree, credits, grant, ledger, record, spend};
use crate::support::{Database, House, Team};
use crate::usage::support::{ago, opening, today};

/// As if so many days had gone by for what lapses.
async fn pass(house: &House, days: u64) {
    let sql = format!(
        "UPDATE credit_lots SET expires_on = '{}' WHERE expires_on IS NOT NULL",
        today(house) - Days::new(days)
    );
    house.force(&sql).await.unwrap();
    house
        .force("UPDATE chores SET run_at = '2026-01-01T00:00:00+00:00', lease_until = NULL")
        .await
        .unwrap();
}

/// Until no job is left to be done for credits.
async fn settle(house: &House, team: &Team) -> u64 {
    let jobs = || {
        job::Entity::find()
            .filter(job::Column::AccountId.eq(team.account_id))
            .filter(job::Column::Kind.eq("credits"))
    };
    for _ in 0..600 {
        let open = jobs().filter(job::Column::Status.ne(job::Status::Done));
        if open.count(house.app.reader()).await.unwrap() == 0 {
            return jobs().count(house.app.reader()).await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("what has lapsed is not booked");
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_on_the_day_after_lapses_once_however_many_processes_look(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    let last = today(&house);
    grant(&house, "10", Some(last)).await;
    grant(&house, "6", Some(last)).await;
    grant(&house, "5", None).await;
    record(&team.admin, &[spend(0, "DRAW", &ago(&house, 0), "12", "a")]).await;
    // On its last day nothing lapses.
    pass(&house, 0).await;
    assert!(chores::look_for(&house.app, Upkeep::Credits).await.unwrap());
    assert_eq!(settle(&house, &team).await, 0);
    assert_eq!(credits(&team).await["balance"], "9");
    // Nobody has told yet that it is over: nothing is taken from it all the same.
    pass(&house, 1).await;
    assert_eq!(credits(&team).await["nextExpiry"], serde_json::Value::Null);
    let _replica = house.replica().await;
    let (first, second) = tokio::join!(
        chores::look_for(&house.app, Upkeep::Credits),
        chores::look_for(&house.app, Upkeep::Credits)
    );
    let done = [first.unwrap(), second.unwrap()];
    assert_eq!(done.iter().filter(|done| **done).count(), 1, "{done:?}");
    assert_eq!(settle(&house, &team).await, 1);
    let lapsed = ledger(&house, &team).await;
    assert_eq!(lapsed.len(), 5, "{lapsed:?}");
    assert_eq!(lapsed[4], ("EXPIRY".into(), "-4".into(), "5".into()));
    let audited = "SELECT count(*) FROM audit_events WHERE action = 'credits.expire'";
    assert_eq!(house.number(audited).await, 1);
    // There is nothing more to be done.
    pass(&house, 2).await;
    assert!(chores::look_for(&house.app, Upkeep::Credits).await.unwrap());
    assert_eq!(settle(&house, &team).await, 1);
    assert_eq!(ledger(&house, &team).await.len(), 5);
    assert_books_agree(&house, &team).await;
    house.settle_mails().await;
    house.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_before_the_job_books_what_has_lapsed(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let (house, team, _) = opening(database, 1).await;
    grant(&house, "10", Some(today(&house))).await;
    grant(&house, "2", None).await;
    pass(&house, 1).await;
    let done = record(&team.admin, &[spend(0, "DRAW", &ago(&house, 2), "3", "a")]).await;
    let problems = &done["results"][0]["userErrors"];
    assert_eq!(
        (&problems[0]["code"], &problems[0]["availableCredits"]),
        (&json!("CREDITS_EXHAUSTED"), &json!("2")),
        "use of a day on which they were good is paid by what is good today"
    );
    let entries = ledger(&house, &team).await;
    assert_eq!(entries[2..], [("EXPIRY".into(), "-10".into(), "2".into())]);
    let seen = credits(&team).await;
    assert_eq!((&seen["expired"], &seen["balance"]), (&json!("10"), &json!("2")));
    // The job that was on its way finds nothing.
    assert!(chores::look_for(&house.app, Upkeep::Credits).await.unwrap());
    settle(&house, &team).await;
    assert_eq!(ledger(&house, &team).await.len(), 3);
    assert_books_agree(&house, &team).await;
    house.settle_mails().await;
    house.close().await;
}
