//! Signing in through an identity provider: who comes in, who does not, and what stays as it was.

pub mod browser;
mod enforced;
mod logout;
mod people;
pub mod provider;
pub mod setting;
mod stranded;
mod strangers;
mod travel;
mod trial;
