//! Notifications: listed, marked, told as they come, and by which ways.

mod days;
mod lists;
mod page;
mod support;
mod watching;
mod ways;
