//! Replicas whose machines disagree about the time, and wakes that are lost.

use std::time::{Duration, Instant};

use chrono::Duration as Span;
use entity::job;
use muster::access::Actor;
use muster::background::claim::Claim;
use muster::background::lease::due_accounts;
use muster::platform::clock::Clock;
use muster::platform::events::Wake;
use uuid::Uuid;

use super::support::Quiet;
use crate::support::Database;
use crate::support::rows::{force, texts};

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_whose_clock_is_off_by_an_hour_goes_by_the_databases() {
    let quiet = Quiet::open(Database::Postgres, |_| {}).await;
    let acme = quiet.account("acme").await;
    quiet.enqueue(acme, &[Uuid::new_v4()]).await;
    let lease_for = Span::seconds(30);
    for wrong in [Span::hours(1), -Span::hours(1)] {
        let clock = Clock::wrong_by(wrong);
        let off = clock.now() - quiet.app.clock().now();
        assert!((off - wrong).abs() < Span::minutes(1), "before it is set: {off}");
        let app = quiet.another_with(clock).await;
        let off = app.clock().now() - quiet.app.clock().now();
        assert!(off.abs() < Span::seconds(1), "{off}");

        // What one has in hand the other leaves alone, and the other way round.
        let (one, other) = if wrong > Span::zero() {
            (&quiet.app, &app)
        } else {
            (&app, &quiet.app)
        };
        assert_eq!(
            due_accounts::<job::Entity>(one).await.unwrap(),
            [acme],
            "due for both at once"
        );
        let claim = || Claim {
            account_id: acme,
            lease_for,
        };
        let lease = one.run(&Actor::Platform, claim()).await.unwrap().unwrap();
        assert!(due_accounts::<job::Entity>(other).await.unwrap().is_empty());
        assert!(other.run(&Actor::Platform, claim()).await.unwrap().is_none());
        let until = quiet.jobs().await[0].lease_until.unwrap() - quiet.app.clock().now();
        assert!(until > Span::seconds(20) && until <= lease_for, "{until}");
        let reason = "on with the test".to_owned();
        let put_back = muster::background::jobs::PutBack { lease, reason };
        one.run(&Actor::Platform, put_back).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2_500)).await;
    }
    quiet.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_listening_connection_is_cut_everybody_reads_again_at_once_and_hears_what_follows() {
    let quiet = Quiet::open(Database::Postgres, |_| {}).await;
    let acme = quiet.account("acme").await;
    let mut listener = quiet.app.events().subscribe();
    let connection = sea_orm::Database::connect(&quiet.url).await.unwrap();
    let listening =
        "SELECT pid::text FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    let begun = Instant::now();
    while texts(&connection, listening).await.len() != 1 {
        assert!(begun.elapsed() < Duration::from_secs(10), "nobody listens");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    // Whatever was said at the start has been said.
    tokio::time::sleep(Duration::from_millis(500)).await;
    while tokio::time::timeout(Duration::from_millis(10), listener.next())
        .await
        .is_ok()
    {}

    let pid = texts(&connection, listening).await.remove(0);
    force(&connection, &format!("SELECT pg_terminate_backend({pid})"))
        .await
        .unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(1), listener.next()).await;
    assert_eq!(heard.unwrap(), Some(Wake::Resync));
    // And once more when it listens again: what was notified in between is lost.
    let heard = tokio::time::timeout(Duration::from_secs(2), listener.next()).await;
    assert_eq!(heard.unwrap(), Some(Wake::Resync));
    quiet.enqueue(acme, &[Uuid::new_v4()]).await;
    let heard = tokio::time::timeout(Duration::from_secs(2), listener.next()).await;
    assert_eq!(heard.unwrap(), Some(Wake::Jobs));
    connection.close().await.unwrap();
    quiet.close().await;
}
