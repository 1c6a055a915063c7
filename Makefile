# The chores of this house. `make demo` needs nothing but a Rust toolchain; with Node, which it fetches on Debian, it has the console too.
.PHONY: demo run console test bench compiler schema fmt lint

demo: compiler ## everything in one process: 5,000 people imported, then a server to look around in
	@scripts/console.sh || echo "The console was not built, for the reason above; everything else works without it." >&2
	cargo run --bin muster -- demo

run:     ## the server, configured by the environment
	cargo run --bin muster -- serve

console: ## what administrators see, built for the binary to carry
	scripts/console.sh

test: compiler ## lints, format and all tests, against real servers
	scripts/test.sh

bench: compiler ## load and import benchmarks
	scripts/bench.sh

compiler: ## what Rust needs to link, where it is missing
	@command -v cc >/dev/null || scripts/install.sh gcc libc6-dev

schema:  ## exports the public contract
	cargo run --bin muster -- schema > schema.graphql.new
	mv schema.graphql.new schema.graphql

fmt:
	cargo fmt

lint:
	cargo clippy --all-targets --workspace -- -D warnings
	cargo fmt --check
