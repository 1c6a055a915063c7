//! The real parts the house stands on, behind small faces: database, wakes, jobs, mail, storage, secrets and the clock.

pub mod clock;
pub mod db;
pub mod events;
pub mod jobs;
pub mod mail;
pub mod outbox;
pub mod seal;
pub mod secrets;
pub mod storage;
