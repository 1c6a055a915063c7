//! Asking for a product one does not have, and deciding about it.
//!
//! A person has one open request for a product. Whoever may give seats is told and decides; approving gives a seat by the very command that gives any other, so
//! no rule about seats is written here.

mod approve;
mod ask;
mod decided;
mod decline;
pub mod read;
mod rules;

pub use approve::{Approve, Approved};
pub use ask::Ask;
pub use decline::Decline;
pub use read::AccessRequest;
