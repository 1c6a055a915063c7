//! Mails through a real SMTP server that is slow, silent or refuses.

use std::collections::HashMap;
use std::process::Command as Process;
use std::time::{Duration, Instant};

use entity::mail::Status;
use muster::access::{Action, Actor};
use muster::background::worker;
use muster::command::{Command, Record, Work};
use muster::error::Result;
use muster::jobs::carry_out;
use muster::platform::mail::CONNECTIONS;
use rstest::rstest;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, QueryFilter, UpdateMany};
use tokio::sync::watch;
use uuid::Uuid;

use super::support::{Quiet, within};
use crate::mail::Server as Relay;
use crate::support::Database;

/// Changes mails past everything: what time and other processes would do.
struct Change(UpdateMany<entity::mail::Entity>);

impl Command for Change {
    type Output = ();
    const NAME: &'static str = "tests.change";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> Action {
        Action::Operate
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        work.update(self.0).await?;
        Ok(())
    }
}

fn addresses(prefix: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{prefix}{number}@acme.example"))
        .collect()
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_silent_recipient_delays_nobody_elses_mail_and_is_tried_again_later(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let relay = Relay::start();
    let quiet = Quiet::open(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
        config.mail.mail_seconds = 4;
    })
    .await;
    let acme = quiet.account("acme").await;
    let mut all = vec!["silent@acme.example".to_owned()];
    all.extend(addresses("anne", 60));
    quiet.write(acme, &all).await;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::work(quiet.app.clone(), carry_out, stopped));

    let sent = async || {
        let mails = quiet.mails().await;
        mails.iter().filter(|mail| mail.status == Status::Sent).count()
    };
    within(Duration::from_secs(20), "the others are sent", async || {
        sent().await == 60
    })
    .await;
    within(Duration::from_secs(20), "the silent one is noted", async || {
        quiet.mail_to("silent@acme.example").await.last_error.is_some()
    })
    .await;
    let silent = quiet.mail_to("silent@acme.example").await;
    assert_eq!(
        (silent.status, silent.sent_at),
        (Status::Ready, None),
        "{silent:?}"
    );
    assert!(silent.last_error.unwrap().contains("longer than 4 s"));
    assert!(silent.run_at > silent.created_at + chrono::Duration::seconds(4));
    // Whatever waits for the relay is given up after its time: stopping takes no longer.
    let begun = Instant::now();
    stop.send_replace(true);
    working.await.unwrap();
    assert!(begun.elapsed() < Duration::from_secs(8));

    let mut received: HashMap<String, usize> = HashMap::new();
    for mail in relay.taken() {
        *received
            .entry(mail["to"][0].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    assert_eq!(received.len(), 60);
    assert!(received.values().all(|count| *count == 1), "{received:?}");
    quiet.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn one_account_with_many_mails_does_not_hold_up_anothers_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let relay = Relay::start();
    let quiet = Quiet::open(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
    })
    .await;
    let (big, small) = (quiet.account("big").await, quiet.account("small").await);
    quiet.write(big, &addresses("slow", 300)).await;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::work(quiet.app.clone(), carry_out, stopped));
    let sent_of = async |account_id: Uuid| {
        let mails = quiet.mails().await;
        let sent = mails
            .iter()
            .filter(|mail| mail.account_id == account_id && mail.status == Status::Sent);
        sent.count()
    };
    within(Duration::from_secs(20), "the big one has begun", async || {
        sent_of(big).await > 0
    })
    .await;
    quiet.write(small, &addresses("slow", 1)).await;
    let before = sent_of(big).await;
    within(Duration::from_secs(20), "the small one is served", async || {
        sent_of(small).await == 1
    })
    .await;
    let meanwhile = sent_of(big).await - before;
    assert!(
        meanwhile < 100 && sent_of(big).await < 300,
        "{meanwhile} mails of the other went first"
    );
    stop.send_replace(true);
    working.await.unwrap();
    quiet.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_crash_repeats_no_more_than_the_mails_that_were_on_their_way(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let relay = Relay::start();
    let quiet = Quiet::open(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
    })
    .await;
    let acme = quiet.account("acme").await;
    let all = addresses("slow", 120);
    quiet.write(acme, &all).await;
    let (stop, stopped) = watch::channel(false);
    let dying = tokio::spawn(worker::work(quiet.app.clone(), carry_out, stopped.clone()));
    let sent = async || {
        let mails = quiet.mails().await;
        mails.iter().filter(|mail| mail.status == Status::Sent).count()
    };
    within(Duration::from_secs(20), "some are sent", async || {
        sent().await >= 20
    })
    .await;
    // Dropped at whatever point it is.
    dying.abort();
    let _ = dying.await;
    assert!(sent().await < 120, "it died in the middle");
    let forget = entity::mail::Entity::update_many_leases(quiet.app.clock().now());
    quiet.app.run(&Actor::Operator, Change(forget)).await.unwrap();

    let working = tokio::spawn(worker::work(quiet.another().await, carry_out, stopped));
    within(Duration::from_secs(40), "all are sent", async || {
        sent().await == 120
    })
    .await;
    stop.send_replace(true);
    working.await.unwrap();
    let mut received: HashMap<String, usize> = HashMap::new();
    for mail in relay.taken() {
        *received
            .entry(mail["to"][0].as_str().unwrap().to_owned())
            .or_default() += 1;
    }
    assert_eq!(received.len(), 120, "nobody is left out");
    let repeated: usize = received.values().map(|count| count - 1).sum();
    assert!(repeated <= CONNECTIONS, "{repeated} mails were sent twice");
    quiet.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_is_given_up_is_listed_and_sent_again_by_the_operator(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let relay = Relay::start();
    let quiet = Quiet::open(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
    })
    .await;
    let (acme, _) = (quiet.account("acme").await, quiet.account("beta").await);
    quiet
        .write(acme, &["nobody@acme.example".into(), "busy@acme.example".into()])
        .await;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::work(quiet.app.clone(), carry_out, stopped));
    let status = async |address: &str| quiet.mail_to(address).await.status;
    within(Duration::from_secs(20), "one is given up at once", async || {
        status("nobody@acme.example").await == Status::Dead
    })
    .await;
    // The last of its attempts.
    let last = entity::mail::Entity::update_many_attempts("busy@acme.example", 25);
    quiet.app.run(&Actor::Operator, Change(last)).await.unwrap();
    within(
        Duration::from_secs(20),
        "the other after its last attempt",
        async || status("busy@acme.example").await == Status::Dead,
    )
    .await;
    let listed = admin(&quiet, &["mails"]).await;
    for text in [
        "acme\t",
        "nobody@acme.example",
        "550",
        "busy@acme.example",
        "451",
        "\t26\t",
    ] {
        assert!(listed.contains(text), "{text}: {listed}");
    }
    assert_eq!(admin(&quiet, &["mails", "beta"]).await.lines().count(), 1);

    // The mailboxes are there now.
    for address in ["nobody@acme.example", "busy@acme.example"] {
        let mended = entity::mail::Entity::update_many_address(address, &format!("anne.{address}"));
        quiet.app.run(&Actor::Operator, Change(mended)).await.unwrap();
    }
    let one = quiet.mail_to("anne.nobody@acme.example").await.id.to_string();
    assert!(
        admin(&quiet, &["send-mails", "acme", "--id", &one])
            .await
            .contains(": 1.")
    );
    within(Duration::from_secs(20), "it is sent", async || {
        status("anne.nobody@acme.example").await == Status::Sent
    })
    .await;
    assert_eq!(status("anne.busy@acme.example").await, Status::Dead);
    assert!(admin(&quiet, &["send-mails", "acme"]).await.contains(": 1."));
    within(Duration::from_secs(20), "the rest is sent", async || {
        status("anne.busy@acme.example").await == Status::Sent
    })
    .await;
    assert_eq!(admin(&quiet, &["mails"]).await.lines().count(), 1);
    stop.send_replace(true);
    working.await.unwrap();
    assert_eq!(relay.taken().len(), 2);
    quiet.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_panic_while_a_mail_is_sent_leaves_it_due_counts_an_attempt_and_stops_nobody_elses(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let relay = Relay::start();
    let quiet = Quiet::open(database, |config| {
        config.mail.smtp_url = Some(relay.url("smtp", "").into());
    })
    .await;
    let acme = quiet.account("acme").await;
    quiet
        .write(acme, &["old@acme.example".into(), "anne@acme.example".into()])
        .await;
    // The library that writes mails panics at dates before 1970.
    let dated = |date: chrono::DateTime<chrono::Utc>| {
        Change(entity::mail::Entity::update_many_date("old@acme.example", date))
    };
    let before_time = chrono::DateTime::UNIX_EPOCH - chrono::Duration::days(1);
    quiet.app.run(&Actor::Operator, dated(before_time)).await.unwrap();
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::work(quiet.app.clone(), carry_out, stopped));
    within(Duration::from_secs(20), "the panic is noted twice", async || {
        let old = quiet.mail_to("old@acme.example").await;
        old.attempts >= 2 && old.lease_until.is_none()
    })
    .await;
    within(Duration::from_secs(20), "the other is sent", async || {
        quiet.mail_to("anne@acme.example").await.status == Status::Sent
    })
    .await;
    let old = quiet.mail_to("old@acme.example").await;
    assert_eq!((old.status, old.sent_at), (Status::Ready, None));
    assert!(old.run_at > quiet.app.clock().now() - chrono::Duration::seconds(20));
    let reason = old.last_error.unwrap();
    assert!(
        reason.starts_with("panicked at ") && reason.contains("epoch"),
        "{reason}"
    );
    assert!(quiet.app.loops().dead().is_empty(), "the loop lives");

    quiet
        .app
        .run(&Actor::Operator, dated(quiet.app.clock().now()))
        .await
        .unwrap();
    within(Duration::from_secs(30), "it is sent", async || {
        quiet.mail_to("old@acme.example").await.status == Status::Sent
    })
    .await;
    stop.send_replace(true);
    working.await.unwrap();
    let taken = relay.taken();
    let received: Vec<&str> = taken.iter().map(|mail| mail["to"][0].as_str().unwrap()).collect();
    assert_eq!(received, ["anne@acme.example", "old@acme.example"]);
    quiet.close().await;
}

/// What `muster admin …` says.
async fn admin(quiet: &Quiet, arguments: &[&str]) -> String {
    let mut process = Process::new(env!("CARGO_BIN_EXE_muster"));
    process
        .env_clear()
        .args(["admin", "--data-dir"])
        .arg(&quiet.config.data_dir)
        .args(["--database-url", &quiet.url])
        .args(arguments);
    let done = tokio::task::spawn_blocking(move || process.output().unwrap())
        .await
        .unwrap();
    assert!(done.status.success(), "{done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// What the tests above change.
trait Changes {
    fn update_many_leases(now: chrono::DateTime<chrono::Utc>) -> UpdateMany<entity::mail::Entity>;
    fn update_many_attempts(address: &str, attempts: i32) -> UpdateMany<entity::mail::Entity>;
    fn update_many_address(from: &str, to: &str) -> UpdateMany<entity::mail::Entity>;
    fn update_many_date(
        address: &str,
        date: chrono::DateTime<chrono::Utc>,
    ) -> UpdateMany<entity::mail::Entity>;
}

impl Changes for entity::mail::Entity {
    fn update_many_leases(now: chrono::DateTime<chrono::Utc>) -> UpdateMany<Self> {
        use sea_orm::EntityTrait;
        Self::update_many()
            .col_expr(entity::mail::Column::LeaseUntil, Expr::value(now))
            .filter(entity::mail::Column::LeaseUntil.is_not_null())
            .filter(entity::mail::Column::Status.eq(Status::Ready))
    }

    fn update_many_attempts(address: &str, attempts: i32) -> UpdateMany<Self> {
        use sea_orm::EntityTrait;
        Self::update_many()
            .col_expr(entity::mail::Column::Attempts, Expr::value(attempts))
            .col_expr(
                entity::mail::Column::RunAt,
                Expr::col(entity::mail::Column::CreatedAt),
            )
            .filter(entity::mail::Column::ToAddress.eq(address))
    }

    fn update_many_address(from: &str, to: &str) -> UpdateMany<Self> {
        use sea_orm::EntityTrait;
        Self::update_many()
            .col_expr(entity::mail::Column::ToAddress, Expr::value(to))
            .filter(entity::mail::Column::ToAddress.eq(from))
    }

    fn update_many_date(address: &str, date: chrono::DateTime<chrono::Utc>) -> UpdateMany<Self> {
        use sea_orm::EntityTrait;
        Self::update_many()
            .col_expr(entity::mail::Column::CreatedAt, Expr::value(date))
            .filter(entity::mail::Column::ToAddress.eq(address))
    }
}
