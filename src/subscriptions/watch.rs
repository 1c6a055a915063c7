//! Watching the seats of a product: as they are, then whenever they are others.
//!
//! A wake only says that they may be. They are counted anew, and told if somebody took or freed one; so a lost wake costs seconds, and whoever comes late misses nothing that still holds.

use std::time::Duration;

use chrono::{DateTime, Utc};
use futures::stream::{self, Stream};
use tokio::time::Instant;
use uuid::Uuid;

use super::read::{Filter, Subscription};
use super::seats::SeatCounts;
use crate::access::Action;
use crate::error::{Code, Error, Refusal, Result};
use crate::platform::events::{Listener, Wake};
use crate::read::Scope;

/// However often they change, they are told no more often.
const BREATH: Duration = Duration::from_secs(1);
/// Wakes are hints: look this often in any case.
const LOOK: Duration = Duration::from_secs(5);

/// The seats of a product at a moment.
#[derive(Clone, Debug)]
pub struct SeatsChanged {
    pub product_id: Uuid,
    pub seats: SeatCounts,
    pub at: DateTime<Utc>,
}

/// Follows the seats of a product that the account has bought, for as long as whoever watches may see them.
pub async fn follow(
    scope: Scope,
    product_id: Uuid,
) -> Result<impl Stream<Item = Result<SeatsChanged>> + Send> {
    // Listening begins before reading: what happens in between is heard.
    let listener = scope.app().events().subscribe();
    let bought = Filter {
        product_id: Some(product_id),
        ..Filter::default()
    };
    if Subscription::matching(&scope, &bought).await?.is_empty() {
        let refusal = Refusal::new(Code::NotFound, "The account has no subscription of this product.");
        return Err(refusal.into());
    }
    let watcher = Watcher {
        scope,
        listener,
        product_id,
        told: None,
        spoke_at: Instant::now(),
    };
    Ok(stream::unfold(Some(watcher), |watcher| async {
        let mut watcher = watcher?;
        match watcher.next().await {
            Ok(changed) => Some((Ok(changed), Some(watcher))),
            Err(error) => Some((Err(error), None)),
        }
    }))
}

struct Watcher {
    scope: Scope,
    listener: Listener,
    product_id: Uuid,
    told: Option<SeatCounts>,
    spoke_at: Instant,
}

impl Watcher {
    async fn next(&mut self) -> Result<SeatsChanged> {
        loop {
            if self.told.is_some() {
                self.wait().await?;
            }
            self.scope.may_still(Action::ReadProducts).await?;
            let counted = SeatCounts::of_products(&self.scope, &[self.product_id])
                .await?
                .pop();
            let seats = counted.ok_or_else(|| Error::internal("a product was not counted"))?;
            if self.told != Some(seats) {
                self.told = Some(seats);
                self.spoke_at = Instant::now();
                return Ok(SeatsChanged {
                    product_id: self.product_id,
                    seats,
                    at: self.scope.app().clock().now(),
                });
            }
        }
    }

    /// Until they may be others.
    async fn wait(&mut self) -> Result<()> {
        let member = self.scope.member()?;
        let (account, user_id, product_id) = (member.account_id, member.user_id, self.product_id);
        let concerns = |wake| match wake {
            Wake::Seats { account_id, id } => (account_id, id) == (account, product_id),
            // The watcher's own change: rights that are lost end the watching at once.
            Wake::User { id, .. } => id == user_id,
            _ => false,
        };
        // Whether woken or tired of waiting: look again, when there has been a breath.
        let _ = tokio::time::timeout(LOOK, self.listener.wait_for(concerns)).await;
        tokio::time::sleep_until(self.spoke_at + BREATH).await;
        Ok(())
    }
}
