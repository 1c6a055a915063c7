#!/usr/bin/env bash
# Load and import benchmarks: builds both programs for release and prints tables. Nothing is written into the tree.
# With DATABASE_URL the PostgreSQL of that address is used (databases named muster_bench_… are made in it and dropped), without it a private one.
# Further arguments go to the benchmark: scripts/bench.sh --only imports
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$ROOT"

SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/muster-bench.XXXXXX")
clean_up() {
    local status=$?
    trap - EXIT
    if [ -n "$(ls -A "$SCRATCH/cluster" 2>/dev/null)" ]; then scripts/postgres.sh stop "$SCRATCH/cluster" || true; fi
    rm -rf "$SCRATCH"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# In one go, so that what both depend on is built once.
cargo build --release --package muster --package bench
PROGRAMS=$(cargo metadata --format-version 1 --no-deps --offline | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')/release

mkdir "$SCRATCH/servers"
OPTIONS=(--scratch "$SCRATCH/servers")
if [ -z "${DATABASE_URL:-}" ]; then
    # The server's own user must be able to get into its folder.
    chmod 755 "$SCRATCH"
    DATABASE_URL=$(scripts/postgres.sh start "$SCRATCH/cluster")
    export DATABASE_URL
    OPTIONS+=(--private)
fi
"$PROGRAMS/bench" run "${OPTIONS[@]}" "$@"
