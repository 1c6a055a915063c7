//! One thing done in the background for all who match a filter: seats given or taken back, and whatever else a [`Task`](entity::bulk_job::Task) says.
//!
//! Whom it is for is settled when it is asked for: the people are written down, in order, with the job ([`start`]), so that whoever asks knows how many they are, everybody
//! is come to once, whatever the task does to what the filter asks for, and there is a place for what became of each. It is then worked through a batch in a
//! transaction ([`batch`]) by the command that a click runs ([`task`]), as an import is: a worker that dies leaves whole batches behind, and the next one
//! resumes at `processed`.

mod batch;
mod cancel;
mod event;
mod finish;
mod notice;
mod progress;
pub mod read;
pub mod run;
mod start;
mod step;
mod task;

pub use cancel::CancelBulkJob;
pub use event::BulkJobEvent;
pub use progress::MOST_ITEMS;
pub use read::{BulkJob, BulkJobItem};
pub use start::{Answer, NowOrLater, StartBulkJob};
pub use step::is_final;
