//! The console, and the pages behind links in mails. They are guests of the public API like any other.

pub mod address;
pub mod console;
pub mod invitation;
pub mod password;
