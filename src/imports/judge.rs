//! From a row of the file to somebody who can be invited, and from what became of them back to the row's outcome. Pure.

use entity::import::Source;
use entity::import_row::{Effects, Problem, RowOutcome};
use entity::user::Role;
use uuid::Uuid;

use super::nearest::{nearest, suggestion};
use super::parse::{Entry, Row};
use super::products;
use crate::assignments::{Assigned, SeatSource};
use crate::error::{Code, Detail, Refusal};
use crate::groups::names::Names;
use crate::products::Catalogue;
use crate::users::invitee::{Added, Invitee, PersonOutcome, Told};

/// What a row is before the account is looked at.
#[derive(Debug)]
pub enum Judged {
    /// Somebody to be added.
    Invitee(Box<Invitee>),
    Refused(Vec<Refusal>),
}

/// What a row came to.
#[derive(Clone, Debug, PartialEq)]
pub struct RowResult {
    pub outcome: RowOutcome,
    pub user_id: Option<Uuid>,
    pub problems: Vec<Problem>,
    /// Subscriptions a seat was wanted from, whether or not there was one.
    pub seats: Vec<Uuid>,
    pub effects: Effects,
}

/// Reads role, products and groups of a row; everything else the parser has judged. `for_all` is what everybody of the file is given, whatever their row says.
pub fn judge(row: &Row, catalogue: &Catalogue, groups: &Names, for_all: &[Source]) -> Judged {
    let entry = match &row.entry {
        Ok(entry) => entry,
        Err(refusals) => return Judged::Refused(refusals.clone()),
    };
    let mut refusals = Vec::new();
    let role = match entry.role.as_deref().map_or(Ok(Role::User), role) {
        Ok(role) => role,
        Err(refusal) => {
            refusals.push(at(refusal, row, "Role"));
            Role::User
        }
    };
    let mut seats: Vec<SeatSource> = for_all.iter().map(SeatSource::from).collect();
    for word in &entry.products {
        match products::meant(word, catalogue) {
            Ok(products) => seats.extend(
                products
                    .iter()
                    .map(|product| SeatSource::Product(product.0.model.id)),
            ),
            Err(refusal) => refusals.push(at(refusal, row, "Products")),
        }
    }
    let mut in_groups: Vec<Uuid> = Vec::with_capacity(entry.groups.len());
    for word in &entry.groups {
        match groups.meant(word) {
            Some(group) if in_groups.contains(&group) => {}
            Some(group) => in_groups.push(group),
            None => refusals.push(at(unknown_group(word, groups), row, "Groups")),
        }
    }
    if refusals.is_empty() {
        Judged::Invitee(Box::new(Invitee {
            groups: in_groups,
            ..invitee(entry, row, role, seats)
        }))
    } else {
        Judged::Refused(refusals)
    }
}

fn unknown_group(word: &str, groups: &Names) -> Refusal {
    let near = nearest(word, groups.all());
    let text = format!("There is no group \"{word}\".{}", suggestion(near));
    Refusal::new(Code::GroupUnknown, text)
}

/// Who a row is about, whatever it says of products; `None` if it cannot be read.
pub fn person(row: &Row) -> Option<Invitee> {
    let entry = row.entry.as_ref().ok()?;
    let role = entry.role.as_deref().map_or(Ok(Role::User), role).ok()?;
    Some(invitee(entry, row, role, Vec::new()))
}

fn invitee(entry: &Entry, row: &Row, role: Role, mut seats: Vec<SeatSource>) -> Invitee {
    // Two words can mean one product.
    let mut seen = std::collections::HashSet::new();
    seats.retain(|source| seen.insert(*source));
    Invitee {
        email: entry.email.clone(),
        given_name: entry.given_name.clone(),
        family_name: entry.family_name.clone(),
        role,
        external_id: entry.external_id.clone(),
        locale: None,
        seats,
        groups: Vec::new(),
        known_as: entry.user_id,
        told: Some(Told {
            line: row.line,
            names_role: entry.role.is_some(),
        }),
    }
}

/// Says where in the file the trouble is, in the words the parser uses.
pub fn at(refusal: Refusal, row: &Row, column: &str) -> Refusal {
    Refusal {
        message: format!("Line {}, column \"{column}\": {}", row.line, refusal.message),
        field: Some(vec![format!("line {}", row.line), column.to_owned()]),
        ..refusal
    }
}

/// The column to look at when the account refuses a person.
fn column_of(code: Code, row: &Row) -> &'static str {
    let has_given_name = |entry: &Entry| entry.given_name.is_some();
    match code {
        Code::RoleNotAssignable => "Role",
        Code::ExternalIdTaken => "External ID",
        Code::Required if row.entry.as_ref().is_ok_and(has_given_name) => "Last Name",
        Code::Required => "First Name",
        _ => "Email",
    }
}

const ROLES: [(&str, Role); 6] = [
    ("USER", Role::User),
    ("SECONDARY_ADMIN", Role::SecondaryAdmin),
    ("SSO_ADMIN", Role::SsoAdmin),
    ("PRIMARY_ADMIN", Role::PrimaryAdmin),
    ("CONTRACT_MANAGER", Role::ContractManager),
    ("SOFTWARE_COORDINATOR", Role::SoftwareCoordinator),
];

/// A role as people write it: in any case, with blanks or hyphens for underscores.
fn role(text: &str) -> Result<Role, Refusal> {
    let word = text.trim().to_uppercase().replace([' ', '-'], "_");
    if word.is_empty() {
        return Ok(Role::User);
    }
    let found = ROLES
        .iter()
        .find(|(name, _)| *name == word)
        .map(|(_, role)| *role);
    found.ok_or_else(|| {
        let near = nearest(&word, ROLES.iter().map(|(name, _)| *name));
        Refusal::new(
            Code::RoleUnknown,
            format!("\"{text}\" is no role.{}", suggestion(near)),
        )
    })
}

/// What a row came to that never got as far as the account.
pub fn refused(refusals: &[Refusal]) -> RowResult {
    RowResult {
        outcome: RowOutcome::Failed,
        user_id: None,
        problems: refusals.iter().map(problem).collect(),
        seats: Vec::new(),
        effects: Effects::default(),
    }
}

/// A row that asks for nothing that an earlier one did not.
pub fn duplicate(line: u32, user_id: Option<Uuid>) -> RowResult {
    let text = format!("The same person stands in line {line} already, and this line adds nothing.");
    let problem = Problem {
        code: Code::DuplicateInput.name(),
        message: text,
        column: None,
    };
    RowResult {
        outcome: RowOutcome::Duplicate,
        user_id,
        problems: vec![problem],
        seats: Vec::new(),
        effects: Effects::default(),
    }
}

/// What became of somebody who was added. A seat that could not be had fails the row, though the person stays invited: whoever reads
/// the report has to do something about it. `stays`: whether what could be done stays though some could not.
pub fn added(added: Added, row: &Row, for_all: &[Source], stays: bool) -> RowResult {
    let user_id = added.person.user_id();
    let names_groups = row.entry.as_ref().is_ok_and(|entry| !entry.groups.is_empty());
    let asks_for_nothing = match for_all.is_empty() {
        true => added.seats.is_empty() && !names_groups,
        // What everybody is given says nothing of a row.
        false => added
            .seats
            .iter()
            .all(|seat| matches!(seat, Assigned::Unchanged(_))),
    };
    if let (Some(first), PersonOutcome::Unchanged { .. }, true) =
        (added.again, &added.person, asks_for_nothing)
    {
        return duplicate(first, user_id);
    }
    let of_groups = added.groups.seats.iter().filter_map(|(asked, seat)| match seat {
        // Who waits for it needs one, too.
        Assigned::Waiting { .. } => Some(*asked),
        seat => wanted_from(seat),
    });
    let seats = added
        .seats
        .iter()
        .filter_map(wanted_from)
        .chain(of_groups)
        .collect();
    let effects = Effects {
        is_new: added.made.is_some(),
        is_invited: matches!(
            added.person,
            PersonOutcome::Invited { .. } | PersonOutcome::Reinvited { .. }
        ),
        seats: added.seats.iter().filter_map(Assigned::given).collect(),
        customised: added.seats.iter().filter_map(Assigned::customised).collect(),
        freed: Vec::new(),
        joined: added.groups.joined.clone(),
        waiting: added.seats.iter().filter_map(Assigned::stood).collect(),
    };
    let waits = added
        .seats
        .iter()
        .any(|seat| matches!(seat, Assigned::Waiting { is_new: true, .. }));
    let given = added
        .seats
        .iter()
        .chain(added.groups.seats.iter().map(|(_, seat)| seat));
    let took = given
        .into_iter()
        .any(|seat| matches!(seat, Assigned::New(_) | Assigned::Changed(_)));
    let joined = !added.groups.joined.is_empty();
    // Where the row names no product, it is the person's line as a whole that is short of one.
    let column = if for_all.is_empty() { "Products" } else { "Email" };
    let mut refusals: Vec<Refusal> = added
        .missing_seats(stays)
        .map(|refusal| {
            let column = if refusal.code == Code::TooManyItems {
                "Groups"
            } else {
                column
            };
            at(refusal, row, column)
        })
        .collect();
    let outcome = match added.person {
        PersonOutcome::Refused(refusal) => {
            let column = column_of(refusal.code, row);
            refusals.push(at(refusal, row, column));
            RowOutcome::Failed
        }
        _ if !refusals.is_empty() => RowOutcome::Failed,
        _ if waits => RowOutcome::Waitlisted,
        PersonOutcome::Invited { .. } | PersonOutcome::Staged { .. } if took => {
            RowOutcome::InvitedAndAssigned
        }
        PersonOutcome::Invited { .. } | PersonOutcome::Staged { .. } => RowOutcome::Invited,
        PersonOutcome::Reinvited { .. } => RowOutcome::Reinvited,
        PersonOutcome::Unchanged { .. } if took || joined => RowOutcome::Assigned,
        PersonOutcome::Unchanged { .. } => RowOutcome::Unchanged,
    };
    RowResult {
        outcome,
        user_id,
        problems: refusals.iter().map(problem).collect(),
        seats,
        effects,
    }
}

fn wanted_from(seat: &Assigned) -> Option<Uuid> {
    match seat {
        Assigned::New(seat) => Some(seat.subscription_id),
        Assigned::Changed(_) | Assigned::Unchanged(_) | Assigned::Waiting { .. } => None,
        Assigned::Refused(refusal) => match refusal.detail {
            Detail::Seats { subscription, .. } => Some(subscription),
            _ => None,
        },
    }
}

pub fn problem(refusal: &Refusal) -> Problem {
    let column = refusal.field.as_ref().and_then(|path| path.get(1)).cloned();
    Problem {
        code: refusal.code.name(),
        message: refusal.message.clone(),
        column,
    }
}

#[cfg(test)]
mod tests;
