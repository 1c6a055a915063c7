//! What works in the background: mails, jobs, their fairness, and what happens to them when something dies.

mod away;
mod busy;
mod clocks;
mod durability;
mod jobs;
mod loops;
mod mails;
mod objects;
mod retention;
mod support;
