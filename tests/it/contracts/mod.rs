//! Contracts and subscriptions: written down, renewed and ended, and what becomes of the seats.

mod costs;
mod forecast;
mod inputs;
mod operator;
mod page;
mod seats;
pub mod support;
mod terms;
mod upkeep;
