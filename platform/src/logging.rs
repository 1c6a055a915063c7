//! What is logged, and how.

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::panics;

/// What the crates beneath may say: they know nothing of secrets, and log whole requests, frames and signed links below these levels.
const BENEATH: &str = "warn,s3s=error,s3s_fs=error,sqlx=error";

/// Our own crates, which a level by itself speaks of.
const OWN: [&str; 3] = ["muster", "platform", "graphql"];

/// Logs to standard error from now on: plain lines where a person looks on, JSON lines elsewhere.
pub fn start(asked: &str) {
    panics::watch();
    if std::io::stderr().is_terminal() {
        let plain = tracing_subscriber::fmt().with_env_filter(filter(asked));
        plain.with_writer(std::io::stderr).init();
    } else {
        let json = json_lines(asked, std::io::stderr);
        // It fails only where logging has been started before, and then there is a log.
        let _ = tracing::subscriber::set_global_default(json);
    }
}

/// One JSON object a line.
pub fn json_lines<W>(asked: &str, writer: W) -> impl Subscriber + Send + Sync
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let lines = tracing_subscriber::fmt().with_env_filter(filter(asked));
    lines.with_writer(writer).json().finish()
}

/// A level by itself speaks of Muster; another crate is heard where its name is given (`hyper=trace`).
fn filter(asked: &str) -> EnvFilter {
    let is_level = |directive: &&str| directive.parse::<LevelFilter>().is_ok();
    let (levels, named): (Vec<&str>, Vec<&str>) = asked.split(',').map(str::trim).partition(is_level);
    let own = levels
        .iter()
        .flat_map(|level| OWN.map(|name| format!("{name}={level}")));
    let named = named.into_iter().map(str::to_owned);
    let directives = std::iter::once(BENEATH.to_owned()).chain(own).chain(named);
    EnvFilter::builder().parse_lossy(directives.collect::<Vec<_>>().join(","))
}
