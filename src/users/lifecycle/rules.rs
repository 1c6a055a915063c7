//! Who may be disabled, removed or given another role, by whom. Pure.

use entity::account::Plan;
use entity::user::{self, Role, Status};

use crate::access::{Action, Member, is_administrative, role_may, role_not_assignable};
use crate::enforcement::keeps_the_way_in;
use crate::error::{Code, Detail, Refusal};

/// Whether somebody with the right to manage users may disable or remove this one.
///
/// `keeps_password`: the account's single sign-on relies on them.
pub fn check_leaving(actor: &Member, user: &user::Model, keeps_password: bool) -> Result<(), Refusal> {
    check_target(actor, user)?;
    if keeps_password {
        return Err(keeps_the_way_in());
    }
    Ok(())
}

/// Whether a user may be given a role by somebody with the right to change roles.
pub fn check_role(
    giver: &Member,
    user: &user::Model,
    role: Role,
    keeps_password: bool,
) -> Result<(), Refusal> {
    check_target(giver, user)?;
    let not_assignable = |reason: &str| Err(Refusal::new(Code::RoleNotAssignable, reason));
    let grants_sso = role_may(giver.role, Action::GrantSsoAdmin);
    if role == Role::PrimaryAdmin {
        return not_assignable("The primary role changes hands by a hand-over only.");
    }
    if user.role == Role::SsoAdmin && role != user.role && !grants_sso {
        return not_assignable(
            "Only the primary administrator or an SSO administrator can take this role away.",
        );
    }
    if role == Role::SsoAdmin && grants_sso && giver.plan != Plan::Premium {
        let text = "The SSO administrator role needs the premium plan.";
        return Err(Refusal::new(Code::PlanRequired, text).with(Detail::Plan(Plan::Premium)));
    }
    if let Some(reason) = role_not_assignable(giver, role) {
        return not_assignable(reason);
    }
    if keeps_password && !is_administrative(role) {
        return Err(keeps_the_way_in());
    }
    Ok(())
}

/// What holds for the primary administrator, for contract managers and for oneself, whatever is to be done.
fn check_target(actor: &Member, user: &user::Model) -> Result<(), Refusal> {
    if user.role == Role::PrimaryAdmin {
        let text = "This is the primary administrator. Hand the role over first.";
        return Err(Refusal::new(Code::PrimaryAdminRequired, text));
    }
    if user.role == Role::ContractManager {
        let text = "This person manages a contract. Hand the contract over first.";
        return Err(Refusal::new(Code::ContractManagerRequired, text));
    }
    if user.id == actor.user_id {
        let text = "You cannot do this to yourself. Ask another administrator.";
        return Err(Refusal::new(Code::CannotChangeSelf, text));
    }
    Ok(())
}

/// Whether the primary role may go to a user.
pub fn check_heir(user: &user::Model) -> Result<(), Refusal> {
    match (user.status, user.role) {
        (Status::Disabled, _) => Err(Refusal::new(
            Code::UserDisabled,
            "This person is disabled. Enable the user first.",
        )),
        (Status::Active, Role::SecondaryAdmin) => Ok(()),
        _ => Err(Refusal::new(
            Code::RoleNotAssignable,
            "The primary role goes to an active secondary administrator.",
        )),
    }
}

/// Whether the present primary administrator may become this by a hand-over. Less than a secondary administrator is theirs alone to choose.
pub fn check_retreat(actor: &Member, primary: &user::Model, role: Role) -> Result<(), Refusal> {
    if role == Role::SecondaryAdmin {
        return Ok(());
    }
    if actor.user_id != primary.id {
        let text =
            "Only the primary administrator can choose to become anything but a secondary administrator.";
        return Err(Refusal::new(Code::RoleNotAssignable, text));
    }
    match role_not_assignable(actor, role) {
        Some(reason) => Err(Refusal::new(Code::RoleNotAssignable, reason)),
        None => Ok(()),
    }
}

/// A role in the words of a sentence.
pub const fn in_words(role: Role) -> &'static str {
    match role {
        Role::PrimaryAdmin => "primary administrator",
        Role::SecondaryAdmin => "secondary administrator",
        Role::SsoAdmin => "SSO administrator",
        Role::ContractManager => "contract manager",
        Role::SoftwareCoordinator => "software coordinator",
        Role::User => "user",
    }
}

#[cfg(test)]
#[path = "rules_tests.rs"]
mod tests;
