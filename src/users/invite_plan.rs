//! What is to be done about each entry of a list of people to invite. Pure.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use entity::account;
use entity::user::{Role, Status};
use sea_orm::ActiveEnum;
use uuid::Uuid;

use super::invitee::{Added, InGroups, Invitee, Kept, PersonOutcome};
use super::known::Known;
use crate::access::{Actor, role_not_giveable, role_not_offerable};
use crate::error::{Code, Refusal};
use crate::person::findable::folded;

/// What is to be done about one entry.
#[derive(Clone, Debug, PartialEq)]
pub enum InvitePlan {
    Add,
    InviteStaged(Uuid, Role),
    Reinvite(Uuid),
    Leave(Uuid),
    /// An earlier entry, at this place, is the same person: what this one asks for is added to theirs.
    Join(usize),
    Refuse(Refusal),
}

/// Two lines of a file that tell of one person must not contradict each other. Letter case, blanks and invisible marks do not count, nor does a cell that is
/// blank in the later line.
pub fn contradiction(first: &Invitee, later: &Invitee) -> Option<Refusal> {
    let differs = |first: &Option<String>, later: &Option<String>| {
        later.as_ref().is_some_and(|later| {
            let words = |text: &str| {
                folded(text)
                    .split_whitespace()
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            };
            first.as_ref().is_none_or(|first| words(first) != words(later))
        })
    };
    let names_role = later.told.is_some_and(|told| told.names_role);
    let what = if differs(&first.given_name, &later.given_name) {
        ("given name", first.given_name.clone())
    } else if differs(&first.family_name, &later.family_name) {
        ("family name", first.family_name.clone())
    } else if names_role && first.role != later.role {
        ("role", Some(first.role.to_value()))
    } else if differs(&first.external_id, &later.external_id) {
        ("external id", first.external_id.clone())
    } else {
        return None;
    };
    let line = first.told.map(|told| format!("Line {}", told.line));
    let (what, said) = (
        what.0,
        what.1
            .map_or_else(|| "none".to_owned(), |said| format!("\"{said}\"")),
    );
    Some(Refusal::new(
        Code::ConflictingDuplicate,
        format!(
            "{} tells of the same e-mail with another {what} ({said}). Make the lines agree, or correct the e-mail.",
            line.unwrap_or_else(|| "An earlier entry".to_owned())
        ),
    ))
}

/// What is to be done about an entry at a moment, given who is there with its e-mail. `invites_known`: who is there and has not joined is invited too.
pub fn judge(
    entry: &Invitee,
    giver: &Actor,
    account: &account::Model,
    known: Option<&Known>,
    now: DateTime<Utc>,
    external_ids: &HashMap<String, String>,
    invites_known: bool,
) -> InvitePlan {
    if let Some(known) = known {
        let is_exported = entry.known_as == Some(known.id);
        return match known.status {
            // A file that was exported says what is so, and not what is to be done; who is disabled is given no seat by it either.
            Status::Disabled if is_exported && entry.seats.is_empty() => InvitePlan::Leave(known.id),
            status if is_exported && status != Status::Disabled => InvitePlan::Leave(known.id),
            Status::Disabled => InvitePlan::Refuse(Refusal::new(
                Code::UserDisabled,
                "This person is disabled. Enable the user instead of inviting again.",
            )),
            Status::Staged | Status::Pending
                if invites_known && let Some(reason) = role_not_offerable(giver, known.role) =>
            {
                InvitePlan::Refuse(Refusal::new(Code::RoleNotAssignable, reason))
            }
            Status::Staged if invites_known => InvitePlan::InviteStaged(known.id, known.role),
            Status::Pending if invites_known && known.invited_until.is_none_or(|until| until <= now) => {
                InvitePlan::Reinvite(known.id)
            }
            _ => InvitePlan::Leave(known.id),
        };
    }
    if let Some(reason) = role_not_giveable(giver, entry.role) {
        return InvitePlan::Refuse(Refusal::new(Code::RoleNotAssignable, reason));
    }
    if entry.told.is_some() && (entry.given_name.is_none() || entry.family_name.is_none()) {
        return InvitePlan::Refuse(Refusal::new(
            Code::Required,
            "This person is new: first and last name are needed.",
        ));
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

/// What an entry says otherwise of somebody who is known. A name that is left out says nothing.
pub fn kept(entry: &Invitee, known: &Known) -> Vec<Kept> {
    let differs = |given: &Option<String>, known: &Option<String>| {
        let is_it = |given: &String| known.as_ref().is_some_and(|known| folded(given) == folded(known));
        given.as_ref().is_some_and(|given| !is_it(given))
    };
    let all = [
        (Kept::GivenName, differs(&entry.given_name, &known.given_name)),
        (Kept::FamilyName, differs(&entry.family_name, &known.family_name)),
        (Kept::Role, entry.role != known.role),
    ];
    all.into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(kept, _)| kept)
        .collect()
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

/// Nobody is invited to whom the invitation cannot be sent; they may be added to be invited later.
pub fn refuse_unsendable(plan: InvitePlan, entry: &Invitee, lacks_utf8: bool) -> InvitePlan {
    match plan {
        InvitePlan::Add | InvitePlan::InviteStaged(..) | InvitePlan::Reinvite(_)
            if lacks_utf8 && entry.email.needs_utf8() =>
        {
            InvitePlan::Refuse(Refusal::new(
                Code::EmailInvalid,
                "No mail can be sent to this address: the mail relay takes only the letters a to z, digits and signs of ASCII before the @ (it has no SMTPUTF8). \
                 Use another address of this person.",
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
        InvitePlan::Add | InvitePlan::Join(_) => PersonOutcome::Refused(Refusal::new(
            Code::Invalid,
            "Nothing was changed, because another entry of the list was refused.",
        )),
    };
    plans
        .into_iter()
        .map(|plan| Added {
            person: person(plan),
            seats: Vec::new(),
            groups: InGroups::default(),
            made: None,
            again: None,
            kept: Vec::new(),
        })
        .collect()
}
