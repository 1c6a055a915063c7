//! Working in the background: jobs and mails, woken by events and in any case every few seconds.
//!
//! `serve` runs a worker beside itself; `muster worker` runs one alone. Any number may run on one database.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::access::Actor;
use crate::app::App;
use crate::delivery;
use crate::domains;
use crate::error::{Error, Result};
use crate::identity_providers::notice;
use crate::imports::run;
use crate::platform::events::Wake;
use crate::platform::jobs::{Claim, Kind, Lease, MOST_ATTEMPTS, PutBack, Renew};

/// Wakes are hints: look this often in any case.
const LOOK: Duration = Duration::from_secs(2);

/// Works until told to stop. What is in hand is finished first: batches are short, and what is left is another worker's.
pub async fn work(app: App, stop: watch::Receiver<bool>) {
    let mut tasks = JoinSet::new();
    tasks.spawn(repeat(app.clone(), stop.clone(), Wake::Jobs, |app| async move {
        Box::pin(do_job(&app)).await
    }));
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
async fn do_job(app: &App) -> Result<bool> {
    let lease_for = app.settings().job_lease;
    let Some(lease) = app.run(&Actor::Platform, Claim { lease_for }).await? else {
        return Ok(false);
    };
    let done = match lease.kind {
        // Begun too often without getting anywhere: whoever waits for it is told.
        Kind::Import if lease.attempts > MOST_ATTEMPTS => run::give_up(app, &lease).await,
        Kind::DomainCheck if lease.attempts > MOST_ATTEMPTS => domains::give_up(app, &lease).await,
        Kind::DomainCheck => domains::carry_on(app, &lease).await,
        Kind::Import => Box::pin(keeping(app, &lease, run::carry_on(app, &lease))).await,
        Kind::SecretNotice => notice::carry_on(app, &lease).await,
    };
    if let Err(error) = done {
        tracing::warn!(?error, job = %lease.job_id, attempt = lease.attempts, "a job failed and is put back");
        let reason = format!("{error:?}");
        app.run(&Actor::Platform, PutBack { lease, reason }).await?;
    }
    Ok(true)
}

/// Does something while renewing the lease for it.
async fn keeping(app: &App, lease: &Lease, work: impl Future<Output = Result<()>>) -> Result<()> {
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
