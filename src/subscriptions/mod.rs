//! Product subscriptions: what an account bought, and how many of its seats are taken.

pub mod days;
pub mod forecast;
pub mod read;
pub mod rules;
mod seats;
pub mod watch;

pub use read::Subscription;
pub use seats::SeatCounts;
