//! Exports: what an account has, at one moment, as a file.
//!
//! What is asked for is kept ([`request`]) and worked through in the background ([`run`]): rows are read in batches within one snapshot of the database, each kind of them by a
//! [`listing`], written as lines ([`lines`]) and stored piece by piece. Memory is that of one piece, however many rows there are.
//!
//! A file is offered when it is whole and its row says so, and never before. A worker that dies leaves pieces to which its row leads; the next one takes them away and starts over, under
//! another key, so that nothing the dead one may still write is anybody's file.

mod book;
mod cancel;
pub mod lines;
pub mod link;
mod listing;
pub mod progress;
pub mod read;
pub mod request;
pub mod run;
mod start;
pub mod step;

pub use cancel::CancelExport;
pub use read::Export;
pub use start::StartExport;
