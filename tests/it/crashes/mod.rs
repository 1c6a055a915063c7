//! Processes that die in the middle of imports: the real binary, killed with SIGKILL again and again, and nothing is lost and nothing done twice.

mod exports;
mod ledger;
mod matching;
mod site;

use std::time::Duration;

use rstest::rstest;
use uuid::Uuid;

use self::ledger::{assert_exactly_once, assert_taken_back};
use self::site::{LEASE, Site, Store, eventually};
use crate::support::Database;

/// Of servers that were at work on an import when they died.
const KILLS: u64 = 20;

/// Different moments: by turns right after the job was taken in hand, and a while after a batch was kept.
fn pause(kill: u64) -> Duration {
    Duration::from_millis(kill * 37 % 230)
}

/// The import at hand; a new one where the last has come to its end.
async fn at_hand(site: &Site, imports: &mut Vec<Uuid>) -> Uuid {
    match imports.last() {
        Some(last) if !site.has_ended(*last).await => *last,
        _ => {
            let import = site.import(1 + u64::try_from(imports.len()).unwrap()).await;
            imports.push(import);
            import
        }
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_twenty_times_does_every_row_exactly_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let site = Site::prepare(database, None).await;
    let mut server = site.serve(true);
    let (mut imports, mut kills) = (Vec::new(), 0);
    while kills < KILLS {
        let known = imports.len();
        let import = at_hand(&site, &mut imports).await;
        let before = if imports.len() > known {
            (0, None)
        } else {
            site.state(import).await
        };
        site.moved(import, kills % 2 == 0, before).await;
        tokio::time::sleep(pause(kills)).await;
        server.kill();
        kills += u64::from(!site.has_ended(import).await);
        // The dead one's lease runs out while nobody is there.
        tokio::time::sleep(LEASE.mul_f32(0.8)).await;
        server = site.serve(true);
    }
    assert_exactly_once(&site, &imports).await;
    server.kill();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_replica_takes_over_whenever_the_first_is_killed() {
    let site = Site::prepare(Database::Postgres, Some(Store::open().await)).await;
    let mut replicas = [site.serve(true), site.serve(false)];
    let (mut imports, mut kills) = (Vec::new(), 0);
    while kills < KILLS {
        let import = at_hand(&site, &mut imports).await;
        tokio::time::sleep(pause(kills)).await;
        let victim = usize::try_from(kills % 2).unwrap();
        replicas[victim].kill();
        kills += u64::from(!site.has_ended(import).await);
        // The other one goes on alone before the dead one comes back.
        let before = site.state(import).await;
        site.moved(import, false, before).await;
        replicas[victim] = site.serve(victim == 0);
    }
    assert_exactly_once(&site, &imports).await;
    replicas.iter_mut().for_each(site::Server::kill);
}

/// The import at hand, or its taking back; a new one where the last was taken back.
async fn given_or_taken(site: &Site, imports: &mut Vec<Uuid>) -> Uuid {
    match imports.last() {
        Some(last) if !site.has_ended(*last).await => return *last,
        Some(last) if !site.is_undone(*last).await => {
            site.undo(*last).await;
            return *last;
        }
        _ => {}
    }
    let import = site.assign(imports.len()).await;
    imports.push(import);
    import
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_server_killed_twenty_times_gives_and_takes_back_exactly_once(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let site = Site::prepare(database, None).await;
    let mut server = site.serve(true);
    let (mut imports, mut kills) = (Vec::new(), 0);
    while kills < KILLS {
        let import = given_or_taken(&site, &mut imports).await;
        let before = site.state(import).await;
        site.moved(import, kills % 2 == 0, before).await;
        tokio::time::sleep(pause(kills)).await;
        server.kill();
        kills += u64::from(!site.has_ended(import).await);
        tokio::time::sleep(LEASE.mul_f32(0.8)).await;
        server = site.serve(true);
    }
    while !site.is_undone(*imports.last().unwrap()).await {
        let import = given_or_taken(&site, &mut imports).await;
        eventually("it comes to its end", async || site.has_ended(import).await).await;
    }
    assert_taken_back(&site, &imports).await;
    server.kill();
}
