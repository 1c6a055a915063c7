//! Seats given to people.
//!
//! A user holds one assignment per product at most. Seats are counted where they are sold (`subscriptions.seats_used`) by one guarded update, and a CHECK
//! in the database says the same: nobody goes past what was bought, on any path and however many try at once.

mod assign;
mod assign_to_users;
pub mod by_group;
mod change;
mod customise;
mod for_all;
mod full;
pub mod holding;
mod people;
mod place;
pub mod read;
pub mod refusals;
mod request;
mod rules;
mod unassign;
pub mod waitlist;

pub use assign::AssignSeats;
pub use assign_to_users::{AssignToUsers, Given};
pub use customise::CustomiseAssignment;
pub use for_all::for_all;
pub use people::Holder;
pub use place::confirmation_key;
pub use read::Assignment;
pub use refusals::together;
pub use request::{Assigned, SeatRequest, SeatSource};
pub use rules::check_last_day;
pub use unassign::{Named, Taken, UnassignSeats, Unassigned, end, give_up, release};

use crate::command::counters::Counters;

/// The seats of a subscription that are taken, and those of them that are kept for somebody who has not accepted yet.
const SEATS: Counters = Counters {
    table: "subscriptions",
    account: "account_id",
    columns: &["seats_used", "seats_reserved"],
    within: Some(("seats_used", "seats")),
};
