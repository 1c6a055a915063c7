//! A loop in the background that dies is told of over HTTP, by the server that goes on answering.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use muster::background::loops::keep_alive;
use reqwest::StatusCode;
use tokio::sync::watch;

use super::support::within;
use crate::support::{Database, House, PASSWORD, team};

static BEGUN: AtomicUsize = AtomicUsize::new(0);

#[tokio::test(flavor = "multi_thread")]
async fn a_loop_that_died_is_told_by_readyz_until_it_runs_again() {
    let house = House::open(Database::Sqlite).await;
    let address = house.url.clone();
    let ready = async || {
        let answer = reqwest::get(format!("{address}/readyz")).await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    };
    assert_eq!(ready().await, (StatusCode::OK, String::new()));
    let (stop, stopped) = watch::channel(false);
    let run = || async {
        assert!(
            BEGUN.fetch_add(1, Ordering::SeqCst) > 0,
            "a loop that dies, as this test wants it"
        );
        std::future::pending::<()>().await;
    };
    let running = tokio::spawn(keep_alive(
        house.app.loops().clone(),
        "the loop of this test",
        stopped,
        run,
    ));
    within(Duration::from_secs(2), "it is told", async || {
        let (status, why) = ready().await;
        status == StatusCode::SERVICE_UNAVAILABLE
            && why.contains("the loop of this test")
            && !why.contains("as this test wants it")
    })
    .await;
    // Whoever lives answers, and is not taken for dead.
    let alive = reqwest::get(format!("{address}/livez")).await.unwrap();
    assert_eq!(alive.status(), StatusCode::OK);
    team(&house, "acme", entity::account::Plan::Standard).await;
    house.sign_in("admin@acme.example", PASSWORD).await;
    within(Duration::from_secs(20), "it runs again", async || {
        ready().await.0 == StatusCode::OK
    })
    .await;
    assert_eq!(BEGUN.load(Ordering::SeqCst), 2);
    stop.send_replace(true);
    running.abort();
    house.close().await;
}
