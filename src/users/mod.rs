//! People in an account: what may be written about them, how they are added and how lists of them are read.
//!
//! A user is `STAGED` (known, not invited), `PENDING` (invited), `ACTIVE` or `DISABLED`; a removed one leaves a tombstone. Whoever changes a status
//! keeps the account's counters in the same transaction ([`counters`](crate::accounts::counters)). Roles, disabling and removing are in [`lifecycle`].

pub mod filter;
pub mod in_groups;
pub mod invite;
pub mod invite_one;
mod invite_plan;
pub mod invitee;
mod known;
pub mod lifecycle;
mod like;
pub mod ordering;
mod plans;
pub mod read;
pub mod recipients;
pub mod reclaim;
pub mod rewriting;
pub mod search;
pub mod seats;
pub mod send_invitations;
pub mod update;
pub mod upkeep;
pub mod used;

pub use read::User;
