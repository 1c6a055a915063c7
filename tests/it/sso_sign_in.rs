//! Signing in through an identity provider: who is signed in, who is not, and what stays as it was.

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
