//! The one clock. Times are cut to microseconds, because that is what the databases keep: a time read back equals the time written.
//!
//! Where several processes share a database on a server, they go by that server's time: leases, terms and tokens mean the same to all of them, whatever the
//! clocks of their machines say. The clock is set when a process starts, and again and again; between two settings it counts on by itself, so that a machine whose
//! clock is put back or forward does no harm either.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock, Weak};
use std::time::{Duration as StdDuration, Instant};

use chrono::{DateTime, Duration, SubsecRound, Utc};

use crate::db::Db;
use crate::error::Result;

/// How often the clock is set by the database's.
const SET_EVERY: StdDuration = StdDuration::from_secs(10);
/// An answer that took longer says too little of the time.
const SET_WITHIN: StdDuration = StdDuration::from_millis(500);

/// The time of day. Clones share it, so a test that moves one moves them all.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// The database's time at a moment of this process.
    set: RwLock<Option<(DateTime<Utc>, Instant)>>,
    /// How far the machine's own clock is wrong, in tests.
    wrong_micros: i64,
    ahead_micros: AtomicI64,
}

impl Clock {
    /// The clock of a machine that is wrong by so much, for tests of what that does.
    pub fn wrong_by(wrong: Duration) -> Self {
        Self(Arc::new(Inner {
            wrong_micros: wrong.num_microseconds().unwrap_or_default(),
            ..Inner::default()
        }))
    }

    pub fn now(&self) -> DateTime<Utc> {
        let ahead = Duration::microseconds(self.0.ahead_micros.load(Ordering::Relaxed));
        let set = *self.0.set.read().unwrap_or_else(PoisonError::into_inner);
        let now = match set {
            Some((time, at)) => time + at.elapsed(),
            None => self.of_the_machine(),
        };
        (now + ahead).trunc_subsecs(6)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the clock")]
    fn of_the_machine(&self) -> DateTime<Utc> {
        Utc::now() + Duration::microseconds(self.0.wrong_micros)
    }

    /// Puts the clock forward, for tests of what happens in ninety days.
    pub fn advance(&self, by: Duration) {
        self.0
            .ahead_micros
            .fetch_add(by.num_microseconds().unwrap_or(i64::MAX), Ordering::Relaxed);
    }

    /// Sets the clock by the database's, where that is another machine's, and keeps it so for as long as it is used.
    pub async fn follow(&self, db: &Db) -> Result<()> {
        if !db.is_shared() {
            return Ok(());
        }
        self.0.set_by(db, None).await?;
        tokio::spawn(keep_set(Arc::downgrade(&self.0), db.clone()));
        Ok(())
    }
}

impl Inner {
    /// Asks the time and takes it for that of the middle between question and answer.
    async fn set_by(&self, db: &Db, within: Option<StdDuration>) -> Result<()> {
        let asked = Instant::now();
        let time = db.time().await?;
        let took = asked.elapsed();
        if within.is_none_or(|within| took <= within) {
            let mut set = self.set.write().unwrap_or_else(PoisonError::into_inner);
            *set = Some((time, asked + took / 2));
        }
        Ok(())
    }
}

/// Without an answer the clock counts on by itself.
async fn keep_set(clock: Weak<Inner>, db: Db) {
    loop {
        tokio::time::sleep(SET_EVERY).await;
        let Some(clock) = clock.upgrade() else { return };
        if let Err(error) = clock.set_by(&db, Some(SET_WITHIN)).await {
            tracing::debug!(error = ?error.cause(), "the clock could not be set");
        }
    }
}
