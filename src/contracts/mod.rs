//! Contracts: the agreements that hold subscriptions. In the classic view each has a manager.
//!
//! - A renewal moves the last day of a contract, and that of the subscriptions that would end with it. Trials end when they end.
//! - There are never fewer seats than are held: fewer are refused, or hold from the next term on, as far as they are free by then.
//! - What is over keeps its seats; they are shown as lapsed, and nothing is deleted.
//! - A contract of a classic account has one manager, always. They hand it over, in one transaction; they are not disabled, removed or given another role before.
//! - Whoever manages a contract has the role of a contract manager; whoever manages none any more is a software coordinator.
//! - Who managed which contract is remembered while the account works with the current view.

mod amend;
mod create;
mod find;
pub mod managers;
mod notice;
mod read;
mod renew;
mod rules;
mod sale;
mod subscribe;
mod terminate;
mod terms;
mod transfer;
mod update;
pub mod upkeep;

pub use amend::UpdateSubscription;
pub use create::{CreateContract, RENEWAL_MONTHS};
pub use find::{ContractRef, SubscriptionRef, numbered};
pub use read::{Contract, of_account, page};
pub use renew::RenewContract;
pub use rules::{Status, status};
pub use sale::{Change, Sale};
pub use subscribe::{Booking, CreateSubscription, Made, book};
pub use terminate::TerminateContract;
pub use transfer::{TransferContract, Transferred};
pub use update::UpdateContract;
