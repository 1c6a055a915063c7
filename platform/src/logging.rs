//! What is logged, and how.

use std::io::IsTerminal;

use tracing::Subscriber;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

use crate::panics;

/// What the crates beneath may say: they know nothing of secrets, and log whole requests, frames and signed links below these levels. The store says itself what is
/// its own fault and what a stranger's, whom `s3s` takes for an error.
const BENEATH: &str = "warn,s3s=off,s3s_fs=error,sqlx=error";

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

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::panic;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    impl Lines {
        /// What is logged when something panics, at the levels asked for.
        fn of_a_panic(asked: &str) -> String {
            let lines = Self::default();
            let writer = lines.clone();
            let log = json_lines(asked, move || writer.clone());
            tracing::subscriber::with_default(log, || {
                let _ = panic::catch_unwind(|| panic!("seven is too much"));
            });
            let bytes = lines.0.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap()
        }
    }

    /// In one test, because a process has one panic hook.
    #[test]
    fn a_panic_is_an_error_with_its_place_at_every_level_and_one_nobody_wants_to_hear_goes_the_way_of_all_panics()
     {
        let without_a_log = Arc::new(Mutex::new(0));
        let counted = without_a_log.clone();
        panic::set_hook(Box::new(move |_| *counted.lock().unwrap() += 1));
        panics::watch();
        for asked in [
            "",
            "info",
            "warn",
            "error",
            "trace",
            "muster=debug",
            "hyper=trace",
            "nonsense!",
        ] {
            let line = Lines::of_a_panic(asked);
            assert!(line.contains(r#""level":"ERROR""#), "{asked}: {line}");
            assert!(
                line.contains("logging.rs:") && line.contains("seven is too much"),
                "{asked}: {line}"
            );
        }
        assert_eq!(*without_a_log.lock().unwrap(), 0);
        assert_eq!(Lines::of_a_panic("off"), "");
        assert_eq!(
            *without_a_log.lock().unwrap(),
            1,
            "it stands on standard error all the same"
        );
    }
}
