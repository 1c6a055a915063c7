//! The command line as a client: `muster import`, `muster assign`, `muster unassign` and `muster usage record` bring a file to a server, wherever that is, and `muster export` fetches one.
//!
//! It is a guest like any other and uses nothing but the public API, over HTTP and the `graphql-transport-ws` protocol.
//! So whatever works here works for the programs of others, and the demo shows the real thing. Nothing in this folder
//! touches the database, the object store's credentials or the inside of the server.
//!
//! The way of a file: `upload` (to the object store, under a link the server made) → `import` (starts it and tells how it
//! went) → `watch` (progress that survives dropped connections) over `socket` → `summary`. The way of an export: `export` (asks for it) → `follow` → the file.

mod api;
mod assign;
mod bar;
mod error;
mod export;
mod follow;
mod import;
mod print;
mod socket;
mod summary;
mod undo;
mod upload;
mod usage;
mod watch;

pub use api::{Api, sign_in};
pub use assign::{AssignArgs, UnassignArgs, assign, unassign};
pub use error::{ClientError, TopLevelError, UserError};
pub use export::{ExportArgs, Exported, export};
pub use import::{ImportArgs, import, run};
pub use summary::Summary;
pub use undo::{UndoArgs, undo};
pub use upload::upload;
pub use usage::{RecordArgs, RecordSummary, UsageArgs, record, usage};
pub use watch::{Patience, Progress, watch};
