//! From a row of the file to somebody who can be invited, and from what became of them back to the row's outcome. Pure.

use entity::import_row::{Problem, RowOutcome};
use entity::user::Role;
use uuid::Uuid;

use super::nearest::nearest;
use super::parse::{Entry, Row};
use crate::assignments::{Assigned, SeatSource};
use crate::error::{Code, Detail, Refusal};
use crate::products::{Catalogue, Product};
use crate::users::invitee::{Added, Invitee, PersonOutcome};

/// What a row is before the account is looked at.
#[derive(Debug)]
pub enum Judged {
    /// Somebody to be added.
    Invitee(Box<Invitee>),
    Duplicate(u32),
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
}

/// What good rows say of products, as it stands there.
pub fn words(rows: &[Row]) -> impl Iterator<Item = &str> {
    let entries = rows.iter().filter_map(|row| row.entry.as_ref().ok());
    entries.flat_map(|entry| &entry.products).map(String::as_str)
}

/// Reads roles and products of a row; everything else the parser has judged.
pub fn judge(row: &Row, catalogue: &Catalogue) -> Judged {
    let entry = match &row.entry {
        Ok(entry) => entry,
        Err(refusals) => return Judged::Refused(refusals.clone()),
    };
    if let Some(line) = row.duplicate_of {
        return Judged::Duplicate(line);
    }
    let mut refusals = Vec::new();
    let role = match entry.role.as_deref().map_or(Ok(Role::User), role) {
        Ok(role) => role,
        Err(refusal) => {
            refusals.push(at(refusal, row, "Role"));
            Role::User
        }
    };
    let mut seats = Vec::with_capacity(entry.products.len());
    for word in &entry.products {
        match catalogue.by_word(word).as_slice() {
            [product] => seats.push(SeatSource::Product(product.0.model.id)),
            [] => refusals.push(at(unknown_product(word, catalogue), row, "Products")),
            several => refusals.push(at(ambiguous_product(word, several), row, "Products")),
        }
    }
    if refusals.is_empty() {
        Judged::Invitee(Box::new(invitee(entry, role, seats)))
    } else {
        Judged::Refused(refusals)
    }
}

fn invitee(entry: &Entry, role: Role, mut seats: Vec<SeatSource>) -> Invitee {
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
    }
}

/// Says where in the file the trouble is, in the words the parser uses.
fn at(refusal: Refusal, row: &Row, column: &str) -> Refusal {
    Refusal {
        message: format!("Line {}, column \"{column}\": {}", row.line, refusal.message),
        field: Some(vec![format!("line {}", row.line), column.to_owned()]),
        ..refusal
    }
}

/// The column to look at when the account refuses a person.
fn column_of(code: Code) -> &'static str {
    match code {
        Code::RoleNotAssignable => "Role",
        Code::ExternalIdTaken => "External ID",
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
            format!("\"{text}\" is no role.{}", meant(near)),
        )
    })
}

fn unknown_product(word: &str, catalogue: &Catalogue) -> Refusal {
    let models = || catalogue.all().iter().map(|product: &Product| &product.0.model);
    let near = nearest(
        word,
        models()
            .map(|model| model.code.as_str())
            .chain(models().map(|model| model.name.as_str())),
    );
    Refusal::new(
        Code::ProductUnknown,
        format!("There is no product \"{word}\".{}", meant(near)),
    )
}

/// Whose seat it would be is not for us to guess.
fn ambiguous_product(word: &str, products: &[&Product]) -> Refusal {
    let codes: Vec<&str> = products
        .iter()
        .map(|product| product.0.model.code.as_str())
        .collect();
    let text = format!(
        "\"{word}\" can mean several products. Write the code of the one that is meant: {}.",
        codes.join(", ")
    );
    Refusal::new(Code::ProductUnknown, text)
}

fn meant(near: Option<&str>) -> String {
    near.map(|near| format!(" Is \"{near}\" meant?"))
        .unwrap_or_default()
}

/// What a row came to that never got as far as the account.
pub fn refused(refusals: &[Refusal]) -> RowResult {
    RowResult {
        outcome: RowOutcome::Failed,
        user_id: None,
        problems: refusals.iter().map(problem).collect(),
        seats: Vec::new(),
    }
}

pub fn duplicate(line: u32) -> RowResult {
    let text = format!("The same e-mail stands in line {line} already.");
    let problem = Problem {
        code: Code::DuplicateInput.name(),
        message: text,
        column: None,
    };
    RowResult {
        outcome: RowOutcome::Duplicate,
        user_id: None,
        problems: vec![problem],
        seats: Vec::new(),
    }
}

/// What became of somebody who was added. A seat that could not be had fails the row, though the person stays invited: whoever reads
/// the report has to do something about it.
pub fn added(added: Added, row: &Row) -> RowResult {
    let user_id = added.person.user_id();
    let seats = added.seats.iter().filter_map(wanted_from).collect();
    let took = added.seats.iter().any(|seat| seat.new_product().is_some());
    let mut refusals: Vec<Refusal> = added
        .seats
        .iter()
        .filter_map(Assigned::refusal)
        .map(|refusal| at(refusal.clone(), row, "Products"))
        .collect();
    let outcome = match added.person {
        PersonOutcome::Refused(refusal) => {
            let column = column_of(refusal.code);
            refusals.push(at(refusal, row, column));
            RowOutcome::Failed
        }
        _ if !refusals.is_empty() => RowOutcome::Failed,
        PersonOutcome::Invited { .. } | PersonOutcome::Staged { .. } if took => {
            RowOutcome::InvitedAndAssigned
        }
        PersonOutcome::Invited { .. } | PersonOutcome::Staged { .. } => RowOutcome::Invited,
        PersonOutcome::Reinvited { .. } => RowOutcome::Reinvited,
        PersonOutcome::Unchanged { .. } if took => RowOutcome::Assigned,
        PersonOutcome::Unchanged { .. } => RowOutcome::Unchanged,
    };
    RowResult {
        outcome,
        user_id,
        problems: refusals.iter().map(problem).collect(),
        seats,
    }
}

fn wanted_from(seat: &Assigned) -> Option<Uuid> {
    match seat {
        Assigned::New(seat) => Some(seat.subscription_id),
        Assigned::Unchanged(_) => None,
        Assigned::Refused(refusal) => match refusal.detail {
            Detail::Seats { subscription, .. } => Some(subscription),
            _ => None,
        },
    }
}

fn problem(refusal: &Refusal) -> Problem {
    let column = refusal.field.as_ref().and_then(|path| path.get(1)).cloned();
    Problem {
        code: refusal.code.name(),
        message: refusal.message.clone(),
        column,
    }
}

#[cfg(test)]
mod tests;
