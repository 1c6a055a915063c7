use entity::account::{Plan, View};
use entity::user::Role;

use super::{
    Action, Actor, ApiTokenScope, Member, Origin, Pass, permit, role_may, role_not_assignable,
    role_not_giveable,
};
use crate::error::Error;

fn member(role: Role) -> Member {
    Member {
        account_id: uuid::Uuid::from_u128(1),
        user_id: uuid::Uuid::from_u128(2),
        session_id: uuid::Uuid::from_u128(3),
        role,
        plan: Plan::Standard,
        view: View::Current,
        authenticated_at: chrono::DateTime::UNIX_EPOCH,
        label: "someone@acme.example".into(),
        origin: Origin::default(),
    }
}

#[test]
fn a_user_may_only_do_what_is_their_own() {
    for action in [
        Action::ReadUsers,
        Action::ManageUsers,
        Action::ImportUsers,
        Action::ReadReports,
        Action::ReadAudit,
        Action::ReadUsage,
        Action::ManageContracts,
    ] {
        assert!(!role_may(Role::User, action), "{action:?}");
    }
    assert!(role_may(Role::User, Action::Own));
}

#[test]
fn an_import_does_what_imports_do_and_no_more_than_its_uploader() {
    let import = |role| Actor::Import {
        import_id: uuid::Uuid::from_u128(9),
        on_behalf_of: member(role),
    };
    assert!(permit(&import(Role::PrimaryAdmin), Action::ManageUsers).is_ok());
    assert!(matches!(
        permit(&import(Role::PrimaryAdmin), Action::HandOverPrimary),
        Err(Error::Forbidden)
    ));
    assert!(matches!(
        permit(&import(Role::User), Action::ManageUsers),
        Err(Error::Forbidden)
    ));
}

#[test]
fn an_identity_provider_lets_people_in_and_manages_nothing() {
    let provider = Actor::Sso {
        account_id: uuid::Uuid::from_u128(1),
        identity_provider_id: uuid::Uuid::from_u128(7),
        label: "Acme".into(),
        origin: Origin::default(),
    };
    for action in [Action::Enter, Action::ManageAssignments] {
        assert!(permit(&provider, action).is_ok(), "{action:?}");
    }
    for action in [
        Action::ReadUsers,
        Action::ManageUsers,
        Action::ChangeRoles,
        Action::GrantSsoAdmin,
        Action::HandOverPrimary,
        Action::ManageSso,
        Action::Own,
        Action::Maintain,
        Action::Operate,
    ] {
        let refused = permit(&provider, action);
        assert!(matches!(refused, Err(Error::Forbidden)), "{action:?}");
    }
}

#[test]
fn an_api_token_does_what_its_scopes_name_and_no_more_than_its_creator() {
    use ApiTokenScope::{AssignmentsWrite, UsersRead, UsersWrite};
    let token = |role, scopes: &[ApiTokenScope]| Actor::ApiToken {
        token: Pass {
            id: uuid::Uuid::from_u128(8),
            name: "Sync".into(),
            scopes: scopes.to_vec(),
        },
        on_behalf_of: member(role),
    };
    let may = |role, scopes, action| permit(&token(role, scopes), action).is_ok();
    assert!(may(Role::PrimaryAdmin, &[UsersWrite], Action::ManageUsers));
    assert!(may(Role::PrimaryAdmin, &[UsersWrite], Action::ReadUsers));
    assert!(!may(Role::PrimaryAdmin, &[UsersRead], Action::ManageUsers));
    assert!(!may(Role::PrimaryAdmin, &[UsersWrite], Action::ManageAssignments));
    assert!(!may(Role::User, &[UsersWrite], Action::ReadUsers), "demoted");
    for action in [
        Action::ManageApiTokens,
        Action::ChangeRoles,
        Action::GrantSsoAdmin,
        Action::HandOverPrimary,
        Action::ManageSso,
        Action::EndSessions,
        Action::ImportUsers,
        Action::Own,
        Action::Enter,
        Action::Maintain,
        Action::Operate,
    ] {
        assert!(
            !may(Role::PrimaryAdmin, &[UsersWrite, AssignmentsWrite], action),
            "{action:?}"
        );
    }
    let actor = token(Role::PrimaryAdmin, &[UsersWrite]);
    assert!(role_not_giveable(&actor, Role::SecondaryAdmin).is_some());
    assert!(role_not_giveable(&actor, Role::User).is_none());
    assert!(actor.person().is_none());
}

#[test]
fn who_is_not_signed_in_is_asked_to_sign_in() {
    let nobody = Actor::Anonymous(Origin::default());
    assert!(matches!(
        permit(&nobody, Action::ReadUsers),
        Err(Error::Unauthenticated)
    ));
    assert!(permit(&nobody, Action::Enter).is_ok());
}

#[test]
fn nobody_makes_a_primary_and_sso_admins_need_the_plan() {
    let primary = member(Role::PrimaryAdmin);
    assert!(role_not_assignable(&primary, Role::PrimaryAdmin).is_some());
    assert!(role_not_assignable(&primary, Role::SsoAdmin).is_some());
    let premium = Member {
        plan: Plan::Premium,
        ..primary
    };
    assert!(role_not_assignable(&premium, Role::SsoAdmin).is_none());
    assert!(
        role_not_assignable(
            &Member {
                role: Role::SecondaryAdmin,
                ..premium.clone()
            },
            Role::SsoAdmin
        )
        .is_some()
    );
    assert!(role_not_assignable(&premium, Role::ContractManager).is_some());
    assert!(role_not_assignable(&member(Role::User), Role::SecondaryAdmin).is_some());
}
