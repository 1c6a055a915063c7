use entity::assignment::Source;
use entity::import_row::RowOutcome;
use entity::user::Role;
use uuid::Uuid;

use super::{added, role};
use crate::assignments::Assigned;
use crate::assignments::read::Seat;
use crate::error::{Code, Refusal};
use crate::imports::parse::Row;
use crate::users::invitee::{Added, InGroups, PersonOutcome};

fn row() -> Row {
    Row {
        line: 7,
        cells: Vec::new(),
        entry: Err(Vec::new()),
        same_as: None,
    }
}

#[test]
fn roles_are_read_as_people_write_them() {
    assert_eq!(role(""), Ok(Role::User));
    assert_eq!(role(" secondary admin "), Ok(Role::SecondaryAdmin));
    assert_eq!(role("SSO-Admin"), Ok(Role::SsoAdmin));
    let unknown = role("secondary_admim").unwrap_err();
    assert_eq!(unknown.code, Code::RoleUnknown);
    assert!(unknown.message.contains("SECONDARY_ADMIN"), "{}", unknown.message);
}

#[test]
fn a_missing_seat_fails_the_row_but_leaves_the_person_invited() {
    let user_id = Uuid::from_u128(1);
    let refused = Assigned::Refused(Refusal::new(Code::SeatsExhausted, "No seat is left."));
    let came = Added {
        person: PersonOutcome::Invited { user_id },
        seats: vec![refused],
        groups: InGroups::default(),
        made: None,
        again: None,
        kept: Vec::new(),
    };
    let result = added(came, &row(), &[], true);
    assert_eq!(result.outcome, RowOutcome::Failed);
    assert_eq!(result.user_id, Some(user_id));
    let problem = &result.problems[0];
    assert_eq!(
        (problem.code.as_str(), problem.column.as_deref()),
        ("SEATS_EXHAUSTED", Some("Products"))
    );
    assert!(problem.message.starts_with("Line 7, column \"Products\": "));
}

#[test]
fn outcomes_tell_new_people_from_known_ones() {
    let user_id = Uuid::from_u128(1);
    let new = || {
        Assigned::New(Seat {
            id: user_id,
            version: 1,
            user_id,
            subscription_id: user_id,
            product_id: user_id,
            source: Source::CsvImport,
            assigned_by: None,
            assigned_at: chrono::DateTime::UNIX_EPOCH,
            expires_on: None,
        })
    };
    let outcome = |person, seats| {
        let came = Added {
            person,
            seats,
            groups: InGroups::default(),
            made: None,
            again: None,
            kept: Vec::new(),
        };
        added(came, &row(), &[], true).outcome
    };
    assert_eq!(
        outcome(PersonOutcome::Invited { user_id }, vec![]),
        RowOutcome::Invited
    );
    assert_eq!(
        outcome(PersonOutcome::Invited { user_id }, vec![new()]),
        RowOutcome::InvitedAndAssigned
    );
    assert_eq!(
        outcome(PersonOutcome::Unchanged { user_id }, vec![new()]),
        RowOutcome::Assigned
    );
    assert_eq!(
        outcome(PersonOutcome::Unchanged { user_id }, vec![]),
        RowOutcome::Unchanged
    );
    assert_eq!(
        outcome(PersonOutcome::Reinvited { user_id }, vec![]),
        RowOutcome::Reinvited
    );
}
