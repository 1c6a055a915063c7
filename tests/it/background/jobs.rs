//! Jobs: claimed once, one of an account at a time, by turns; and a panic ends one job and nothing else.

use std::pin::Pin;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use entity::job::{self, Status};
use muster::access::Actor;
use muster::app::App;
use muster::background::claim::Claim;
use muster::background::jobs::{Lease, PutBack, finish};
use muster::background::lease::due_accounts;
use muster::background::worker;
use muster::command::{Command, Record, Work};
use muster::error::Result;
use rstest::rstest;
use tokio::sync::watch;
use uuid::Uuid;

use super::support::{Quiet, within};
use crate::support::Database;

const LEASE: chrono::Duration = chrono::Duration::seconds(30);

/// Ends a job as the domain does.
struct Finish(Lease);

impl Command for Finish {
    type Output = ();
    const NAME: &'static str = "tests.finish";
    const RECORD: Record = Record::Nothing;

    fn action(&self) -> muster::access::Action {
        muster::access::Action::Maintain
    }

    async fn apply(self, work: &mut Work) -> Result<()> {
        finish(work, &self.0).await
    }
}

type Doing = Pin<Box<dyn Future<Output = Result<()>> + Send>>;

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_claim_leases_one_job_of_an_account_however_many_are_due_and_claim(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let quiet = Quiet::open(database, |_| {}).await;
    let accounts = [quiet.account("acme").await, quiet.account("beta").await];
    for account in accounts {
        let subjects: Vec<Uuid> = (0..30).map(|_| Uuid::new_v4()).collect();
        quiet.enqueue(account, &subjects).await;
    }
    assert_eq!(due_accounts::<job::Entity>(&quiet.app).await.unwrap().len(), 2);
    // In several processes, so that no process runs them one by one.
    let mut claims = Vec::new();
    for _ in 0..6 {
        let app = quiet.another().await;
        for account_id in accounts {
            let app = app.clone();
            claims.push(tokio::spawn(async move {
                let claim = Claim {
                    account_id,
                    lease_for: LEASE,
                };
                app.run(&Actor::Platform, claim).await.unwrap()
            }));
        }
    }
    let mut taken = Vec::new();
    for claim in claims {
        taken.extend(claim.await.unwrap());
    }
    for account in accounts {
        let leases = taken.iter().filter(|lease| lease.account_id == account).count();
        assert_eq!(leases, 1);
    }
    let leased: Vec<_> = quiet
        .jobs()
        .await
        .into_iter()
        .filter(|job| job.lease_token.is_some())
        .collect();
    assert_eq!(leased.len(), 2, "{leased:?}");
    assert!(leased.iter().all(|job| job.attempts == 1));
    assert!(
        due_accounts::<job::Entity>(&quiet.app).await.unwrap().is_empty(),
        "one at a time"
    );

    for lease in taken {
        quiet.app.run(&Actor::Platform, Finish(lease)).await.unwrap();
    }
    assert_eq!(due_accounts::<job::Entity>(&quiet.app).await.unwrap().len(), 2);
    quiet.close().await;
}

static SERVED: Mutex<Vec<Uuid>> = Mutex::new(Vec::new());

fn note_and_finish(app: App, lease: Lease) -> Doing {
    Box::pin(async move {
        SERVED.lock().unwrap().push(lease.account_id);
        tokio::time::sleep(Duration::from_millis(30)).await;
        app.run(&Actor::Platform, Finish(lease)).await
    })
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_account_with_many_jobs_does_not_hold_up_anothers_one(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let quiet = Quiet::open(database, |_| {}).await;
    let big = quiet.account("big").await;
    let subjects: Vec<Uuid> = (0..40).map(|_| Uuid::new_v4()).collect();
    quiet.enqueue(big, &subjects).await;
    let small = quiet.account("small").await;
    quiet.enqueue(small, &[Uuid::new_v4()]).await;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::work(quiet.app.clone(), note_and_finish, stopped));
    within(Duration::from_mins(1), "all are done", async || {
        quiet.jobs().await.iter().all(|job| job.status == Status::Done)
    })
    .await;
    stop.send_replace(true);
    working.await.unwrap();
    let served = SERVED.lock().unwrap().clone();
    assert_eq!(served.len(), 41, "each once");
    let place = served.iter().position(|id| *id == small).unwrap();
    assert!(place < 4, "served as number {place}");
    quiet.close().await;
}

static PANICKED: AtomicBool = AtomicBool::new(false);

fn panic_once(app: App, lease: Lease) -> Doing {
    Box::pin(async move {
        assert!(
            PANICKED.swap(true, Ordering::SeqCst),
            "a job that panics, as this test wants it"
        );
        app.run(&Actor::Platform, Finish(lease)).await
    })
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_panics_counts_an_attempt_says_where_and_is_done_later(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let quiet = Quiet::open(database, |_| {}).await;
    let acme = quiet.account("acme").await;
    quiet.enqueue(acme, &[Uuid::new_v4()]).await;
    let (stop, stopped) = watch::channel(false);
    let working = tokio::spawn(worker::work(quiet.app.clone(), panic_once, stopped));
    within(Duration::from_secs(20), "the panic is noted", async || {
        quiet.jobs().await[0].last_error.is_some()
    })
    .await;
    let job = quiet.jobs().await.remove(0);
    let reason = job.last_error.unwrap();
    assert!(
        reason.contains("as this test wants it") && reason.contains("background/jobs.rs:"),
        "{reason}"
    );
    assert!(quiet.app.loops().dead().is_empty(), "the loop lives");
    within(Duration::from_secs(20), "it is done", async || {
        quiet.jobs().await[0].status == Status::Done
    })
    .await;
    assert_eq!(quiet.jobs().await[0].attempts, 2);
    stop.send_replace(true);
    working.await.unwrap();
    quiet.close().await;
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_not_there_yet_is_put_back_and_not_taken_for_done(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let quiet = Quiet::open(database, |_| {}).await;
    let acme = quiet.account("acme").await;
    quiet.enqueue(acme, &[Uuid::new_v4()]).await;
    let claim = Claim {
        account_id: acme,
        lease_for: LEASE,
    };
    let lease = quiet.app.run(&Actor::Platform, claim).await.unwrap().unwrap();
    let failed = muster::jobs::carry_out(quiet.app.clone(), lease.clone()).await;
    assert!(failed.is_err());
    assert_eq!(quiet.jobs().await[0].status, Status::Ready);
    let reason = "not there yet".to_owned();
    let is_dead = quiet
        .app
        .run(&Actor::Platform, PutBack { lease, reason })
        .await
        .unwrap();
    assert!(!is_dead);
    let job = quiet.jobs().await.remove(0);
    assert_eq!(
        (job.status, job.attempts, job.lease_token),
        (Status::Ready, 1, None)
    );
    assert!(job.run_at > job.created_at);
    quiet.close().await;
}
