//! What is secret reaches no log, no audit trail and no other row, whatever way it came and whether it was good or not.

mod canaries;
mod ways;

use std::io::Write;
use std::sync::{Arc, Mutex, OnceLock};

use muster::platform::logging;
use rstest::rstest;
use serde_json::Value;
use tracing_subscriber::fmt::MakeWriter;

use crate::sso_sign_in::provider::CLIENT_SECRET;
use crate::sso_sign_in::setting::Setting;
use crate::support::rows::{as_text, tables};
use crate::support::{Database, PASSWORD};
use canaries::Canaries;

/// The log of this process, as `serve` writes it when it is asked for everything.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Whoever comes first starts it.
    fn started() -> Self {
        static LOG: OnceLock<Log> = OnceLock::new();
        let start = || {
            let log = Self::default();
            tracing::subscriber::set_global_default(logging::json_lines("trace", log.clone())).unwrap();
            log
        };
        LOG.get_or_init(start).clone()
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        self.clone()
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn no_secret_is_logged_or_stored_whatever_way_it_came(
    #[values(Database::Sqlite, Database::Postgres)] database: Database,
) {
    let log = Log::started();
    let setting = Setting::open(database).await;
    let mut canaries = Canaries::default();
    canaries.keep("password", PASSWORD);
    canaries.keep("client secret", CLIENT_SECRET);
    canaries.keep("access token", setting.team.admin.token.as_ref().unwrap());

    ways::by_password(&setting, &mut canaries).await;
    ways::by_graphql(&setting, &mut canaries).await;
    ways::by_socket(&setting, &mut canaries).await;
    ways::by_mail(&setting, &mut canaries).await;
    ways::by_upload(&setting, &mut canaries).await;
    ways::by_configuration(&setting, &mut canaries).await;
    ways::by_provider(&setting, &mut canaries).await;
    ways::by_failure(&setting, &mut canaries).await;

    setting.house.settle_mails().await;
    let text = log.text();
    for told in [
        "BROWSER_MISMATCH",
        "a sign-in request failed",
        "single sign-on failed",
        "TOKEN_REQUEST_FAILED",
        "a logout token was refused",
        "a spent refresh token came back",
    ] {
        assert!(text.contains(told), "the log does not tell of {told}");
    }
    canaries.assert_absent("the log", &text);
    for line in text.lines() {
        assert!(
            serde_json::from_str::<Value>(line).is_ok(),
            "no line of its own: {line}"
        );
    }
    let connection = setting.house.connection().await;
    for table in tables(&connection).await {
        let rows = as_text(&connection, database, &table).await;
        canaries.assert_absent(&table, &rows.join("\n"));
    }
    connection.close().await.unwrap();
    setting.close().await;
}

#[test]
fn what_is_looked_for_would_be_found() {
    let mut canaries = Canaries::default();
    let secret = canaries.keep("secret", "a secret of some length");
    let found = |text: String| std::panic::catch_unwind(|| canaries.assert_absent("here", &text)).is_err();
    assert!(found(format!("{{\"message\":\"{secret}\"}}")));
    assert!(found("?secret=a+secret+of+some+length".to_owned()));
    assert!(!found("nothing of the kind".to_owned()));
}

#[test]
fn a_level_speaks_of_muster_and_others_are_heard_by_name() {
    let heard = |asked: &str| {
        let log = Log::default();
        tracing::subscriber::with_default(logging::json_lines(asked, log.clone()), || {
            tracing::trace!(target: "muster::users", "own trace");
            tracing::info!(target: "muster::users", "own info");
            tracing::trace!(target: "hyper::proto", "foreign trace");
            tracing::warn!(target: "hyper::proto", "foreign warning");
            tracing::warn!(target: "s3s::service", "foreign request");
        });
        let text = log.text();
        let lines = [
            "own trace",
            "own info",
            "foreign trace",
            "foreign warning",
            "foreign request",
        ];
        lines
            .into_iter()
            .filter(|line| text.contains(line))
            .collect::<Vec<_>>()
    };
    assert_eq!(heard("info"), ["own info", "foreign warning"]);
    assert_eq!(heard("trace"), ["own trace", "own info", "foreign warning"]);
    assert_eq!(
        heard("muster=trace,warn"),
        ["own trace", "own info", "foreign warning"]
    );
    assert_eq!(heard("warn,hyper=trace"), ["foreign trace", "foreign warning"]);
    assert_eq!(heard("not=a=filter"), ["foreign warning"]);
}
