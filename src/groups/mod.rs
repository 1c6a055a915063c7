//! Groups: named sets of people, and the subscriptions whose seats every member gets.
//!
//! - A member has a seat of each product that a group of theirs gives, or waits for one; it is free again when none of their groups gives it any more, unless somebody gave it by hand too
//!   (`assignments::by_group`).
//! - Disabled members stay in their groups and hold nothing until they are enabled. Who is removed, or whose invitation is revoked, is in no group any more.
//! - Whatever changes members or subscriptions gives and frees the seats in its own transaction, and can be rehearsed to see which.

mod create;
mod delete;
mod find;
mod join;
mod leave;
mod members;
pub mod names;
pub mod read;
mod rules;
mod seats;
mod subscriptions;
mod update;

pub use create::CreateGroup;
pub use delete::{DeleteGroup, Deleted};
pub use find::{named, one, subscriptions};
pub use join::{Joined, join};
pub use leave::{leave_all, leave_by};
pub use members::{AddGroupMembers, Changed, RemoveGroupMembers};
pub use read::Group;
pub use seats::{SeatChange, changes};
pub use subscriptions::{Equipped, SetGroupSubscriptions};
pub use update::UpdateGroup;

use crate::command::counters::Counters;

/// How many are in a group.
const MEMBERS: Counters = Counters {
    table: "user_groups",
    account: "account_id",
    columns: &["member_count"],
    within: None,
};
