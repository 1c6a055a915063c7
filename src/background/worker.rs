//! Working in the background: jobs, mails and chores, woken by events and in any case every few seconds.
//!
//! `serve` runs a worker beside itself; `muster worker` runs one alone. Any number may run on one database.

use std::pin::Pin;
use std::sync::Arc;

use entity::job;
use tokio::sync::watch;
use uuid::Uuid;

use super::chores::look_again_and_again;
use super::claim::Claim;
use super::delivery::Mails;
use super::hand_over;
use super::jobs::{Lease, PutBack, Renew};
use super::lease::due_accounts;
use super::loops::keep_alive;
use super::queue::{Queue, work_through};
use crate::access::Actor;
use crate::app::App;
use crate::error::{Error, Result};
use crate::platform::events::Wake;
use crate::platform::panics::caught;

/// What does a job that was claimed; named by whoever puts the process together, since the jobs are the domain's.
pub type CarryOut = fn(App, Lease) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Works until told to stop. What is in hand is finished first: batches are short, and what is left is another worker's.
pub async fn work(app: App, carry_out: CarryOut, stop: watch::Receiver<bool>) {
    let app = app.in_background();
    let jobs = {
        let (app, stop) = (app.clone(), stop.clone());
        move || work_through(app.clone(), Arc::new(Jobs { carry_out }), stop.clone())
    };
    let mails = {
        let (app, stop) = (app.clone(), stop.clone());
        move || {
            let handed = hand_over::of(&app);
            handed.open();
            work_through(app.clone(), Arc::new(Mails { handed }), stop.clone())
        }
    };
    let chores = {
        let (app, stop) = (app.clone(), stop.clone());
        move || {
            let (app, mut stop) = (app.clone(), stop.clone());
            async move {
                tokio::select! {
                    () = look_again_and_again(app) => {}
                    _ = stop.wait_for(|stop| *stop) => {}
                }
            }
        }
    };
    tokio::join!(
        Box::pin(keep_alive(app.loops().clone(), "jobs", stop.clone(), jobs)),
        Box::pin(keep_alive(app.loops().clone(), "mails", stop.clone(), mails)),
        Box::pin(keep_alive(app.loops().clone(), "chores", stop, chores)),
    );
}

/// Jobs, one of an account at a time.
struct Jobs {
    carry_out: CarryOut,
}

impl Queue for Jobs {
    type Item = Lease;
    const NAME: &'static str = "jobs";
    const WAKE: Wake = Wake::Jobs;
    /// So that an account's long import does not hold up another's.
    const SIDE_BY_SIDE: usize = 4;

    async fn due_accounts(&self, app: &App) -> Result<Vec<Uuid>> {
        due_accounts::<job::Entity>(app).await
    }

    async fn claim(&self, app: &App, account_id: Uuid, _most: usize) -> Result<Vec<Lease>> {
        let lease_for = app.settings().job_lease;
        let claim = Claim {
            account_id,
            lease_for,
        };
        Ok(app.run(&Actor::Platform, claim).await?.into_iter().collect())
    }

    async fn handle(self: Arc<Self>, app: App, lease: Lease) {
        let done = app.unless_away((self.carry_out)(app.clone(), lease.clone()));
        let reason = match caught(done).await {
            Ok(Ok(())) => return,
            Ok(Err(error)) => format!("{error:?}"),
            Err(panicked) => panicked.to_string(),
        };
        tracing::warn!(reason, job = %lease.job_id, attempt = lease.attempts, "a job failed and is put back");
        let put_back = PutBack { lease, reason };
        match app.unless_away(app.run(&Actor::Platform, put_back)).await {
            Ok(true) => tracing::error!("gave up a job that never got anywhere"),
            Ok(false) => {}
            // Its lease runs out, and another takes it up.
            Err(error) => tracing::warn!(?error, "a job could not be put back"),
        }
    }
}

/// Does something while renewing the lease for it.
pub async fn keeping(app: &App, lease: &Lease, work: impl Future<Output = Result<()>>) -> Result<()> {
    let lease_for = app.settings().job_lease;
    let pause = (lease_for / 3).to_std().map_err(Error::internal)?;
    let renewing = async {
        loop {
            tokio::time::sleep(pause).await;
            let renew = Renew {
                lease: lease.clone(),
                lease_for,
            };
            if let Err(error) = app.unless_away(app.run(&Actor::Platform, renew)).await {
                // The work itself will find out, by its lease, whether it may go on.
                tracing::warn!(?error, job = %lease.job_id, "a lease could not be renewed");
            }
        }
    };
    tokio::select! {
        done = work => done,
        () = renewing => Ok(()),
    }
}
