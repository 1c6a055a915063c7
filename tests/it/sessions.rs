//! Signing in, staying so, and being signed out.

mod admission;
mod devices;
mod endpoints;
mod keys;
mod passwords;
mod renewing;
mod signing_in;
mod support;
mod switching;
