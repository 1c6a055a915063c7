//! Imports: one CSV file of people, and everything done with it.
//!
//! A file is uploaded to storage, pinned ([`start`]), and worked through in the background ([`run`]) whoever watches. Parsing ([`parse`]) and judging
//! ([`judge`]) are pure; a batch of rows is one transaction ([`batch`]) that holds users, seats, invitations, mails, the rows' outcomes, the counters and the
//! event that tells of them. So a worker that dies at any moment leaves whole batches behind, and the next one resumes at `processed`.
//!
//! A dry run is the same work taken back: it cannot promise what the run would not do.

mod batch;
mod cancel;
mod confirm;
pub mod event;
mod finish;
pub mod formula;
mod judge;
pub mod mapping;
pub mod nearest;
mod notice;
pub mod parse;
mod people;
mod portion;
pub mod preview;
mod products;
pub mod progress;
pub mod read;
pub mod report;
pub mod report_link;
pub mod run;
mod start;
mod start_once;
pub mod step;
mod take;
mod undo;

pub use cancel::CancelImport;
pub use confirm::ConfirmImport;
pub use read::{Import, ImportRow};
pub use start::StartImport;
pub use start_once::StartImportOnce;
pub use undo::UndoImport;
