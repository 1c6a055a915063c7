//! The public contract: what is committed is what is served, and the tools that apps are built with take it. That every rule written in it is kept is
//! shown by `access_matrix`.

mod descriptions;

use std::path::Path;

use crate::support::node::run;

#[test]
fn the_committed_schema_is_the_one_that_is_served() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema.graphql");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(
        committed == muster::api::sdl(),
        "schema.graphql is out of date; `make schema` writes it"
    );
}

/// Runs a check of `tests/npm/contract` over the committed schema.
async fn check(name: &str) {
    let ran = run(&format!("contract/{name}.js"), &[]).await;
    assert!(
        ran.status.success(),
        "{}{}",
        String::from_utf8_lossy(&ran.stdout),
        String::from_utf8_lossy(&ran.stderr)
    );
}

#[tokio::test]
async fn the_reference_implementation_builds_the_schema_and_every_operation_written_down_anywhere_is_one_of_it()
 {
    check("validate").await;
}

#[tokio::test]
async fn graphql_codegen_makes_the_types_of_an_app() {
    check("codegen").await;
}

#[tokio::test]
async fn the_relay_compiler_makes_the_artifacts_of_an_app() {
    check("relay").await;
}

#[tokio::test]
async fn graphql_eslint_finds_nothing_to_say() {
    check("lint").await;
}
