//! Messages to one user, shown in the app, and the ways by which people hear of things.
//!
//! Ids are in the order in which notifications are committed within an account: whoever writes one holds the account's lock and numbers it behind the last that
//! is there. So whoever has seen one has seen all before it, and goes on behind it without missing any.

pub mod digest;
mod mark;
mod notify;
mod prefer;
pub mod read;
pub mod watch;
mod ways;

pub use mark::{MarkRead, Which};
pub use notify::{Notice, notify, notify_each, notify_who_may, who_may};
pub use prefer::UpdatePreferences;
pub use read::Notification;
pub use ways::{Preference, Told, Way};
