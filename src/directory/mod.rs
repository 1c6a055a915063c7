//! What is unique or asked for over all accounts: slugs, verified domains, whose a provider is, and in which accounts a person is.
//!
//! The tables of accounts can be distributed by account; whatever would have to look at all of them looks here first. A directory is written in the
//! transaction of what it names, so that it never says anything else (decision 0018). It says where to look: whoever is sent to an account asks the
//! account's own rows.

pub mod domains;
pub mod people;
pub mod providers;
pub mod slugs;
