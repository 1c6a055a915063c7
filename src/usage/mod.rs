//! Usage: what people did with products, by person, product and day.
//!
//! - The days are the truth. A record is added to the day it is of, once: the day remembers the keys of its records, so that a record that comes again changes nothing.
//! - Sums are kept beside them in the same transaction: by person and month, from which reports count people, and by product and day, week and month, which are the points of a
//!   series. So what a year costs to read does not grow with its days (decision 0045).
//! - When somebody last used a product is read from the months. It is what `reclaimableSeats` goes by, and no second place says it.
//!
//! A day is of whoever sent it, in their time zone: one that begins somewhere before it does here is no day of the future.

mod book;
mod concerned;
mod judge;
pub mod last;
mod period;
pub mod read;
mod record;
mod sums;

pub use period::{Granularity, Period};
pub use record::{RecordUsage, Recorded, UsageRecord};
pub use sums::unused_in;
