//! Follows an import to its end, whatever becomes of the connection.
//!
//! Events are numbered and kept at the server. Whoever names the last number seen is told everything after it; so a lost
//! connection, a restarted server or another replica behind the load balancer cost time, never an event. When connections
//! keep failing (a proxy that lets no WebSocket pass), the same events are polled.

use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::json;

use super::api::Api;
use super::error::ClientError;
use super::socket::Subscription;

const SUBSCRIBE: &str = "subscription ImportProgress($importId: ID!, $afterSequence: Int) {
  importProgress(importId: $importId, afterSequence: $afterSequence) {
    sequence isFinal import { status progress { phase processed total percent succeeded failed skipped } undo { processed } }
  }
}";

const POLL: &str = "query ImportEvents($importId: ID!, $afterSequence: Int!) {
  importEvents(importId: $importId, afterSequence: $afterSequence) {
    sequence isFinal import { status progress { phase processed total percent succeeded failed skipped } undo { processed } }
  }
}";

/// Where an import stands. Status and phase are open lists, so they stay the text the server sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    pub sequence: u32,
    pub status: String,
    pub phase: String,
    pub processed: u32,
    /// `None` until the rows are counted.
    pub total: Option<u32>,
    /// 0 to 100.
    pub percent: u32,
    pub succeeded: u32,
    pub failed: u32,
    pub skipped: u32,
    pub is_final: bool,
}

impl Progress {
    /// Nothing more happens: the import is over, or is a dry run that waits for somebody to confirm it.
    pub fn is_settled(&self) -> bool {
        self.is_final || self.status == "AWAITING_CONFIRMATION"
    }
}

/// How long the watcher waits for what.
#[derive(Clone, Debug)]
pub struct Patience {
    /// Before the second connection; doubles with each that fails.
    pub first_pause: Duration,
    pub longest_pause: Duration,
    /// A connection without any message for so long is given up. The server sends a heartbeat every 15 s.
    pub silence: Duration,
    /// So many connections in a row that brought nothing, and polling begins.
    pub failed_connections: u32,
    pub poll_every: Duration,
    /// A server that answers no poll for so long is given up.
    pub unanswered: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first_pause: Duration::from_millis(250),
            longest_pause: Duration::from_secs(5),
            silence: Duration::from_secs(45),
            failed_connections: 4,
            poll_every: Duration::from_secs(1),
            unanswered: Duration::from_mins(2),
        }
    }
}

impl Patience {
    /// The pause after so many failures in a row. One client needs no jitter.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        let factor = 2_u32.saturating_pow(failures.saturating_sub(1));
        self.first_pause.saturating_mul(factor).min(self.longest_pause)
    }
}

/// Calls `seen` with every change, each once and in order, and gives back the last.
pub async fn watch(
    api: &Api,
    import_id: &str,
    patience: &Patience,
    seen: impl FnMut(&Progress),
) -> Result<Progress, ClientError> {
    let mut watcher = Watcher {
        api,
        import_id,
        patience,
        last_sequence: None,
        seen,
    };
    match watcher.listen().await? {
        Some(settled) => Ok(settled),
        None => watcher.poll().await,
    }
}

struct Watcher<'a, F> {
    api: &'a Api,
    import_id: &'a str,
    patience: &'a Patience,
    last_sequence: Option<u32>,
    seen: F,
}

impl<F: FnMut(&Progress)> Watcher<'_, F> {
    /// Connection after connection; `None` when too many in a row brought nothing.
    async fn listen(&mut self) -> Result<Option<Progress>, ClientError> {
        let mut failures = 0;
        loop {
            let before = self.last_sequence;
            match self.listen_once().await {
                Err(error) if error.is_passing() => {}
                result => return result.map(Some),
            }
            failures = if self.last_sequence > before {
                0
            } else {
                failures + 1
            };
            if failures >= self.patience.failed_connections {
                return Ok(None);
            }
            tokio::time::sleep(self.patience.pause(failures)).await;
        }
    }

    async fn listen_once(&mut self) -> Result<Progress, ClientError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            import_progress: Event,
        }
        let variables = json!({ "importId": self.import_id, "afterSequence": self.last_sequence });
        let mut subscription: Subscription<Data> =
            Subscription::open(self.api, SUBSCRIBE, variables, self.patience.silence).await?;
        while let Some(data) = subscription.next().await? {
            if let Some(settled) = self.take(data.import_progress) {
                subscription.close().await;
                return Ok(settled);
            }
        }
        Err(ClientError::Connection(
            "the events ended before the import did".into(),
        ))
    }

    async fn poll(&mut self) -> Result<Progress, ClientError> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Data {
            import_events: Vec<Event>,
        }
        let mut answered = Instant::now();
        loop {
            let after = self.last_sequence.unwrap_or(0);
            let variables = json!({ "importId": self.import_id, "afterSequence": after });
            match self.api.query::<Data>(POLL, variables).await {
                Ok(data) => {
                    answered = Instant::now();
                    for event in data.import_events {
                        if let Some(settled) = self.take(event) {
                            return Ok(settled);
                        }
                    }
                }
                Err(error) if error.is_passing() && answered.elapsed() < self.patience.unanswered => {}
                Err(error) => return Err(error),
            }
            tokio::time::sleep(self.patience.poll_every).await;
        }
    }

    /// Passes an event on unless it is known already: every connection begins with the state it left. Gives it back when
    /// it is the last.
    fn take(&mut self, event: Event) -> Option<Progress> {
        let progress = event.into_progress();
        let is_new = self.last_sequence.is_none_or(|last| progress.sequence > last);
        if is_new {
            self.last_sequence = Some(progress.sequence);
        }
        if is_new || progress.is_settled() {
            (self.seen)(&progress);
        }
        progress.is_settled().then_some(progress)
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    sequence: u32,
    is_final: bool,
    import: EventImport,
}

#[derive(Deserialize)]
struct EventImport {
    status: String,
    progress: EventProgress,
    #[serde(default)]
    undo: Option<EventUndo>,
}

#[derive(Deserialize)]
struct EventUndo {
    processed: u32,
}

#[derive(Deserialize)]
struct EventProgress {
    phase: String,
    processed: u32,
    total: Option<u32>,
    percent: u32,
    succeeded: u32,
    failed: u32,
    skipped: u32,
}

impl Event {
    fn into_progress(self) -> Progress {
        let EventImport {
            status,
            progress,
            undo,
        } = self.import;
        // What is taken back is counted anew.
        let undone = undo
            .filter(|_| progress.phase == "UNDOING")
            .map(|undo| undo.processed);
        let percent = |processed: u32| match progress.total {
            Some(total) if total > 0 => processed.saturating_mul(100) / total,
            _ => progress.percent,
        };
        Progress {
            sequence: self.sequence,
            status,
            processed: undone.unwrap_or(progress.processed),
            percent: undone.map_or(progress.percent, percent),
            phase: progress.phase,
            total: progress.total,
            succeeded: progress.succeeded,
            failed: progress.failed,
            skipped: progress.skipped,
            is_final: self.is_final,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let patience = Patience::default();
        let pauses: Vec<u128> = (0..8)
            .map(|failures| patience.pause(failures).as_millis())
            .collect();
        assert_eq!(pauses, [250, 250, 500, 1_000, 2_000, 4_000, 5_000, 5_000]);
        assert_eq!(patience.pause(u32::MAX), patience.longest_pause);
    }
}
