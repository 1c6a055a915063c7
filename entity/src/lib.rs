//! The tables, one file each. No rules and no GraphQL live here.

pub mod account;
pub mod ids;
