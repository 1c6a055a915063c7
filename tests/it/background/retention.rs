//! What is old is cleared away once a day, by one process, and nothing else is.

#![expect(
    clippy::disallowed_methods,
    reason = "a test makes rows old past the one way to write"
)]

use chrono::{DateTime, Duration, Utc};
use entity::mail::Status;
use entity::{chore, idempotency_key, job, mail};
use muster::app::App;
use muster::background::chores;
use rstest::rstest;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait, ConnectionTrait, EntityTrait, IntoActiveModel};
use uuid::Uuid;

use super::support::Quiet;
use crate::support::Database;

fn days_ago(app: &App, days: i64) -> DateTime<Utc> {
    app.clock().now() - Duration::days(days)
}

/// As if it had been sent so many days ago.
async fn send(db: &impl ConnectionTrait, app: &App, mail: mail::Model, days: i64) {
    let mut sent = mail.into_active_model();
    sent.status = Set(Status::Sent);
    sent.sent_at = Set(Some(days_ago(app, days)));
    sent.update(db).await.unwrap();
}

async fn key(db: &impl ConnectionTrait, app: &App, account_id: Uuid, name: &str, days: i64) {
    let row = idempotency_key::ActiveModel {
        account_id: Set(account_id),
        id: Set(Uuid::new_v4()),
        key: Set(name.to_owned()),
        command: Set("tests".to_owned()),
        body_hash: Set(vec![0; 32]),
        subject_id: Set(None),
        answer: Set(None),
        created_at: Set(days_ago(app, days)),
    };
    row.insert(db).await.unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_older_than_its_term_goes_and_what_is_under_way_or_younger_stays(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let quiet = Quiet::open(database, |_| {}).await;
    let app = &quiet.app;
    let db = sea_orm::Database::connect(&quiet.url).await.unwrap();
    let accounts = [quiet.account("acme").await, quiet.account("beta").await];
    for (account, slug) in accounts.into_iter().zip(["acme", "beta"]) {
        let to = |name: &str| format!("{name}@{slug}.example");
        let names = ["old", "middle", "young", "waiting"];
        quiet.write(account, &names.map(to)).await;
        for (name, days) in [("old", 91), ("middle", 8), ("young", 6)] {
            send(&db, app, quiet.mail_to(&to(name)).await, days).await;
        }
        let mut waiting = quiet.mail_to(&to("waiting")).await.into_active_model();
        waiting.created_at = Set(days_ago(app, 400));
        waiting.update(&db).await.unwrap();
        key(&db, app, account, "old", 3).await;
        key(&db, app, account, "young", 1).await;
        quiet.enqueue(account, &[Uuid::new_v4(), Uuid::new_v4()]).await;
    }
    let jobs = quiet.jobs().await;
    for account in accounts {
        let of_account = jobs.iter().find(|job| job.account_id == account).unwrap();
        let mut done = of_account.clone().into_active_model();
        done.status = Set(job::Status::Done);
        done.finished_at = Set(Some(days_ago(app, 91)));
        done.update(&db).await.unwrap();
    }

    assert!(chores::once(app).await.unwrap());

    let mails = quiet.mails().await;
    for slug in ["acme", "beta"] {
        let of = |name: &str| {
            let address = format!("{name}@{slug}.example");
            mails.iter().find(|mail| mail.to_address == address)
        };
        assert!(of("old").is_none(), "a sent mail goes after 90 days");
        let middle = of("middle").unwrap();
        assert_eq!(middle.payload, serde_json::json!({}), "its text goes after 7");
        assert_eq!(middle.status, Status::Sent);
        assert_ne!(of("young").unwrap().payload, serde_json::json!({}));
        let waiting = of("waiting").unwrap();
        assert_eq!(waiting.status, Status::Ready, "however long it waits");
        assert_ne!(waiting.payload, serde_json::json!({}));
    }
    let keys = idempotency_key::Entity::find().all(&db).await.unwrap();
    let names: Vec<&str> = keys.iter().map(|key| key.key.as_str()).collect();
    assert_eq!(names, ["young", "young"]);
    let jobs = quiet.jobs().await;
    assert_eq!(jobs.len(), 2, "the one of each account that is not done");
    assert!(jobs.iter().all(|job| job.status == job::Status::Ready));
    db.close().await.unwrap();
    quiet.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_of_several_processes_clears_away_once_a_day(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let quiet = Quiet::open(database, |_| {}).await;
    quiet.account("acme").await;
    let (one, other) = (quiet.another().await, quiet.another().await);
    let (first, second) = tokio::join!(chores::once(&one), chores::once(&other));
    assert_eq!(
        [first.unwrap(), second.unwrap()]
            .iter()
            .filter(|done| **done)
            .count(),
        1
    );
    assert!(
        !chores::once(&quiet.app).await.unwrap(),
        "not again on the same day"
    );
    let chore = chore::Entity::find_by_id(chores::RETENTION)
        .one(quiet.app.reader())
        .await;
    let chore = chore.unwrap().unwrap();
    assert!(chore.finished_at.is_some() && chore.lease_token.is_none() && chore.last_error.is_none());
    assert!(chore.run_at > quiet.app.clock().now() + Duration::hours(23));

    // Yesterday's is due again.
    let db = sea_orm::Database::connect(&quiet.url).await.unwrap();
    let mut due = chore.into_active_model();
    due.run_at = Set(days_ago(&quiet.app, 1));
    due.update(&db).await.unwrap();
    assert!(chores::once(&quiet.app).await.unwrap());
    db.close().await.unwrap();
    drop((one, other));
    quiet.close().await;
}
