//! Messages to one user, shown in the app.

pub mod graphql;
mod notify;

pub use graphql::Notification;
pub use notify::{Notice, notify, notify_who_may};
