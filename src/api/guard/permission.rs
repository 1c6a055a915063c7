//! Permissions: what a role may do, as clients see it.

use async_graphql::Enum;
use async_graphql::registry::MetaDirectiveInvocation;
use futures::FutureExt;
use futures::future::BoxFuture;
use graphql::{Context, Fault, Refused};

use super::Guard;
use crate::access::{Action, role_may};

/// What a role may do. The mapping from role to permissions is the server's; clients read `viewer.permissions`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    /// See everybody of the account, and their invitations.
    UsersRead,
    /// Invite, edit, disable, enable and remove users.
    UsersWrite,
    /// Change what others may do.
    RolesWrite,
    /// Hand over the primary administration.
    PrimaryAdminTransfer,
    /// See products, subscriptions and who has seats.
    ProductsRead,
    /// Give seats and take them back.
    AssignmentsWrite,
    /// Make groups, and say who is in them.
    GroupsWrite,
    /// See contracts.
    ContractsRead,
    /// Make contracts and subscriptions, change, renew and end them.
    ContractsWrite,
    /// Hand over a contract in the classic view.
    ContractsTransfer,
    /// Go over to the other view of user management.
    AccountViewSwitch,
    /// Add users by CSV file, and see imports.
    ImportsWrite,
    /// Make files of users, seats and the audit log, and see exports.
    ExportsWrite,
    /// See reports of what was used.
    UsageRead,
    /// Record what was used.
    UsageWrite,
    /// See domains and identity providers.
    SsoRead,
    /// Set up domains and identity providers.
    SsoWrite,
    /// Create, see and revoke API tokens.
    ApiTokensWrite,
    /// Change the settings of the account.
    AccountWrite,
    /// See the audit log: what was done or refused, by whom.
    AuditRead,
}

impl Permission {
    pub const ALL: [Self; 20] = [
        Self::UsersRead,
        Self::UsersWrite,
        Self::RolesWrite,
        Self::PrimaryAdminTransfer,
        Self::ProductsRead,
        Self::AssignmentsWrite,
        Self::GroupsWrite,
        Self::ContractsRead,
        Self::ContractsWrite,
        Self::ContractsTransfer,
        Self::AccountViewSwitch,
        Self::ImportsWrite,
        Self::ExportsWrite,
        Self::UsageRead,
        Self::UsageWrite,
        Self::SsoRead,
        Self::SsoWrite,
        Self::ApiTokensWrite,
        Self::AccountWrite,
        Self::AuditRead,
    ];

    /// The row of the policy table that decides.
    pub const fn action(self) -> Action {
        match self {
            Self::UsersRead => Action::ReadUsers,
            Self::ProductsRead => Action::ReadProducts,
            Self::UsersWrite => Action::ManageUsers,
            Self::AssignmentsWrite => Action::ManageAssignments,
            Self::GroupsWrite => Action::ManageGroups,
            Self::ContractsRead => Action::ReadContracts,
            Self::ContractsWrite => Action::ManageContracts,
            Self::ContractsTransfer => Action::HandOverContract,
            Self::AccountViewSwitch => Action::SwitchView,
            Self::ImportsWrite => Action::ImportUsers,
            Self::ExportsWrite => Action::ReadReports,
            Self::UsageRead => Action::ReadUsage,
            Self::UsageWrite => Action::RecordUsage,
            Self::RolesWrite => Action::ChangeRoles,
            Self::PrimaryAdminTransfer => Action::HandOverPrimary,
            Self::SsoRead | Self::SsoWrite => Action::ManageSso,
            Self::ApiTokensWrite => Action::ManageApiTokens,
            Self::AccountWrite => Action::ManageAccount,
            Self::AuditRead => Action::ReadAudit,
        }
    }

    /// The permissions of a role.
    pub fn of(role: entity::user::Role) -> Vec<Self> {
        Self::ALL
            .into_iter()
            .filter(|permission| role_may(role, permission.action()))
            .collect()
    }
}

impl<T: Send + Sync + 'static> graphql::Guard<T> for Permission {
    fn directive(&self) -> Option<MetaDirectiveInvocation> {
        Guard::<T>::from(*self).directive()
    }

    fn may_refuse(&self) -> bool {
        true
    }

    fn shows(&self, context: &Context) -> Result<(), Fault> {
        graphql::Guard::shows(&Guard::<T>::from(*self), context)
    }

    fn admits(&self, context: &Context) -> Result<(), Fault> {
        graphql::Guard::admits(&Guard::<T>::from(*self), context)
    }

    fn attempt<'a>(
        &'a self,
        context: &'a Context,
        mutation: &'static str,
    ) -> BoxFuture<'a, Result<(), Refused>> {
        let guard = Guard::<T>::from(*self);
        async move { graphql::Guard::attempt(&guard, context, mutation).await }.boxed()
    }
}
