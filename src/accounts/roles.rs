//! Which roles an account has, and how many hold each.

use std::collections::HashMap;

use entity::account::{Plan, View};
use entity::user::{self, Role, Status};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::error::Result;
use crate::platform::constants::Constants;
use crate::read::Scope;

/// Every role, the most powerful first.
pub const ROLES: [Role; 6] = [
    Role::PrimaryAdmin,
    Role::SecondaryAdmin,
    Role::SsoAdmin,
    Role::ContractManager,
    Role::SoftwareCoordinator,
    Role::User,
];

/// Whether a role can be held in an account of this plan and view.
pub fn is_available(role: Role, plan: Plan, view: View) -> bool {
    match role {
        Role::User => true,
        Role::PrimaryAdmin | Role::SecondaryAdmin => view == View::Current,
        Role::SsoAdmin => view == View::Current && plan == Plan::Premium,
        Role::ContractManager | Role::SoftwareCoordinator => view == View::Classic,
    }
}

/// How many may hold a role; `None`: any number.
pub const fn most_holders(role: Role) -> Option<i32> {
    match role {
        Role::PrimaryAdmin => Some(1),
        _ => None,
    }
}

/// How many hold each role in the reader's account, counted in the index by role.
pub async fn holders(scope: &Scope) -> Result<HashMap<Role, i32>> {
    let counted: Vec<(Role, i64)> = user::Entity::find()
        .select_only()
        .column(user::Column::Role)
        .column_as(user::Column::Id.count(), "holders")
        .filter(user::Column::AccountId.eq(scope.account_id()?))
        .filter(user::Column::Status.ne_constant(Status::Removed))
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

    use super::{ROLES, is_available};

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
