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
    /// Groups of the account that they come into.
    pub groups: Vec<Uuid>,
    /// Whom a file means that was exported: if they have this address, nothing of them is changed.
    pub known_as: Option<Uuid>,
    /// Where a file tells of them; its lines may tell of one person several times.
    pub told: Option<Told>,
}

/// A line of a file that tells of somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Told {
    pub line: u32,
    /// Whether it says what role they get. A line that does not contradicts none.
    pub names_role: bool,
}

/// What happened to one entry.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Added {
    pub person: PersonOutcome,
    /// One for each seat wanted, in order; empty when the person was refused.
    pub seats: Vec<Assigned>,
    /// What came of the groups that were named.
    #[serde(default)]
    pub groups: InGroups,
    /// The rows, where they are new. Later they are read.
    #[serde(skip)]
    pub made: Option<Made>,
    /// The line that told of the same person before, and by which they came in.
    pub again: Option<u32>,
    /// What the entry says otherwise of somebody who is known: inviting leaves it as it is.
    pub kept: Vec<Kept>,
}

/// What came of putting somebody into groups.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct InGroups {
    /// Their memberships that are new.
    pub joined: Vec<Uuid>,
    /// What the groups gave them that they did not have, or have them wait for, with the subscriptions that were asked.
    pub seats: Vec<(Uuid, Assigned)>,
    /// Why they are not in some.
    pub refusals: Vec<Refusal>,
}

/// What is known of somebody and was not changed by inviting them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kept {
    GivenName,
    FamilyName,
    Role,
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

impl Added {
    /// Why seats could not be had, each with what became of the person all the same: whoever reads it should not invite them again.
    /// Where nothing stays unless all does, there is nothing to say of that.
    pub fn missing_seats(&self, stays: bool) -> impl Iterator<Item = Refusal> {
        let all_the_same = match self.person {
            _ if !stays => "",
            PersonOutcome::Invited { .. } => " The person is invited all the same.",
            PersonOutcome::Reinvited { .. } => " The invitation is sent again all the same.",
            PersonOutcome::Staged { .. } => " The person is added all the same.",
            PersonOutcome::Unchanged { .. } | PersonOutcome::Refused(_) => "",
        };
        self.seats
            .iter()
            .filter_map(Assigned::refusal)
            .chain(&self.groups.refusals)
            .map(move |refusal| Refusal {
                message: format!("{}{all_the_same}", refusal.message),
                ..refusal.clone()
            })
    }
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
