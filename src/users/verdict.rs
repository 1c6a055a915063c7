//! What is to be done about each entry of a list of people to invite. Pure.

use std::collections::{HashMap, HashSet};

use entity::account;
use entity::user::{self, Role, Status};
use uuid::Uuid;

use super::invite::{Added, Invitee, Person};
use crate::access::{Actor, role_not_giveable, role_not_offerable};
use crate::error::{Code, Refusal};

/// What is to be done about one entry.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    Add,
    InviteStaged(Uuid, Role),
    Reinvite(Uuid),
    Leave(Uuid),
    Refuse(Refusal),
}

/// What is to be done about an entry, given whether somebody with its e-mail is there and has an open invitation.
pub fn judge(
    entry: &Invitee,
    giver: &Actor,
    account: &account::Model,
    known: Option<&user::Model>,
    has_open_invitation: bool,
    external_ids: &HashMap<String, String>,
    send_now: bool,
) -> Verdict {
    if let Some(known) = known {
        return match known.status {
            Status::Disabled => Verdict::Refuse(Refusal::new(
                Code::UserDisabled,
                "This person is disabled. Enable the user instead of inviting again.",
            )),
            Status::Staged | Status::Pending
                if send_now && let Some(reason) = role_not_offerable(giver, known.role) =>
            {
                Verdict::Refuse(Refusal::new(Code::RoleNotAssignable, reason))
            }
            Status::Staged if send_now => Verdict::InviteStaged(known.id, known.role),
            Status::Pending if send_now && !has_open_invitation => Verdict::Reinvite(known.id),
            _ => Verdict::Leave(known.id),
        };
    }
    if let Some(reason) = role_not_giveable(giver, entry.role) {
        return Verdict::Refuse(Refusal::new(Code::RoleNotAssignable, reason));
    }
    let allowed = &account.allowed_invite_domains.0;
    if !allowed.is_empty() && !allowed.iter().any(|domain| domain == entry.email.domain()) {
        return Verdict::Refuse(Refusal::new(
            Code::EmailDomainNotAllowed,
            format!(
                "Only addresses of these domains are invited: {}.",
                allowed.join(", ")
            ),
        ));
    }
    let taken = entry
        .external_id
        .as_ref()
        .and_then(|external_id| external_ids.get(external_id));
    if taken.is_some_and(|owner| owner != entry.email.key()) {
        return Verdict::Refuse(Refusal::new(
            Code::ExternalIdTaken,
            "Another user has this external id already.",
        ));
    }
    Verdict::Add
}

/// Nobody is invited whose address another account has proven to be its own; who is there already stays.
pub fn refuse_foreign(verdict: Verdict, entry: &Invitee, foreign: &HashSet<String>) -> Verdict {
    match verdict {
        Verdict::Add | Verdict::InviteStaged(..) | Verdict::Reinvite(_)
            if foreign.contains(entry.email.domain()) =>
        {
            Verdict::Refuse(Refusal::new(
                Code::DomainClaimedElsewhere,
                "Another account has proven that the domain of this address is its own.",
            ))
        }
        other => other,
    }
}

/// With one bad entry nothing is done; the good ones are answered as unchanged or refused along with it.
pub fn refused_as_a_whole(verdicts: Vec<Verdict>) -> Vec<Added> {
    let person = |verdict| match verdict {
        Verdict::Refuse(refusal) => Person::Refused(refusal),
        Verdict::Leave(user_id) | Verdict::InviteStaged(user_id, _) | Verdict::Reinvite(user_id) => {
            Person::Unchanged { user_id }
        }
        Verdict::Add => Person::Refused(Refusal::new(
            Code::Invalid,
            "Nothing was changed, because another entry of the list was refused.",
        )),
    };
    verdicts
        .into_iter()
        .map(|verdict| Added {
            person: person(verdict),
            seats: Vec::new(),
        })
        .collect()
}
