//! Signing in, staying so, and being shown out.

mod admission;
mod endpoints;
mod renewing;
mod signing_in;
mod support;
