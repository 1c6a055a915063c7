//! The one clock. Times are cut to microseconds, because that is what the databases keep: a time read back equals the time written.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Duration, SubsecRound, Utc};

/// The time of day. Clones share it, so a test that moves one moves them all.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    ahead_micros: Arc<AtomicI64>,
}

impl Clock {
    pub fn now(&self) -> DateTime<Utc> {
        let ahead = Duration::microseconds(self.ahead_micros.load(Ordering::Relaxed));
        #[expect(clippy::disallowed_methods, reason = "this is the clock")]
        let now = Utc::now();
        (now + ahead).trunc_subsecs(6)
    }

    /// Puts the clock forward, for tests of what happens in ninety days.
    pub fn advance(&self, by: Duration) {
        self.ahead_micros
            .fetch_add(by.num_microseconds().unwrap_or(i64::MAX), Ordering::Relaxed);
    }
}
