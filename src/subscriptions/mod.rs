//! Product subscriptions: what an account bought, and how many of its seats are taken.

pub mod graphql;
mod read;
pub mod rules;
mod seats;

pub use graphql::Subscription;
pub use seats::SeatCounts;
