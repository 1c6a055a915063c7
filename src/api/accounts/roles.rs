//! What each role means in an account: what it may do, whether the plan and the view offer it, how many hold it.

use entity::user::Role;

use crate::accounts::Account;
use crate::accounts::Profile;
use crate::accounts::roles::{ROLES, holders, is_available, most_holders};
use crate::api::guard::Permission;
use crate::api::users::Role as RoleName;
use crate::error::Result;
use crate::read::Scope;
use graphql::{Object, Rows, Type};

/// A role in an account.
#[derive(Clone, Copy, Debug)]
pub struct RoleDefinition {
    role: Role,
    is_available: bool,
    /// `None` of an account the session is not for: nobody is counted there.
    holders: Option<i32>,
}

impl Object for RoleDefinition {
    const NAME: &'static str = "RoleDefinition";
    const DOC: &'static str = "What a role means here and now.";

    fn describe(t: &mut Type<Self>) {
        t.value("role", |definition| RoleName::from(definition.role))
            .doc("The role that is described.");
        t.text("description", |definition| description(definition.role))
            .doc("What the role is for, in English, for people to read.");
        t.value("permissions", |definition| Permission::of(definition.role))
            .doc("All that somebody with the role may do.");
        t.value("isAvailable", |definition| definition.is_available)
            .doc("Whether the plan and the view of the account offer the role.");
        t.value("maxHolders", |definition| most_holders(definition.role))
            .doc("How many users may hold the role; null: any number.");
        t.value("holderCount", |definition| definition.holders)
            .doc("How many users hold the role now, removed ones aside; null of an account the session is not for.")
            .guard(Permission::UsersRead);
    }
}

const fn description(role: Role) -> &'static str {
    match role {
        Role::PrimaryAdmin => {
            "Manages everything: people, products, roles, single sign-on and contracts. There is always exactly one."
        }
        Role::SecondaryAdmin => {
            "Manages people, products, roles and contracts, and can take over the primary role."
        }
        Role::SsoAdmin => "Manages people, products and single sign-on. Premium plan only.",
        Role::ContractManager => {
            "Classic view: manages the people, products and terms of a contract. One for each contract."
        }
        Role::SoftwareCoordinator => "Classic view: manages people and their products.",
        Role::User => "Uses the assigned products and manages the own profile.",
    }
}

/// `Account.roles`.
pub fn on_account(t: &mut Type<Account>) {
    t.many("roles", roles)
        .doc("Every role with what it may do, whether this plan and view offer it, and how many hold it.");
}

async fn roles(scope: Scope, accounts: Rows<Account>) -> Result<Vec<Vec<RoleDefinition>>> {
    let own = scope.account_id()?;
    let holders = holders(&scope).await?;
    let definitions = |account: &Profile| -> Vec<RoleDefinition> {
        let definition = |role| RoleDefinition {
            role,
            is_available: is_available(role, account.plan, account.view),
            holders: (account.id == own).then(|| holders.get(&role).copied().unwrap_or_default()),
        };
        ROLES.into_iter().map(definition).collect()
    };
    Ok(accounts.iter().map(|account| definitions(&account.0)).collect())
}
