//! Signing in through an identity provider: who comes in, who does not, and what stays as it was.

mod browser;
mod enforced;
mod logout;
mod people;
mod provider;
mod setting;
mod stranded;
mod strangers;
mod travel;
mod trial;
