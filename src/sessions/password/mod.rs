//! Passwords: which are good enough, how they are kept, and how a person chooses, changes, forgets and gives them again.

pub mod change;
pub mod confirm;
pub mod forgot;
pub mod guess;
pub mod hash;
mod names;
mod proof;
pub mod reset;
mod rules;
mod set;
mod unclaimed;

pub use hash::hash;
pub use proof::Unproven;
pub use rules::{MAX_PASSWORD_CHARACTERS, MIN_PASSWORD_CHARACTERS, check_password};
