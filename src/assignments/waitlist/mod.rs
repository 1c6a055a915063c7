//! Waiting for a seat.
//!
//! Whoever waits, waits for a product, in one line of the account for each; whichever of its subscriptions has a seat gives it. A seat is given in the very transaction that frees one, or
//! adds one: [`GIVE`] follows from every way in which that happens, and those are in `assignments` and where seats are sold. While seats are free, nobody waits.

mod give;
mod leave;
mod rank;
pub mod read;
mod stand;

pub use give::{GIVE, give};
pub use leave::{LeaveWaitlist, end, leave};
pub use rank::MoveWaitlistEntry;
pub use read::WaitlistEntry;
pub use stand::Line;
