//! What is to be done about each entry of a list of people to invite. Pure.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::account;
use entity::user::{Role, Status};
use uuid::Uuid;

use super::invitee::{Added, Invitee, PersonOutcome};
use super::known::Known;
use crate::access::{Actor, role_not_giveable, role_not_offerable};
use crate::error::{Code, Refusal};

/// What is to be done about one entry.
#[derive(Clone, Debug, PartialEq)]
pub enum InvitePlan {
    Add,
    InviteStaged(Uuid, Role),
    Reinvite(Uuid),
    Leave(Uuid),
    Refuse(Refusal),
}

/// What is to be done about an entry at a moment, given who is there with its e-mail.
pub fn judge(
    entry: &Invitee,
    giver: &Actor,
    account: &account::Model,
    known: Option<&Known>,
    now: DateTime<Utc>,
    external_ids: &HashMap<String, String>,
    send_now: bool,
) -> InvitePlan {
    if let Some(known) = known {
        return match known.status {
            Status::Disabled => InvitePlan::Refuse(Refusal::new(
                Code::UserDisabled,
                "This person is disabled. Enable the user instead of inviting again.",
            )),
            Status::Staged | Status::Pending
                if send_now && let Some(reason) = role_not_offerable(giver, known.role) =>
            {
                InvitePlan::Refuse(Refusal::new(Code::RoleNotAssignable, reason))
            }
            Status::Staged if send_now => InvitePlan::InviteStaged(known.id, known.role),
            Status::Pending if send_now && known.invited_until.is_none_or(|until| until <= now) => {
                InvitePlan::Reinvite(known.id)
            }
            _ => InvitePlan::Leave(known.id),
        };
    }
    if let Some(reason) = role_not_giveable(giver, entry.role) {
        return InvitePlan::Refuse(Refusal::new(Code::RoleNotAssignable, reason));
    }
    let allowed = &account.allowed_invite_domains.0;
    if !allowed.is_empty() && !allowed.iter().any(|domain| domain == entry.email.domain()) {
        return InvitePlan::Refuse(Refusal::new(
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
        return InvitePlan::Refuse(Refusal::new(
            Code::ExternalIdTaken,
            "Another user has this external id already.",
        ));
    }
    InvitePlan::Add
}

/// Nobody is invited whose address another account has proven to be its own; who is there already stays.
pub fn refuse_foreign(plan: InvitePlan, entry: &Invitee, foreign: &HashSet<String>) -> InvitePlan {
    match plan {
        InvitePlan::Add | InvitePlan::InviteStaged(..) | InvitePlan::Reinvite(_)
            if foreign.contains(entry.email.domain()) =>
        {
            InvitePlan::Refuse(Refusal::new(
                Code::DomainClaimedElsewhere,
                "Another account has proven that the domain of this address is its own.",
            ))
        }
        other => other,
    }
}

/// With one bad entry nothing is done; the good ones are answered as unchanged or refused along with it.
pub fn refused_as_a_whole(plans: Vec<InvitePlan>) -> Vec<Added> {
    let person = |plan| match plan {
        InvitePlan::Refuse(refusal) => PersonOutcome::Refused(refusal),
        InvitePlan::Leave(user_id) | InvitePlan::InviteStaged(user_id, _) | InvitePlan::Reinvite(user_id) => {
            PersonOutcome::Unchanged { user_id }
        }
        InvitePlan::Add => PersonOutcome::Refused(Refusal::new(
            Code::Invalid,
            "Nothing was changed, because another entry of the list was refused.",
        )),
    };
    plans
        .into_iter()
        .map(|plan| Added {
            person: person(plan),
            seats: Vec::new(),
            made: None,
        })
        .collect()
}
