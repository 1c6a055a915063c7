//! What an export takes of memory: that of a piece of its file, however many people there are.

use entity::account::Plan;
use rstest::rstest;
use serde_json::json;

use super::support::{begin, crowd, file, settled};
use crate::support::{Database, House, add_product, team};

/// In KiB, as the kernel counts it for this process: everything of the test, the server and, beside SQLite, the store within it.
fn resident(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// The most that was resident counts anew from now on.
fn forget_the_peak() {
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn fifty_thousand_people_take_no_more_memory_than_a_piece_of_their_file(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let house = House::open(database).await;
    let team = team(&house, "acme", Plan::Standard).await;
    let seats = [
        add_product(&house, "acme", "DRAW", 100_000).await,
        add_product(&house, "acme", "INK", 100_000).await,
    ];
    crowd(&house, &team, 50_000, &seats).await;
    // What is made once and kept is made now.
    file(
        &team.admin,
        json!({"kind": "USERS", "columnSets": ["PRODUCTS"], "userFilter": {"search": "admin"}}),
    )
    .await;
    let input = json!({"kind": "USERS", "columnSets": ["PRODUCTS"], "hasByteOrderMark": false});
    let (rest, began) = (resident("VmRSS"), std::time::Instant::now());
    forget_the_peak();
    let id = begin(&team.admin, input).await;
    let export = settled(&team.admin, &id).await;
    let (peak, took) = (resident("VmHWM"), began.elapsed());
    assert_eq!(
        (&export["status"], &export["rowCount"]),
        (&json!("SUCCEEDED"), &json!(50_001))
    );
    println!("{database:?}: {rest} KiB at rest, {peak} KiB at most, {took:?}");
    // A piece has five MiB, and here both who sends it and who keeps it hold some: the server of the test is its own store.
    assert!(
        peak.saturating_sub(rest) <= 32 * 1024,
        "{rest} KiB at rest, {peak} KiB at most"
    );
    house.close().await;
}
