//! Somebody to be added to the account, and what came of it.

use entity::user::Role;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::User;
use crate::assignments::{Assigned, SeatSource};
use crate::error::Refusal;
use crate::invitations::Invitation;
use crate::person::EmailAddress;

/// Somebody to be added.
#[derive(Clone, Debug)]
pub struct Invitee {
    pub email: EmailAddress,
    pub given_name: Option<String>,
    pub family_name: Option<String>,
    pub role: Role,
    pub external_id: Option<String>,
    pub locale: Option<String>,
    /// Seats wanted at once.
    pub seats: Vec<SeatSource>,
}

/// What happened to one entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Added {
    pub person: PersonOutcome,
    /// One for each seat wanted, in order; empty when the person was refused.
    pub seats: Vec<Assigned>,
    /// The rows, where they are new. Later they are read.
    #[serde(skip)]
    pub made: Option<Made>,
}

/// Somebody new.
#[derive(Clone, Debug)]
pub struct Made {
    pub user: User,
    pub invitation: Option<Invitation>,
}

/// What happened to the person of one entry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum PersonOutcome {
    /// New, or known and not invited before.
    Invited {
        user_id: Uuid,
    },
    /// Known without an invitation, as asked.
    Staged {
        user_id: Uuid,
    },
    /// The invitation had expired: a fresh one was sent.
    Reinvited {
        user_id: Uuid,
    },
    /// There already.
    Unchanged {
        user_id: Uuid,
    },
    Refused(Refusal),
}

impl PersonOutcome {
    pub fn user_id(&self) -> Option<Uuid> {
        match self {
            Self::Invited { user_id }
            | Self::Staged { user_id }
            | Self::Reinvited { user_id }
            | Self::Unchanged { user_id } => Some(*user_id),
            Self::Refused(_) => None,
        }
    }
}
