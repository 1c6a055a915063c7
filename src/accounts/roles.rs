//! What each role means in an account: what it may do, whether the plan and the view offer it, how many hold it.

use std::collections::HashMap;

use entity::account::{self, Plan, View};
use entity::user::{self, Role, Status};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use super::Account;
use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{NoArgs, Object, Permission, Type};
use crate::users::graphql::Role as RoleName;
use crate::users::standing::rules::ROLES;

/// A role in an account.
#[derive(Clone, Copy, Debug)]
pub struct RoleDefinition {
    role: Role,
    is_available: bool,
    holders: i32,
}

impl Object for RoleDefinition {
    const NAME: &'static str = "RoleDefinition";
    const DOC: &'static str = "What a role means here and now.";

    fn describe(t: &mut Type<Self>) {
        t.value("role", |definition| RoleName::from(definition.role));
        t.text("description", |definition| description(definition.role));
        t.value("permissions", |definition| Permission::of(definition.role));
        t.value("isAvailable", |definition| definition.is_available);
        t.value("maxHolders", |definition| most_holders(definition.role))
            .doc("Null: any number.");
        t.value("holderCount", |definition| definition.holders);
    }
}

/// Whether a role can be held in an account of this plan and view.
pub fn is_available(role: Role, plan: Plan, view: View) -> bool {
    match role {
        Role::User => true,
        Role::PrimaryAdmin | Role::SecondaryAdmin => view == View::Current,
        Role::SsoAdmin => view == View::Current && plan == Plan::Premium,
        Role::ContractManager | Role::SoftwareCoordinator => view == View::Classic,
    }
}

const fn most_holders(role: Role) -> Option<i32> {
    match role {
        Role::PrimaryAdmin => Some(1),
        _ => None,
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

/// `Account.roles`. Of an account the session is not for, nothing is counted and nothing listed.
pub fn on_account(t: &mut Type<Account>) {
    t.many("roles", |ask, accounts, _: NoArgs| {
        async move {
            let own = ask.scope.account_id()?;
            let holders = holders(ask.scope).await?;
            let definitions = |account: &account::Model| -> Vec<RoleDefinition> {
                let definition = |role| RoleDefinition {
                    role,
                    is_available: is_available(role, account.plan, account.view),
                    holders: holders.get(&role).copied().unwrap_or_default(),
                };
                let visible = ROLES.into_iter().filter(|_| account.id == own);
                visible.map(definition).collect()
            };
            Ok(accounts.iter().map(|account| definitions(&account.0)).collect())
        }
        .boxed()
    })
    .doc("Every role with what it may do, whether this plan and view offer it, and how many hold it.");
}

/// How many hold each role in the reader's account, counted in the index by role.
async fn holders(scope: &Scope) -> Result<HashMap<Role, i32>> {
    let counted: Vec<(Role, i64)> = user::Entity::find()
        .select_only()
        .column(user::Column::Role)
        .column_as(user::Column::Id.count(), "holders")
        .filter(user::Column::AccountId.eq(scope.account_id()?))
        .filter(user::Column::Status.ne(Status::Removed))
        .group_by(user::Column::Role)
        .into_tuple()
        .all(scope.db())
        .await?;
    let counted = counted
        .into_iter()
        .map(|(role, count)| (role, i32::try_from(count).unwrap_or(i32::MAX)));
    Ok(counted.collect())
}

#[cfg(test)]
mod tests {
    use entity::account::{Plan, View};
    use entity::user::Role;

    use super::is_available;
    use crate::users::standing::rules::ROLES;

    #[test]
    fn plan_and_view_decide_which_roles_there_are() {
        let offered = |plan, view| -> Vec<Role> {
            let offered = ROLES.into_iter().filter(|role| is_available(*role, plan, view));
            offered.collect()
        };
        let administrators = [Role::PrimaryAdmin, Role::SecondaryAdmin, Role::User];
        assert_eq!(offered(Plan::Standard, View::Current), administrators);
        let with_sso = [
            Role::PrimaryAdmin,
            Role::SecondaryAdmin,
            Role::SsoAdmin,
            Role::User,
        ];
        assert_eq!(offered(Plan::Premium, View::Current), with_sso);
        let classic = [Role::ContractManager, Role::SoftwareCoordinator, Role::User];
        for plan in [Plan::Standard, Plan::Premium] {
            assert_eq!(offered(plan, View::Classic), classic);
        }
    }
}
