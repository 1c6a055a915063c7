//! What each kind of background job does: the one place where the worker meets the domain.

use std::pin::Pin;

use crate::app::App;
use crate::background::jobs::{Kind, Lease, MOST_ATTEMPTS};
use crate::background::worker::keeping;
use crate::bulk_jobs;
use crate::contracts;
use crate::credits::expire;
use crate::domains;
use crate::error::Result;
use crate::exports;
use crate::identity_providers::notice;
use crate::imports::run;
use crate::invitations::undelivered;
use crate::notifications::digest;
use crate::users::{rewriting, upkeep};

/// Does a job that was claimed. An error puts it back.
pub fn carry_out(app: App, lease: Lease) -> Pin<Box<dyn Future<Output = Result<()>> + Send>> {
    Box::pin(async move {
        // Begun too often without getting anywhere: whoever waits for it is told.
        let is_given_up = lease.attempts > MOST_ATTEMPTS;
        match lease.kind {
            Kind::Import if is_given_up => run::give_up(&app, &lease).await,
            Kind::Bulk if is_given_up => bulk_jobs::run::give_up(&app, &lease).await,
            Kind::Bulk => Box::pin(keeping(&app, &lease, bulk_jobs::run::carry_on(&app, &lease))).await,
            Kind::DomainCheck if is_given_up => domains::give_up(&app, &lease).await,
            Kind::DomainCheck => domains::carry_on(&app, &lease).await,
            Kind::Import => Box::pin(keeping(&app, &lease, run::carry_on(&app, &lease))).await,
            Kind::Export if is_given_up => exports::run::give_up(&app, &lease).await,
            Kind::Export => Box::pin(keeping(&app, &lease, exports::run::carry_on(&app, &lease))).await,
            Kind::SecretNotice if is_given_up => notice::give_up(&app, &lease).await,
            Kind::SecretNotice => notice::carry_on(&app, &lease).await,
            // Given up these two are asked for again on the next day.
            Kind::Seats => Box::pin(keeping(&app, &lease, upkeep::carry_on(&app, &lease))).await,
            Kind::Contracts => contracts::upkeep::carry_on(&app, &lease).await,
            // Given up it is asked for again within the hour.
            Kind::Digest => digest::carry_on(&app, &lease).await,
            Kind::Undelivered => undelivered::carry_on(&app, &lease).await,
            // Given up it is asked for again with the next hour.
            Kind::Credits => expire::carry_on(&app, &lease).await,
            // Given up too often it is put back no more, and asked for again by whoever starts next.
            Kind::Names => Box::pin(keeping(&app, &lease, rewriting::carry_on(&app, &lease))).await,
        }
    })
}
