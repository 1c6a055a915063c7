//! What happens after a command has committed: jobs and mails are rows of its transaction ([`jobs`], [`outbox`]), and are taken in hand by whoever comes
//! first ([`worker`]), account by account ([`queue`]), each under a lease of its own ([`lease`], [`claim`], [`sending`]). Once a
//! day what is old is cleared away ([`chores`], [`retention`], [`objects`]).

mod audit_term;
pub mod chores;
pub mod claim;
pub mod delivery;
pub mod digests;
pub mod given_up;
pub mod hand_over;
pub mod jobs;
pub mod lease;
mod letters;
pub mod loops;
pub mod objects;
pub mod offered;
pub mod outbox;
pub mod queue;
pub mod retention;
pub mod sending;
mod turns;
pub mod upkeep;
pub mod worker;

/// The longest text that is kept of a failure, in characters: relays are talkative.
const LONGEST_REASON: usize = 1_000;

/// A failure's text as it is kept: bounded, and without what PostgreSQL cannot store.
fn kept(reason: &str) -> String {
    reason
        .chars()
        .filter(|c| *c != '\0')
        .take(LONGEST_REASON)
        .collect()
}
