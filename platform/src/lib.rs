//! The real parts the house stands on, behind small faces: database, wakes, jobs, mail, storage, secrets, the clock, the log, and
//! the way out to other people's servers.

pub mod arrays;
pub mod clock;
pub mod db;
pub mod events;
pub mod jobs;
pub mod logging;
pub mod mail;
pub mod nul;
pub mod outbound;
pub mod outbox;
pub mod resolver;
pub mod seal;
pub mod secrets;
pub mod storage;
