//! Who may give which role.

use entity::account::{Plan, View};
use entity::user::Role;

use super::{Action, Actor, Member, role_may};

/// Roles that count as administrators.
pub fn is_administrative(role: Role) -> bool {
    role != Role::User
}

/// Why a role cannot be given by this actor in this account; `None`: it can.
///
/// The primary role changes hands only by a hand-over, the SSO role needs the premium plan, the classic roles the classic view, and a
/// contract manager is made by handing them a contract.
pub fn role_not_assignable(giver: &Member, role: Role) -> Option<&'static str> {
    let classic = matches!(role, Role::ContractManager | Role::SoftwareCoordinator);
    match role {
        Role::User => None,
        Role::PrimaryAdmin => Some("The primary administrator is made by a hand-over, not by an invitation."),
        _ if classic != (giver.view == View::Classic) => {
            Some("This role does not exist in the view this account uses.")
        }
        Role::SsoAdmin if giver.plan != Plan::Premium => {
            Some("The SSO administrator role needs the premium plan.")
        }
        Role::SsoAdmin if !role_may(giver.role, Action::GrantSsoAdmin) => {
            Some("Only the primary administrator or an SSO administrator can give this role.")
        }
        Role::SecondaryAdmin if !role_may(giver.role, Action::ChangeRoles) => {
            Some("You cannot give this role.")
        }
        Role::ContractManager => Some("The contract manager's role changes hands with a contract."),
        Role::SoftwareCoordinator if giver.role != Role::ContractManager => {
            Some("Only a contract manager can give this role.")
        }
        _ => None,
    }
}

/// As [`role_not_assignable`], for whoever acts: no API token makes an administrator, whatever its creator may do.
pub fn role_not_giveable(actor: &Actor, role: Role) -> Option<&'static str> {
    match (actor, actor.member()) {
        (Actor::ApiToken { .. }, _) if role != Role::User => Some("An API token gives no role but USER."),
        (_, Some(giver)) => role_not_assignable(giver, role),
        (_, None) => Some("You cannot give this role."),
    }
}

/// Why whoever acts cannot send an invitation to a role that somebody else has given; `None`: they can. At acceptance the role is bounded by the rights
/// of the person who invited; a token has its creator's, so it must not send what would make an administrator.
pub fn role_not_offerable(actor: &Actor, role: Role) -> Option<&'static str> {
    let is_token = matches!(actor, Actor::ApiToken { .. });
    (is_token && role != Role::User).then_some("An API token gives no role but USER.")
}
