//! Working in the background: jobs and mails, woken by events and in any case every few seconds.
//!
//! `serve` runs a worker beside itself; `muster worker` runs one alone. Any number may run on one database.

use std::pin::Pin;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::access::Actor;
use crate::app::App;
use crate::background::delivery;
use crate::background::jobs::{Claim, Lease, PutBack, Renew};
use crate::error::{Error, Result};
use crate::platform::events::Wake;

/// What does a job that was claimed; named by whoever puts the process together, since the jobs are the domain's.
pub type CarryOut = fn(App, Lease) -> Pin<Box<dyn Future<Output = Result<()>> + Send>>;

/// Wakes are hints: look this often in any case.
const LOOK: Duration = Duration::from_secs(2);

/// Works until told to stop. What is in hand is finished first: batches are short, and what is left is another worker's.
pub async fn work(app: App, carry_out: CarryOut, stop: watch::Receiver<bool>) {
    let mut tasks = JoinSet::new();
    tasks.spawn(repeat(
        app.clone(),
        stop.clone(),
        Wake::Jobs,
        move |app| async move { Box::pin(do_job(&app, carry_out)).await },
    ));
    tasks.spawn(repeat(app, stop, Wake::Mails, |app| async move {
        Ok(delivery::deliver(&app).await? > 0)
    }));
    tasks.join_all().await;
}

/// Does something for as long as there is something to do, then waits for a wake.
async fn repeat<F, Fut>(app: App, mut stop: watch::Receiver<bool>, wake: Wake, act: F)
where
    F: Fn(App) -> Fut + Send,
    Fut: Future<Output = Result<bool>> + Send,
{
    let mut listener = app.events().subscribe();
    while !*stop.borrow() {
        match act(app.clone()).await {
            Ok(true) => continue,
            Ok(false) => {}
            Err(error) => tracing::error!(?error, "background work failed"),
        }
        tokio::select! {
            _ = listener.wait_for(|heard| heard == wake) => {}
            () = tokio::time::sleep(LOOK) => {}
            _ = stop.changed() => {}
        }
    }
}

/// Takes one job and does it; false when there is none.
async fn do_job(app: &App, carry_out: CarryOut) -> Result<bool> {
    let lease_for = app.settings().job_lease;
    let Some(lease) = app.run(&Actor::Platform, Claim { lease_for }).await? else {
        return Ok(false);
    };
    let done = carry_out(app.clone(), lease.clone()).await;
    if let Err(error) = done {
        tracing::warn!(?error, job = %lease.job_id, attempt = lease.attempts, "a job failed and is put back");
        let reason = format!("{error:?}");
        app.run(&Actor::Platform, PutBack { lease, reason }).await?;
    }
    Ok(true)
}

/// Does something while renewing the lease for it.
pub async fn keeping(app: &App, lease: &Lease, work: impl Future<Output = Result<()>>) -> Result<()> {
    let lease_for = app.settings().job_lease;
    let pause = (lease_for / 3).to_std().map_err(Error::internal)?;
    let renewing = async {
        loop {
            tokio::time::sleep(pause).await;
            if let Err(error) = app
                .run(
                    &Actor::Platform,
                    Renew {
                        lease: lease.clone(),
                        lease_for,
                    },
                )
                .await
            {
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
