//! Cloud credits: an append-only ledger of what was granted, consumed, adjusted and has lapsed (decision 0049).
//!
//! - An account's credits are kept from the day on which its seller first says something of them: a grant, an adjustment, or whether it may overdraw. Before that use has its
//!   credits told of, and nothing is taken.
//! - What is added is a *lot*, with what is left of it and the last day on which it is good. What is consumed is taken from the lots: from the one that lapses first, and last from
//!   those that do not.
//! - The balance is never lower than what is left of the lots, unless the account may overdraw; then what is added pays for that first. Three things hold this: the account's lock,
//!   [`Purse`], which refuses, and the database, which has the sums from its entries and a `CHECK` over them.
//! - Nothing is changed afterwards. What was wrong is mended by an adjustment.

mod amount;
pub mod expire;
mod notice;
mod purse;
pub mod read;
mod settings;

pub use amount::Credits;
pub use purse::{Add, Purse, Short, Used};
pub use settings::{NOTICE_PERCENTS, UpdateCreditSettings};
