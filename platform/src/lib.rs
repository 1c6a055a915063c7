//! The real parts Muster stands on, behind small faces: database, wakes, mail transport, storage, secrets, the clock, the log, and
//! the way out to other people's servers.
//!
//! Knows no command, no right and no error code of Muster's: what goes wrong here is an [`Error`] of its own, which says no more than callers must
//! tell apart.

pub mod arrays;
pub mod clock;
pub mod constants;
pub mod db;
mod error;
pub mod events;
pub mod logging;
pub mod mail;
pub mod outbound;
pub mod panics;
pub mod resolver;
pub mod seal;
pub mod secrets;
pub mod stamp;
pub mod storage;

pub use error::{Error, Result};
