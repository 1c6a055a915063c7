//! Seats given to people.
//!
//! A user holds one assignment per product at most. Seats are counted where they are sold (`subscriptions.seats_used`) by one guarded update, and a CHECK
//! in the database says the same: nobody goes past what was bought, on any path and however many try at once.

pub mod again;
mod assign;
mod full;
pub mod read;
pub mod refusals;
mod rules;
mod unassign;

use entity::account;
use sea_orm::EntityTrait;
use uuid::Uuid;

pub use assign::{AssignSeats, Assigned, SeatRequest, SeatSource};
pub use read::Assignment;
pub use refusals::together;
pub use unassign::{UnassignSeats, Unassigned, release};

use crate::command::Work;
use crate::error::Result;

/// For mails.
async fn account_name(work: &Work, account_id: Uuid) -> Result<String> {
    let account = account::Entity::find_by_id(account_id).one(work.reader()).await?;
    Ok(account.map(|account| account.name).unwrap_or_default())
}
