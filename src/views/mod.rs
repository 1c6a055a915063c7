//! The two views of user management, and going over from one to the other.
//!
//! In the current view a primary, secondary and SSO administrators manage people; in the classic view contract managers and software coordinators do. Who manages
//! people in one view does so in the other: only what the role is called, and what comes with it, changes ([`mapping`]).

pub mod mapping;
mod switch;

pub use switch::{Preview, SwitchView};

/// People a preview shows at most; its counts are of all.
pub const MOST_SHOWN: usize = 100;
