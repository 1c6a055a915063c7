//! Messages to one user, shown in the app.

mod notify;
pub mod read;

pub use notify::{Notice, notify, notify_each, notify_who_may, who_may};
pub use read::Notification;
