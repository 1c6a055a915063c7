//! Groups: who is in them has what they give, and gives it back on leaving; never twice, never less.

mod changing;
mod files;
mod holding;
mod inputs;
mod lists;
mod page;
mod people;
mod sign_in;
mod statements;
mod storm;
pub mod support;
