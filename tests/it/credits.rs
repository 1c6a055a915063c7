//! Cloud credits: granted, consumed, lapsed and mended in a ledger that only grows.

mod database;
mod lapsing;
mod notices;
mod operating;
mod page;
mod reading;
mod support;
mod taking;
