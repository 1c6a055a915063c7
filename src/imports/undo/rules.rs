//! What is taken back of a row, and why something is left. Pure.

use std::collections::{HashMap, HashSet};

use entity::assignment::{self, Source};
use entity::import_row::{self, Effects, Freed, Problem, RowOutcome};
use entity::invitation;
use entity::user::{self, Status};
use uuid::Uuid;

use crate::assignments::{SeatRequest, SeatSource};
use crate::error::Code;

/// What the people of some rows are now.
#[derive(Debug, Default)]
pub struct Present {
    pub users: HashMap<Uuid, user::Model>,
    /// Their pending invitations.
    pub invitations: HashMap<Uuid, invitation::Model>,
    /// Their seats, by id.
    pub seats: HashMap<Uuid, assignment::Model>,
    /// Where they wait for a seat: who, by entry.
    pub waiting: HashMap<Uuid, Uuid>,
    /// Their memberships in groups, by id, with whose they are.
    pub memberships: HashMap<Uuid, Uuid>,
}

impl Present {
    /// The seat that a place in a line came to, if it is as it was given.
    fn came_of(&self, entry_id: Uuid) -> Option<Uuid> {
        let mut seats = self.seats.values();
        let seat = seats.find(|seat| seat.waited_as == Some(entry_id) && seat.version == 1);
        seat.map(|seat| seat.id)
    }
}

/// What is to be done about some rows.
#[derive(Debug, Default)]
pub struct Plan {
    /// Seats that are free again.
    pub freed: Vec<Uuid>,
    /// Memberships in groups that are over again.
    pub parted: Vec<Uuid>,
    /// Places in a line to be left.
    pub left: Vec<Uuid>,
    /// People who were added and are as they were.
    pub removed: Vec<Uuid>,
    /// Seats to be given again, each with the place of its row.
    pub given: Vec<(usize, SeatRequest)>,
    /// For each row why something of it is left; `None`: there was nothing to be taken back.
    pub rows: Vec<Option<Vec<Problem>>>,
}

impl Plan {
    /// Judges rows in the order in which they are taken back. A seat that was changed since stays, and so does a person of whom anything is not as the import left
    /// it, though their seat goes.
    pub fn of(rows: &[import_row::Model], present: &Present) -> Self {
        let mut plan = Self::default();
        let mut freed: HashSet<Uuid> = HashSet::new();
        for (place, row) in rows.iter().enumerate() {
            let judged = row.effects.as_ref().map(|effects| {
                let mut left = Vec::new();
                for seat in effects.seats.iter().filter_map(|id| present.seats.get(id)) {
                    if seat.version == 1 {
                        freed.insert(seat.id);
                        plan.freed.push(seat.id);
                    } else {
                        left.push(problem(
                            Code::StaleVersion,
                            "The seat was changed since, and stays.",
                        ));
                    }
                }
                let joined = effects.joined.iter().copied();
                plan.parted
                    .extend(joined.filter(|id| present.memberships.contains_key(id)));
                for entry in &effects.waiting {
                    if present.waiting.contains_key(entry) {
                        plan.left.push(*entry);
                    } else {
                        let came = present.came_of(*entry);
                        freed.extend(came);
                        plan.freed.extend(came);
                    }
                }
                left.extend(kept(row.outcome, effects));
                let again = row
                    .user_id
                    .into_iter()
                    .flat_map(|user| again(user, effects, present));
                plan.given.extend(again.map(|request| (place, request)));
                let added = row.user_id.filter(|_| effects.is_new);
                if let Some(user) = added.and_then(|id| present.users.get(&id)) {
                    match stays(user, present, &freed, (&plan.left, &plan.parted)) {
                        None if user.status == Status::Removed => {}
                        None => plan.removed.push(user.id),
                        Some(why) => left.push(why),
                    }
                }
                left
            });
            plan.rows.push(judged.or_else(|| unnoted(row)));
        }
        plan
    }
}

/// The seats that somebody had and has not got again since.
fn again(user_id: Uuid, effects: &Effects, present: &Present) -> Vec<SeatRequest> {
    // What a group gives is not what somebody had by hand.
    let has = |product_id: Uuid| {
        let mut seats = present.seats.values().filter(|seat| seat.source != Source::Group);
        seats.any(|seat| seat.user_id == user_id && seat.product_id == product_id)
    };
    let missing = effects.freed.iter().filter(|seat| !has(seat.product_id));
    let request = |seat: &Freed| SeatRequest {
        user_id,
        source: SeatSource::Product(seat.product_id),
        components: Some(seat.components.clone()),
        expires_on: seat.expires_on,
    };
    missing.map(request).collect()
}

/// What an import does to somebody who is there already, and does not take back.
fn kept(outcome: RowOutcome, effects: &Effects) -> Option<Problem> {
    if !effects.customised.is_empty() {
        let text =
            "The seat was there before the import, which switched its components. They stay as they are.";
        return Some(problem(Code::AlreadyExists, text));
    }
    // Rows of before it was noted tell it by their outcome alone.
    let told = matches!(
        outcome,
        RowOutcome::Reinvited | RowOutcome::Invited | RowOutcome::InvitedAndAssigned
    );
    let was_invited = (effects.is_invited || told) && !effects.is_new;
    let text = "The person was there before the import, which sent them an invitation. Revoke it if it is not to stand.";
    was_invited.then(|| problem(Code::AlreadyExists, text))
}

/// Why somebody who was added is left in the account.
///
/// `left` are the places in a line that they leave, `parted` the memberships in groups that end.
fn stays(
    user: &user::Model,
    present: &Present,
    freed: &HashSet<Uuid>,
    (left, parted): (&[Uuid], &[Uuid]),
) -> Option<Problem> {
    match user.status {
        Status::Removed => return None,
        Status::Active | Status::Disabled => {
            let text = "The person has joined since, and stays. Disable or remove the user instead.";
            return Some(problem(Code::InvitationAlreadyAccepted, text));
        }
        Status::Pending | Status::Staged => {}
    }
    if user.version != 1 {
        let text = "The person was changed since, and stays.";
        return Some(problem(Code::StaleVersion, text));
    }
    let invitation = present.invitations.get(&user.id);
    if invitation.is_some_and(|invitation| invitation.generation > 1) {
        let text = "The invitation was sent again since: the person stays invited.";
        return Some(problem(Code::StaleVersion, text));
    }
    let mut memberships = present.memberships.iter().filter(|(_, of)| **of == user.id);
    if memberships.any(|(id, _)| !parted.contains(id)) {
        let text = "The person came into a group since, and stays.";
        return Some(problem(Code::StaleVersion, text));
    }
    // Those that groups give follow from the groups.
    let by_hand = present.seats.values().filter(|seat| seat.source != Source::Group);
    let mut seats = by_hand.filter(|seat| seat.user_id == user.id);
    if seats.any(|seat| !freed.contains(&seat.id)) {
        let text = "The person holds a seat that is none of this import's, or was changed since, and stays.";
        return Some(problem(Code::StaleVersion, text));
    }
    let mut waiting = present.waiting.iter();
    if waiting.any(|(entry, of)| *of == user.id && !left.contains(entry)) {
        let text = "The person waits for a seat since, and stays.";
        return Some(problem(Code::StaleVersion, text));
    }
    None
}

/// A row that did something before it was noted what.
fn unnoted(row: &import_row::Model) -> Option<Vec<Problem>> {
    let did_something = matches!(
        row.outcome,
        RowOutcome::Invited | RowOutcome::Assigned | RowOutcome::InvitedAndAssigned | RowOutcome::Reinvited
    );
    let text = "What this row did was not noted yet when it was imported.";
    did_something.then(|| vec![problem(Code::UndoExpired, text)])
}

fn problem(code: Code, message: &str) -> Problem {
    Problem {
        code: code.name(),
        message: message.to_owned(),
        column: None,
    }
}

#[cfg(test)]
mod tests;
