//! Signing in through an identity provider: who is signed in, who is not, and what stays as it was.

pub mod browser;
mod enforced;
mod logout;
mod oddities;
mod people;
pub mod provider;
mod recent;
pub mod setting;
mod stranded;
mod strangers;
mod travel;
mod trial;
mod verdicts;
