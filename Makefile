# The chores of this house. `make demo` needs nothing but a Rust toolchain.
.PHONY: demo run test bench compiler schema fmt lint

demo: compiler ## everything in one process: 5,000 people imported, then a server to look around in
	cargo run --bin muster -- demo

run:     ## the server, configured by the environment
	cargo run --bin muster -- serve

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
