//! The rules of roles as a table: giver × present role × wanted role × plan.

use chrono::DateTime;
use entity::account::{Plan, View};
use entity::user::{Model, Origin, Role, Status};
use uuid::Uuid;

use super::{check_heir, check_leaving, check_retreat, check_role};
use crate::access::{self, Member};
use crate::accounts::roles::ROLES;
use crate::error::{Code, Refusal};

const GIVERS: [Role; 3] = [Role::PrimaryAdmin, Role::SecondaryAdmin, Role::SsoAdmin];
const OF_THE_VIEW: [Role; 3] = [Role::SecondaryAdmin, Role::SsoAdmin, Role::User];

fn giver(role: Role, plan: Plan) -> Member {
    Member {
        account_id: Uuid::from_u128(1),
        user_id: Uuid::from_u128(2),
        session_id: Uuid::from_u128(3),
        role,
        plan,
        view: View::Current,
        authenticated_at: DateTime::UNIX_EPOCH,
        label: "giver@acme.example".into(),
        origin: access::Origin::default(),
    }
}

fn user(id: u128, role: Role, status: Status) -> Model {
    Model {
        account_id: Uuid::from_u128(1),
        id: Uuid::from_u128(id),
        identity_id: None,
        version: 1,
        email: "anne@acme.example".into(),
        email_key: "anne@acme.example".into(),
        email_verified: true,
        given_name: None,
        family_name: None,
        given_key: Vec::new(),
        family_key: Vec::new(),
        search_text: String::new(),
        role,
        status,
        origin: Origin::Invitation,
        locale: None,
        external_id: None,
        created_at: DateTime::UNIX_EPOCH,
        last_signed_in_at: None,
        disabled_at: None,
        removed_at: None,
    }
}

fn code(answer: Result<(), Refusal>) -> Option<Code> {
    answer.err().map(|refusal| refusal.code)
}

#[test]
fn every_change_of_role_is_allowed_or_refused_as_the_table_says() {
    let mut allowed = 0;
    for giver_role in GIVERS {
        for plan in [Plan::Standard, Plan::Premium] {
            let giver = giver(giver_role, plan);
            for from in OF_THE_VIEW {
                for to in ROLES {
                    let answer = code(check_role(&giver, &user(9, from, Status::Active), to, false));
                    let grants = giver_role != Role::SecondaryAdmin;
                    let expected = match (from, to) {
                        (_, Role::PrimaryAdmin) => Some(Code::RoleNotAssignable),
                        (Role::SsoAdmin, to) if to != Role::SsoAdmin && !grants => {
                            Some(Code::RoleNotAssignable)
                        }
                        (_, Role::SsoAdmin) if !grants => Some(Code::RoleNotAssignable),
                        (_, Role::SsoAdmin) if plan == Plan::Standard => Some(Code::PlanRequired),
                        (_, Role::ContractManager | Role::SoftwareCoordinator) => {
                            Some(Code::RoleNotAssignable)
                        }
                        _ => None,
                    };
                    assert_eq!(answer, expected, "{giver_role:?} on {plan:?}: {from:?} to {to:?}");
                    allowed += usize::from(answer.is_none());
                }
            }
        }
    }
    // Two of the three givers: six changes between two roles and nine among three; a secondary: four on each plan.
    assert_eq!(allowed, 2 * (6 + 9) + 2 * 4);
}

#[test]
fn the_primary_and_oneself_are_left_alone() {
    for giver_role in GIVERS {
        let giver = giver(giver_role, Plan::Premium);
        let primary = user(9, Role::PrimaryAdmin, Status::Active);
        let oneself = user(2, Role::SecondaryAdmin, Status::Active);
        for (target, expected) in [
            (&primary, Code::PrimaryAdminRequired),
            (&oneself, Code::CannotChangeSelf),
        ] {
            assert_eq!(code(check_leaving(&giver, target, false)), Some(expected));
            for role in ROLES {
                assert_eq!(
                    code(check_role(&giver, target, role, false)),
                    Some(expected),
                    "{role:?}"
                );
            }
        }
        assert_eq!(
            code(check_leaving(
                &giver,
                &user(9, Role::SsoAdmin, Status::Active),
                false
            )),
            None
        );
    }
}

#[test]
fn who_keeps_a_password_for_the_day_the_provider_fails_stays_an_administrator() {
    let giver = giver(Role::PrimaryAdmin, Plan::Premium);
    let keeper = user(9, Role::SecondaryAdmin, Status::Active);
    assert_eq!(code(check_leaving(&giver, &keeper, true)), Some(Code::SsoInUse));
    assert_eq!(
        code(check_role(&giver, &keeper, Role::User, true)),
        Some(Code::SsoInUse)
    );
    assert_eq!(code(check_role(&giver, &keeper, Role::SsoAdmin, true)), None);
}

#[test]
fn the_heir_is_an_active_secondary_and_nobody_else() {
    for role in ROLES {
        for status in [Status::Staged, Status::Pending, Status::Active, Status::Disabled] {
            let expected = match (status, role) {
                (Status::Active, Role::SecondaryAdmin) => None,
                (Status::Disabled, _) => Some(Code::UserDisabled),
                _ => Some(Code::RoleNotAssignable),
            };
            assert_eq!(
                code(check_heir(&user(9, role, status))),
                expected,
                "{role:?} {status:?}"
            );
        }
    }
}

#[test]
fn a_secondary_who_takes_over_leaves_the_former_primary_a_secondary() {
    let primary = user(2, Role::PrimaryAdmin, Status::Active);
    let other = Member {
        user_id: Uuid::from_u128(5),
        ..giver(Role::SecondaryAdmin, Plan::Premium)
    };
    for role in ROLES {
        let by_other = code(check_retreat(&other, &primary, role));
        let is_allowed = role == Role::SecondaryAdmin;
        assert_eq!(
            by_other,
            (!is_allowed).then_some(Code::RoleNotAssignable),
            "{role:?}"
        );
        let by_himself = code(check_retreat(
            &giver(Role::PrimaryAdmin, Plan::Premium),
            &primary,
            role,
        ));
        let is_allowed = OF_THE_VIEW.contains(&role);
        assert_eq!(
            by_himself,
            (!is_allowed).then_some(Code::RoleNotAssignable),
            "{role:?}"
        );
    }
    let on_standard = check_retreat(
        &giver(Role::PrimaryAdmin, Plan::Standard),
        &primary,
        Role::SsoAdmin,
    );
    assert_eq!(code(on_standard), Some(Code::RoleNotAssignable));
}
