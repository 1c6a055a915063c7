//! Usage: what metering systems record, and the reports that are read from it.

mod page;
mod pages_of_rows;
mod recording;
mod reports;
mod sample;
mod seats;
pub mod support;
mod who_records;
