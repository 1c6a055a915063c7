//! Follows an export to its end. Each event is the whole of what there is to know, so a connection that is lost is made anew; where connections keep failing, the export is read again
//! and again.

use std::time::Instant;

use serde::Deserialize;
use serde_json::json;

use super::api::Api;
use super::error::ClientError;
use super::socket::Subscription;
use super::watch::{Patience, Progress};

const SUBSCRIBE: &str = "subscription ExportProgress($id: ID!) {
  exportProgress(exportId: $id) {
    isFinal
    export { status finishedAt progress { sequence phase processed total percent succeeded failed skipped } }
  }
}";

const POLL: &str = "query Export($id: ID!) {
  export(id: $id) { status finishedAt progress { sequence phase processed total percent succeeded failed skipped } }
}";

/// Calls `seen` with what is told, and comes back when the export has come to its end.
pub(super) async fn follow(
    api: &Api,
    export_id: &str,
    patience: &Patience,
    mut seen: impl FnMut(&Progress),
) -> Result<(), ClientError> {
    let mut failures = 0;
    while failures < patience.failed_connections {
        match listen(api, export_id, patience, &mut seen).await {
            Err(error) if error.is_passing() => {
                failures += 1;
                tokio::time::sleep(patience.pause(failures)).await;
            }
            ended => return ended,
        }
    }
    poll(api, export_id, patience, seen).await
}

async fn listen(
    api: &Api,
    export_id: &str,
    patience: &Patience,
    seen: &mut impl FnMut(&Progress),
) -> Result<(), ClientError> {
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        export_progress: Event,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Event {
        is_final: bool,
        export: Seen,
    }
    let variables = json!({ "id": export_id });
    let mut subscription: Subscription<Data> =
        Subscription::open(api, SUBSCRIBE, variables, patience.silence).await?;
    while let Some(data) = subscription.next().await? {
        let Event { is_final, export } = data.export_progress;
        seen(&export.progress());
        if is_final {
            subscription.close().await;
            return Ok(());
        }
    }
    Err(ClientError::Connection(
        "the events ended before the export did".into(),
    ))
}

async fn poll(
    api: &Api,
    export_id: &str,
    patience: &Patience,
    mut seen: impl FnMut(&Progress),
) -> Result<(), ClientError> {
    #[derive(Deserialize)]
    struct Data {
        export: Option<Seen>,
    }
    let mut answered = Instant::now();
    loop {
        match api.query::<Data>(POLL, json!({ "id": export_id })).await {
            Ok(data) => {
                answered = Instant::now();
                let gone = || ClientError::Answer(format!("there is no export {export_id} any more"));
                let progress = data.export.ok_or_else(gone)?.progress();
                seen(&progress);
                if progress.is_final {
                    return Ok(());
                }
            }
            Err(error) if error.is_passing() && answered.elapsed() < patience.unanswered => {}
            Err(error) => return Err(error),
        }
        tokio::time::sleep(patience.poll_every).await;
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Seen {
    status: String,
    finished_at: Option<String>,
    progress: Figures,
}

#[derive(Deserialize)]
struct Figures {
    sequence: u32,
    phase: String,
    processed: u32,
    total: Option<u32>,
    percent: u32,
    succeeded: u32,
    failed: u32,
    skipped: u32,
}

impl Seen {
    fn progress(self) -> Progress {
        let figures = self.progress;
        Progress {
            sequence: figures.sequence,
            status: self.status,
            phase: figures.phase,
            processed: figures.processed,
            total: figures.total,
            percent: figures.percent,
            succeeded: figures.succeeded,
            failed: figures.failed,
            skipped: figures.skipped,
            is_final: self.finished_at.is_some(),
        }
    }
}
