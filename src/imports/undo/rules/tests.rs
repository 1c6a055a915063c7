use std::collections::HashMap;

use chrono::DateTime;
use entity::assignment::{self, Source};
use entity::import_row::{self, Effects, RowOutcome};
use entity::invitation::{self, Delivery};
use entity::lists::{Texts, Uuids};
use entity::user::{self, Origin, Role, Status};
use uuid::Uuid;

use super::{Plan, Present};

const USER: Uuid = Uuid::from_u128(1);
const SEAT: Uuid = Uuid::from_u128(2);
const LATER: Uuid = Uuid::from_u128(3);

fn row(outcome: RowOutcome, effects: Option<Effects>) -> import_row::Model {
    import_row::Model {
        account_id: Uuid::nil(),
        id: Uuid::nil(),
        import_id: Uuid::nil(),
        line: 2,
        outcome,
        is_planned: false,
        cells: Texts::default(),
        user_id: Some(USER),
        problems: None,
        effects,
        undo: None,
        undo_problems: None,
    }
}

/// A row that added somebody and gave them a seat.
fn added() -> import_row::Model {
    let effects = Effects {
        is_new: true,
        is_invited: true,
        seats: vec![SEAT],
        customised: Vec::new(),
        freed: Vec::new(),
        joined: Vec::new(),
        waiting: Vec::new(),
    };
    row(RowOutcome::InvitedAndAssigned, Some(effects))
}

/// A later line of the same person, which gave them one more.
fn again() -> import_row::Model {
    let effects = Effects {
        is_new: false,
        is_invited: false,
        seats: vec![LATER],
        customised: Vec::new(),
        freed: Vec::new(),
        joined: Vec::new(),
        waiting: Vec::new(),
    };
    row(RowOutcome::Assigned, Some(effects))
}

fn seat(id: Uuid, version: i32) -> assignment::Model {
    assignment::Model {
        account_id: Uuid::nil(),
        id,
        version,
        user_id: USER,
        subscription_id: Uuid::nil(),
        product_id: id,
        components: Uuids::default(),
        source: Source::CsvImport,
        assigned_by: None,
        assigned_at: DateTime::UNIX_EPOCH,
        expires_on: None,
        expiry_told_for: None,
        reclaim_told_at: None,
        waited_as: None,
    }
}

fn user(status: Status, version: i32) -> user::Model {
    user::Model {
        account_id: Uuid::nil(),
        id: USER,
        identity_id: None,
        version,
        email: "a@acme.example".into(),
        email_key: "a@acme.example".into(),
        email_verified: false,
        given_name: None,
        family_name: None,
        given_key: Vec::new(),
        family_key: Vec::new(),
        search_text: String::new(),
        role: Role::User,
        status,
        origin: Origin::CsvImport,
        locale: None,
        external_id: None,
        created_at: DateTime::UNIX_EPOCH,
        last_signed_in_at: None,
        disabled_at: None,
        removed_at: None,
    }
}

fn invitation(generation: i32) -> invitation::Model {
    invitation::Model {
        account_id: Uuid::nil(),
        id: Uuid::nil(),
        user_id: USER,
        role: Role::User,
        status: invitation::Status::Pending,
        generation,
        token_hash: Vec::new(),
        invited_by: None,
        message: None,
        created_at: DateTime::UNIX_EPOCH,
        expires_at: DateTime::UNIX_EPOCH,
        last_sent_at: None,
        send_count: 0,
        accepted_at: None,
        revoked_at: None,
        delivery_status: Delivery::Sent,
        delivery_at: DateTime::UNIX_EPOCH,
        delivery_reason: None,
    }
}

fn present(user: user::Model, generation: i32, seats: Vec<assignment::Model>) -> Present {
    Present {
        waiting: std::collections::HashMap::new(),
        memberships: HashMap::new(),
        users: [(USER, user)].into(),
        invitations: [(USER, invitation(generation))].into(),
        seats: seats.into_iter().map(|seat| (seat.id, seat)).collect(),
    }
}

/// The codes of why something of each row is left.
fn left(plan: &Plan) -> Vec<Option<Vec<&str>>> {
    let rows = plan.rows.iter().map(Option::as_ref);
    rows.map(|left| left.map(|left| left.iter().map(|problem| problem.code.as_str()).collect()))
        .collect()
}

#[test]
fn who_is_as_the_import_left_them_goes_with_their_seats() {
    for status in [Status::Pending, Status::Staged] {
        let there = present(user(status, 1), 1, vec![seat(SEAT, 1)]);
        let plan = Plan::of(&[added()], &there);
        assert_eq!(
            (plan.removed.as_slice(), plan.freed.as_slice()),
            (&[USER][..], &[SEAT][..])
        );
        assert_eq!(left(&plan), [Some(vec![])]);
    }
}

#[test]
fn who_was_changed_since_stays_and_the_seat_goes() {
    for (user, generation, code) in [
        (user(Status::Active, 2), 1, "INVITATION_ALREADY_ACCEPTED"),
        (user(Status::Disabled, 3), 1, "INVITATION_ALREADY_ACCEPTED"),
        (user(Status::Pending, 2), 1, "STALE_VERSION"),
        (user(Status::Pending, 1), 2, "STALE_VERSION"),
    ] {
        let plan = Plan::of(&[added()], &present(user, generation, vec![seat(SEAT, 1)]));
        assert!(plan.removed.is_empty());
        assert_eq!(plan.freed, [SEAT]);
        assert_eq!(left(&plan), [Some(vec![code])]);
    }
}

#[test]
fn a_seat_that_was_changed_or_given_by_others_stays_and_so_does_its_person() {
    let there = present(user(Status::Pending, 1), 1, vec![seat(SEAT, 2)]);
    let plan = Plan::of(&[added()], &there);
    assert!(plan.removed.is_empty() && plan.freed.is_empty());
    assert_eq!(left(&plan), [Some(vec!["STALE_VERSION", "STALE_VERSION"])]);

    let there = present(user(Status::Pending, 1), 1, vec![seat(SEAT, 1), seat(LATER, 1)]);
    let plan = Plan::of(&[added()], &there);
    assert_eq!((plan.removed.len(), plan.freed.as_slice()), (0, &[SEAT][..]));
    assert_eq!(left(&plan), [Some(vec!["STALE_VERSION"])]);
    // The same seat, given by a later line of the file, has gone by then.
    let plan = Plan::of(&[again(), added()], &there);
    assert_eq!(
        (plan.removed.len(), plan.freed.as_slice()),
        (1, &[LATER, SEAT][..])
    );
    assert_eq!(left(&plan), [Some(vec![]), Some(vec![])]);
}

#[test]
fn what_others_have_taken_back_already_is_taken_back() {
    let plan = Plan::of(&[added()], &present(user(Status::Removed, 2), 1, Vec::new()));
    assert!(plan.removed.is_empty() && plan.freed.is_empty());
    assert_eq!(left(&plan), [Some(vec![])]);
}

#[test]
fn what_was_there_before_the_import_is_left_with_its_reason() {
    let customised = Effects {
        customised: vec![SEAT],
        ..Effects::default()
    };
    let there = present(user(Status::Active, 1), 1, vec![seat(SEAT, 2)]);
    for (row, expected) in [
        (
            row(RowOutcome::Assigned, Some(customised)),
            Some(vec!["ALREADY_EXISTS"]),
        ),
        (
            row(RowOutcome::Reinvited, Some(Effects::default())),
            Some(vec!["ALREADY_EXISTS"]),
        ),
        (
            row(RowOutcome::Invited, Some(Effects::default())),
            Some(vec!["ALREADY_EXISTS"]),
        ),
        (row(RowOutcome::Unchanged, None), None),
        (row(RowOutcome::Failed, None), None),
        (row(RowOutcome::Invited, None), Some(vec!["UNDO_EXPIRED"])),
    ] {
        let plan = Plan::of(&[row], &there);
        assert!(plan.removed.is_empty() && plan.freed.is_empty());
        assert_eq!(left(&plan), [expected]);
    }
}

#[test]
fn memberships_that_the_import_made_end_and_others_keep_their_person() {
    let (own, other) = (Uuid::from_u128(7), Uuid::from_u128(8));
    let mut added = added();
    added.effects.as_mut().unwrap().joined = vec![own];
    for (memberships, code) in [
        (vec![(own, USER)], None),
        (vec![(own, USER), (other, USER)], Some("STALE_VERSION")),
    ] {
        let mut present = present(user(Status::Pending, 1), 1, vec![seat(SEAT, 1)]);
        present.memberships = memberships.into_iter().collect();
        let plan = Plan::of(&[added.clone()], &present);
        assert_eq!(plan.parted, [own]);
        assert_eq!(plan.removed.is_empty(), code.is_some());
        assert_eq!(left(&plan), [Some(Vec::from_iter(code))]);
    }
}

#[test]
fn a_place_in_a_line_is_left_or_gives_back_the_seat_that_came_of_it_and_no_other() {
    let entry = Uuid::from_u128(9);
    let effects = Effects {
        waiting: vec![entry],
        ..Effects::default()
    };
    let row = row(RowOutcome::Waitlisted, Some(effects));
    let plan_with = |seats: Vec<assignment::Model>, waits: bool| {
        let mut present = present(user(Status::Active, 1), 1, seats);
        present.waiting = waits.then_some((entry, USER)).into_iter().collect();
        Plan::of(std::slice::from_ref(&row), &present)
    };
    assert_eq!(plan_with(Vec::new(), true).left, [entry]);
    let came = assignment::Model {
        waited_as: Some(entry),
        ..seat(SEAT, 1)
    };
    assert_eq!(plan_with(vec![came, seat(LATER, 1)], false).freed, [SEAT]);
    // Taken off the line, and given a seat by another import since.
    assert_eq!(plan_with(vec![seat(LATER, 1)], false).freed, Vec::<Uuid>::new());
}

#[test]
fn whoever_was_there_and_is_invited_and_waits_is_told_that_the_invitation_stands() {
    let effects = Effects {
        is_invited: true,
        waiting: vec![LATER],
        ..Effects::default()
    };
    let row = row(RowOutcome::Waitlisted, Some(effects));
    let present = present(user(Status::Pending, 1), 1, Vec::new());
    let plan = Plan::of(&[row], &present);
    assert_eq!(left(&plan), [Some(vec!["ALREADY_EXISTS"])]);
}
