#!/usr/bin/env bash
# Everything that must hold before a change is merged: lints, format, and all tests against real servers.
# Further arguments go to the test runner: scripts/test.sh storage
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"
TOOLS=${MUSTER_TOOLS_DIR:-$ROOT/target/tools}

step() { echo "[$(printf '%4d' "$SECONDS") s] $*"; }

CLUSTER=$(mktemp -d "${TMPDIR:-/tmp}/muster-postgres.XXXXXX")
clean_up() {
    local status=$?
    trap - EXIT
    step "stopping PostgreSQL"
    if [ -n "$(ls -A "$CLUSTER" 2>/dev/null)" ]; then
        scripts/postgres.sh stop "$CLUSTER" || true
    else
        rm -rf "$CLUSTER"
    fi
    if [ "$status" -eq 0 ]; then step "all is well"; else step "failed with status $status"; fi
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

step "fetching test tools"
scripts/tools.sh

step "starting PostgreSQL"
MUSTER_TEST_POSTGRES_URL=$(scripts/postgres.sh start "$CLUSTER")
export MUSTER_TEST_POSTGRES_URL
export MUSTER_TEST_MOTO=$TOOLS/python/bin/moto_server
export MUSTER_TEST_SMTPD=$TOOLS/python/bin/python
export MUSTER_TEST_CANAILLE=$TOOLS/python/bin/python
export MUSTER_TEST_DEBIAN=$TOOLS/debian/root
if [ -d tests/npm/node_modules ]; then export MUSTER_TEST_NODE_MODULES=$ROOT/tests/npm/node_modules; fi

step "checking and building the console"
scripts/console.sh check

step "checking the format"
cargo fmt --check

# The linter compiles as well: what everything depends on is built once, where `cargo clippy` would look through all of it before it is built.
if LINTER=$(command -v clippy-driver); then
    export RUSTC_WORKSPACE_WRAPPER=$LINTER CLIPPY_ARGS=-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__
    step "building, and linting"
    cargo build --workspace --all-targets
else
    step "linting"
    cargo clippy --workspace --all-targets -- -D warnings
    step "building"
    cargo build --workspace --all-targets
fi

step "testing"
if command -v cargo-nextest >/dev/null; then
    cargo nextest run --workspace --exclude bench "$@"
else
    cargo test --workspace --exclude bench "$@"
fi

# What was asked for by name was something else.
if [ "$#" -eq 0 ]; then
    step "using the console in a browser"
    (cd web && MUSTER_BINARY=${CARGO_TARGET_DIR:-$ROOT/target}/debug/muster npm run --silent browser)
fi
