//! Signing in with identity providers nobody here wrote, and with one that means harm.

mod browser;
mod by_hand;
mod hostile;
mod parties;
mod real;
pub mod stage;
