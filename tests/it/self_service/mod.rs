//! What people do for themselves: asking for products, their profile, their address, their sessions, and support.

mod addresses;
mod asking;
mod deciding;
mod helping;
mod page;
mod profile;
mod support;
