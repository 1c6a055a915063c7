//! Contracts: the agreements that hold subscriptions. In the classic view each has a manager.
//!
//! - A contract of a classic account has one manager, always. They hand it over, in one transaction; they are not disabled, removed or given another role before.
//! - Whoever manages a contract has the role of a contract manager; whoever manages none any more is a software coordinator.
//! - Who managed which contract is remembered while the account works with the current view.

pub mod managers;
mod read;
mod transfer;

pub use read::{Contract, page};
pub use transfer::{TransferContract, Transferred};
