//! What the demo shows: people who do not exist, in numbers and with the slips that real files have.

mod bystanders;
mod classic;
mod connect;
mod dice;
mod life;
mod names;
mod person;
mod provider;
mod run;
mod sample;
mod shown;
mod slips;
mod year;

pub use run::{DemoArgs, run};
pub use sample::{SMALLEST_WITH_SLIPS, sample_csv};
pub use slips::{EXPECTED_DUPLICATES, EXPECTED_FAILURES, Slip};
