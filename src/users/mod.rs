//! People in an account: what may be written about them and how lists of them are read.

pub mod recipients;
pub mod rules;
