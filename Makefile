# The chores of this house. `make demo` needs nothing but a Rust toolchain.
.PHONY: demo run test bench schema fmt lint

demo:    ## a server with sample data, mailbox and identity provider of its own
	cargo run --bin muster -- demo

run:     ## the server, configured by the environment
	cargo run --bin muster -- serve

test:    ## lints, format and all tests, against real servers
	scripts/test.sh

bench:   ## load and import benchmarks
	scripts/bench.sh

schema:  ## exports the public contract
	cargo run --bin muster -- schema > schema.graphql.new
	mv schema.graphql.new schema.graphql

fmt:
	cargo fmt

lint:
	cargo clippy --all-targets --workspace -- -D warnings
	cargo fmt --check
