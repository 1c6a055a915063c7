//! Commands of one account wait for their turn before they take a connection.
//!
//! They would take turns anyway, at the account's lock. But who waits there holds a connection, and an account with a long import and fifty clicks would hold
//! all of them. So each process runs one command of an account at a time, in the order in which they came, and the others hold nothing while they wait.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use uuid::Uuid;

use crate::error::{Error, Result};

/// Commands of one account that may wait in one process.
pub const MOST_WAITING: usize = 100;
/// How long somebody who looks on waits: less than for a lock, so that who waits behind one that waits for it is told first.
pub const REQUEST_WAITS: Duration = Duration::from_secs(4);
/// How long what works in the background waits.
pub const BACKGROUND_WAITS: Duration = Duration::from_mins(1);

type Accounts = Arc<Mutex<HashMap<Uuid, Arc<Semaphore>>>>;

/// Whose turn it is, account by account.
#[derive(Clone, Debug, Default)]
pub struct Turns(Accounts);

impl Turns {
    /// Waits for the account's turn. It lasts until what is answered is dropped.
    pub async fn take(&self, account_id: Uuid, patience: Duration) -> Result<Turn> {
        let mut turn = self.join(account_id)?;
        let waited = tokio::time::timeout(patience, turn.place.clone().acquire_owned()).await;
        turn.permit = Some(waited.map_err(|_| Error::Busy)?.map_err(Error::internal)?);
        Ok(turn)
    }

    fn join(&self, account_id: Uuid) -> Result<Turn> {
        let mut accounts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = accounts
            .entry(account_id)
            .or_insert_with(|| Arc::new(Semaphore::new(1)))
            .clone();
        let turn = Turn {
            permit: None,
            place,
            account_id,
            accounts: self.0.clone(),
        };
        // One reference is the table's and one ours; each of the others has two.
        if Arc::strong_count(&turn.place) > 2 * MOST_WAITING + 2 {
            drop(accounts);
            return Err(Error::Busy);
        }
        Ok(turn)
    }
}

/// A place in an account's line, and with the permit its turn.
#[derive(Debug)]
pub struct Turn {
    permit: Option<OwnedSemaphorePermit>,
    place: Arc<Semaphore>,
    account_id: Uuid,
    accounts: Accounts,
}

impl Drop for Turn {
    /// The last one leaves nothing behind.
    fn drop(&mut self) {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.permit.take());
        // The table's and ours.
        if Arc::strong_count(&self.place) <= 2 {
            accounts.remove(&self.account_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn one_of_an_account_at_a_time_and_nothing_is_left_behind() {
        let turns = Turns::default();
        let inside = Arc::new(AtomicUsize::new(0));
        let runs = (0..40).map(|number| {
            let (turns, inside) = (turns.clone(), inside.clone());
            tokio::spawn(async move {
                let account = Uuid::from_u128(number % 2);
                let turn = turns.take(account, REQUEST_WAITS).await.unwrap();
                assert!(inside.fetch_add(1, Ordering::SeqCst) < 2);
                tokio::task::yield_now().await;
                inside.fetch_sub(1, Ordering::SeqCst);
                drop(turn);
            })
        });
        for run in runs.collect::<Vec<_>>() {
            run.await.unwrap();
        }
        assert!(turns.0.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn who_waits_too_long_or_behind_too_many_is_told_that_it_is_busy() {
        let turns = Turns::default();
        let account = Uuid::from_u128(1);
        let held = turns.take(account, REQUEST_WAITS).await.unwrap();
        let briefly = Duration::from_millis(50);
        assert!(matches!(turns.take(account, briefly).await, Err(Error::Busy)));

        let waiting: Vec<_> = (0..MOST_WAITING)
            .map(|_| {
                let turns = turns.clone();
                tokio::spawn(async move { turns.take(account, REQUEST_WAITS).await.map(drop) })
            })
            .collect();
        while Arc::strong_count(&held.place) < 2 * MOST_WAITING + 3 {
            tokio::task::yield_now().await;
        }
        let begun = std::time::Instant::now();
        assert!(matches!(
            turns.take(account, REQUEST_WAITS).await,
            Err(Error::Busy)
        ));
        assert!(begun.elapsed() < REQUEST_WAITS / 2, "that is told at once");
        // Another account is not concerned.
        turns.take(Uuid::from_u128(2), REQUEST_WAITS).await.unwrap();
        drop(held);
        for one in waiting {
            one.await.unwrap().unwrap();
        }
        assert!(turns.0.lock().unwrap().is_empty());
    }
}
