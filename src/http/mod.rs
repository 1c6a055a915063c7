//! What is spoken over HTTP beside GraphQL: signing in, single sign-on and the pages behind links in mails; and who sends a request at all.

pub mod auth;
mod authenticate;
mod gateway;
mod origin;
pub mod pages;
pub mod sso;

pub use gateway::Gateway;
