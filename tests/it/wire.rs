//! The transports over real TCP, with a small schema of their own: what every client meets, whatever the product's schema is.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "helpers of tests fail by panicking, as tests do"
)]
#![expect(clippy::unused_async, reason = "resolvers are async by their trait")]

mod graphiql;
mod http;
mod server;
mod socket;
