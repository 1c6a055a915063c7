//! What happens after a command has committed: jobs and mails are rows of its transaction ([`jobs`], [`outbox`]), and are done and sent by whoever comes
//! first ([`worker`], [`delivery`]).

pub mod delivery;
pub mod jobs;
pub mod outbox;
pub mod worker;
