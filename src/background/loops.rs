//! The loops of a process, and whether each of them lives.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;

use crate::platform::panics::caught;

/// A loop that ended is begun anew after this pause. Until then the process is not ready.
const BEGIN_ANEW_AFTER: Duration = if cfg!(test) {
    Duration::from_millis(500)
} else {
    Duration::from_secs(5)
};

/// Which loops of this process have ended though nobody told them to.
#[derive(Clone, Debug, Default)]
pub struct Loops(Arc<Mutex<BTreeSet<&'static str>>>);

impl Loops {
    /// Those that do not run.
    pub fn dead(&self) -> Vec<&'static str> {
        let dead = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        dead.iter().copied().collect()
    }

    fn note(&self, name: &'static str, is_dead: bool) {
        let mut dead = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if is_dead {
            dead.insert(name);
        } else {
            dead.remove(name);
        }
    }
}

/// Runs a loop until told to stop. What is handled within it catches its own panics; should the loop itself panic or end, that is told by `/readyz`, and
/// the loop begins anew.
pub async fn keep_alive<F, Fut>(loops: Loops, name: &'static str, mut stop: watch::Receiver<bool>, run: F)
where
    F: Fn() -> Fut + Send,
    Fut: Future<Output = ()> + Send,
{
    loop {
        let ended = caught(run()).await;
        if *stop.borrow() {
            return;
        }
        loops.note(name, true);
        match ended {
            Ok(()) => tracing::error!(name, "a background loop ended"),
            Err(panicked) => tracing::error!(name, %panicked, "a background loop died"),
        }
        tokio::select! {
            () = tokio::time::sleep(BEGIN_ANEW_AFTER) => {}
            // Whoever could say so is gone: that is a stop, too.
            _ = stop.wait_for(|stop| *stop) => return,
        }
        loops.note(name, false);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[tokio::test]
    async fn a_loop_that_dies_is_told_of_and_begins_anew() {
        let (stop, stopped) = watch::channel(false);
        let loops = Loops::default();
        let begun = Arc::new(AtomicUsize::new(0));
        let counted = begun.clone();
        let run = move || {
            let number = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                assert!(number > 0, "the first one dies");
                std::future::pending::<()>().await;
            }
        };
        let running = tokio::spawn(keep_alive(loops.clone(), "tests", stopped, run));
        while loops.dead() != ["tests"] {
            tokio::task::yield_now().await;
        }
        while !loops.dead().is_empty() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        while begun.load(Ordering::Relaxed) < 2 {
            tokio::task::yield_now().await;
        }
        assert!(loops.dead().is_empty(), "it lives again");
        running.abort();
        drop(stop);
    }
}
