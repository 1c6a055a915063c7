//! The audit log as it is read: who did what or was refused, to what, from where.
//!
//! It is written by [`command`](crate::command) alone, row by row with what it tells of; nothing here changes any. Whoever reads it sees of people who were removed neither
//! name nor address ([`masking`]), and whether it is whole can be proven ([`verify`]).

pub mod filter;
pub mod finding;
pub mod masking;
pub mod read;
pub mod verify;

use serde::{Deserialize, Serialize};

use crate::read::account_row;

account_row! {
    /// Something that was done or refused.
    AuditEvent, audit_event
}

/// What acted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    User,
    ApiToken,
    IdentityProvider,
    System,
    Support,
}

impl ActorKind {
    const ALL: [Self; 5] = [
        Self::User,
        Self::ApiToken,
        Self::IdentityProvider,
        Self::System,
        Self::Support,
    ];

    /// As it is stored.
    pub const fn text(self) -> &'static str {
        match self {
            Self::User => "USER",
            Self::ApiToken => "API_TOKEN",
            Self::IdentityProvider => "IDENTITY_PROVIDER",
            Self::System => "SYSTEM",
            Self::Support => "SUPPORT",
        }
    }

    /// As it was stored. What no release has written was done by no person.
    fn of(text: &str) -> Self {
        let known = Self::ALL.into_iter().find(|kind| kind.text() == text);
        known.unwrap_or(Self::System)
    }
}

/// One value that was changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

impl AuditEvent {
    pub fn actor_kind(&self) -> ActorKind {
        ActorKind::of(&self.0.actor_kind)
    }

    /// As they were stored; [`Masking::changes`](masking::Masking::changes) is what readers see.
    fn changes(&self) -> Vec<Change> {
        let stored = self.0.changes.clone();
        stored
            .and_then(|changes| serde_json::from_value(changes).ok())
            .unwrap_or_default()
    }
}
