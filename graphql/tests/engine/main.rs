//! The engine, seen from outside, over the schema of `schema.graphql`.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking, and so do some of its handlers"
)]

mod differential;
mod hostile;
mod items;
mod page;
mod reference;
mod room;
mod roots;
mod turns;
mod validation;

use graphql::Schema;

use self::roots::{Mutation, Query, Subscription};

fn schema() -> Schema {
    Schema::new::<Query, Mutation, Subscription>()
}
