//! The pages behind links in mails. They are guests of the public API like any other page.

pub mod invitation;
pub mod password;
