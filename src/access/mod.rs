//! Who may do what: the whole policy, as one table.
//!
//! [`permit`] is asked before every command and by the read side for every guarded field. The table reads like the one in
//! `docs/domain.md`; the match is exhaustive, so an action without a row does not compile. Actors that are not people (an import at work, the
//! operator at the command line) have rows of their own: nothing is allowed because it is "internal".

pub mod rights;
mod roles;
mod scope;

use chrono::{DateTime, Duration, Utc};
use entity::account::{Plan, View};
use entity::user::Role;
use uuid::Uuid;

pub use roles::{is_administrative, role_not_assignable, role_not_giveable, role_not_offerable};
pub use scope::ApiTokenScope;

use crate::error::{Error, Result};

/// Where a call came from, for the audit log.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub request_id: String,
}

/// A signed-in person in the account the session is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub account_id: Uuid,
    pub user_id: Uuid,
    pub session_id: Uuid,
    pub role: Role,
    pub plan: Plan,
    pub view: View,
    /// When the person last proved who they are. For somebody who is not at hand (an uploader whose import runs): long ago.
    pub authenticated_at: DateTime<Utc>,
    /// The e-mail, for the audit log.
    pub label: String,
    pub origin: Origin,
}

/// How long ago a sign-in may be for what is dangerous (security, D6).
pub const RECENT: Duration = Duration::minutes(10);

impl Member {
    /// Whether the person proved who they are a short while ago, so that a browser left open is not enough.
    pub fn is_recent(&self, now: DateTime<Utc>) -> bool {
        now - self.authenticated_at <= RECENT
    }
}

/// An API token as it was presented.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pass {
    pub id: Uuid,
    /// What the account calls it, for the audit log.
    pub name: String,
    pub scopes: Vec<ApiTokenScope>,
}

impl Pass {
    /// Whether one of its scopes covers an action.
    fn covers(&self, action: Action) -> bool {
        scopes(action).iter().any(|scope| self.scopes.contains(scope))
    }
}

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Actor {
    /// Nobody is signed in; a bearer of an invitation or of a password, at most.
    Anonymous(Origin),
    Member(Member),
    /// A background import, with the rights its uploader has *now*.
    Import {
        import_id: Uuid,
        on_behalf_of: Member,
    },
    /// A background job for many people, with the rights whoever asked for it has *now*, and no more than the token that they asked with.
    Job {
        job_id: Uuid,
        token: Option<Pass>,
        on_behalf_of: Member,
    },
    /// An identity provider of an account, whose word about a person has been verified.
    Sso {
        account_id: Uuid,
        identity_provider_id: Uuid,
        /// What the account calls it, for the audit log.
        label: String,
        /// Where the person's browser, or the provider itself, spoke from.
        origin: Origin,
    },
    /// A script, with the rights the token's creator has *now*, and of these only what the token's scopes name.
    ApiToken {
        token: Pass,
        on_behalf_of: Member,
    },
    /// The platform keeping its own books: leases, deliveries, sessions.
    Platform,
    /// Whoever can run `muster admin` on the server.
    Operator,
}

impl Actor {
    /// The member who acts, or on whose behalf something else does.
    pub fn member(&self) -> Option<&Member> {
        match self {
            Self::Member(member)
            | Self::Import {
                on_behalf_of: member, ..
            }
            | Self::Job {
                on_behalf_of: member, ..
            }
            | Self::ApiToken {
                on_behalf_of: member, ..
            } => Some(member),
            Self::Anonymous(_) | Self::Sso { .. } | Self::Platform | Self::Operator => None,
        }
    }

    /// The signed-in person themselves: what is their own is shown to nobody who acts on their behalf.
    pub fn person(&self) -> Option<&Member> {
        match self {
            Self::Member(member) => Some(member),
            _ => None,
        }
    }

    /// The API token by which a script acts, itself or by a job it asked for.
    pub const fn token(&self) -> Option<&Pass> {
        match self {
            Self::ApiToken { token, .. } => Some(token),
            Self::Job { token, .. } => token.as_ref(),
            _ => None,
        }
    }

    /// Whether it is a script that acts, by an API token.
    pub const fn is_script(&self) -> bool {
        matches!(self, Self::ApiToken { .. })
    }

    pub fn account_id(&self) -> Option<Uuid> {
        match self {
            Self::Sso { account_id, .. } => Some(*account_id),
            _ => self.member().map(|member| member.account_id),
        }
    }

    pub fn origin(&self) -> Origin {
        match self {
            Self::Anonymous(origin) | Self::Sso { origin, .. } => origin.clone(),
            Self::Member(member)
            | Self::Import {
                on_behalf_of: member, ..
            }
            | Self::Job {
                on_behalf_of: member, ..
            }
            | Self::ApiToken {
                on_behalf_of: member, ..
            } => member.origin.clone(),
            Self::Platform | Self::Operator => Origin::default(),
        }
    }
}

/// Something that can be allowed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    ReadUsers,
    /// Products, subscriptions and who has seats.
    ReadProducts,
    ManageUsers,
    /// Ending sessions of others.
    EndSessions,
    ImportUsers,
    ClassicAdd,
    ManageAssignments,
    /// Groups and who is in them.
    ManageGroups,
    ChangeRoles,
    GrantSsoAdmin,
    HandOverPrimary,
    ManageSso,
    ManageApiTokens,
    /// Making files of people, seats and the audit log.
    ReadReports,
    ReadAudit,
    ReadUsage,
    /// Recording what was used of products.
    RecordUsage,
    ReadContracts,
    ManageContracts,
    /// Handing over a contract in the classic view.
    HandOverContract,
    /// Going over to the other view of user management.
    SwitchView,
    /// Settings of the account.
    ManageAccount,
    /// What every member may do with what is their own: profile, products, notifications, sessions.
    Own,
    /// What the bearer of an invitation or a password may do.
    Enter,
    /// Bookkeeping of jobs, mails and sessions.
    Maintain,
    /// Making accounts and the catalogue.
    Operate,
}

/// Whether a role has a right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grant {
    Yes,
    No,
}
use Grant::{No, Yes};

/// The rights of people: one row an action, the columns in the order primary, secondary, SSO administrator, user, contract manager, coordinator.
#[rustfmt::skip]
#[expect(clippy::match_same_arms, reason = "a table is read row by row")]
const fn row(action: Action) -> [Grant; 6] {
    match action {
        //                                 primary secondary sso   user  manager coordinator
        Action::ReadUsers              => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::ReadProducts           => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::ManageUsers            => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::EndSessions            => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::ImportUsers            => [Yes,    Yes,      Yes,  No,   No,     No ],
        Action::ClassicAdd             => [No,     No,       No,   No,   Yes,    Yes],
        Action::ManageAssignments      => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::ManageGroups           => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::ChangeRoles            => [Yes,    Yes,      Yes,  No,   Yes,    No ],
        Action::GrantSsoAdmin          => [Yes,    No,       Yes,  No,   No,     No ],
        Action::HandOverPrimary        => [Yes,    Yes,      No,   No,   No,     No ],
        Action::ManageSso              => [Yes,    No,       Yes,  No,   No,     No ],
        Action::ManageApiTokens        => [Yes,    No,       Yes,  No,   No,     No ],
        Action::ReadReports            => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::ReadAudit              => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::ReadUsage              => [Yes,    Yes,      Yes,  No,   Yes,    Yes],
        Action::RecordUsage            => [Yes,    Yes,      Yes,  No,   Yes,    No ],
        Action::ReadContracts          => [Yes,    Yes,      No,   No,   Yes,    Yes],
        Action::ManageContracts        => [Yes,    Yes,      No,   No,   Yes,    No ],
        Action::HandOverContract       => [No,     No,       No,   No,   Yes,    No ],
        Action::SwitchView             => [Yes,    No,       No,   No,   Yes,    No ],
        Action::ManageAccount          => [Yes,    Yes,      No,   No,   Yes,    No ],
        Action::Own | Action::Enter    => [Yes,    Yes,      Yes,  Yes,  Yes,    Yes],
        Action::Maintain
        | Action::Operate              => [No,     No,       No,   No,   No,     No ],
    }
}

const fn column(role: Role) -> usize {
    match role {
        Role::PrimaryAdmin => 0,
        Role::SecondaryAdmin => 1,
        Role::SsoAdmin => 2,
        Role::User => 3,
        Role::ContractManager => 4,
        Role::SoftwareCoordinator => 5,
    }
}

/// Whether a role has the right to an action in its own account.
pub fn role_may(role: Role, action: Action) -> bool {
    row(action)[column(role)] == Yes
}

/// The scopes of API tokens that cover an action. What no scope covers is for people only: making tokens, giving roles, single sign-on, sessions,
/// and whatever is somebody's own.
const fn scopes(action: Action) -> &'static [ApiTokenScope] {
    use ApiTokenScope::{
        AssignmentsRead, AssignmentsWrite, AuditRead, UsageRead, UsageWrite, UsersRead, UsersWrite,
    };
    match action {
        Action::ReadUsers => &[UsersRead, UsersWrite],
        Action::ManageUsers | Action::ManageGroups | Action::ClassicAdd => &[UsersWrite],
        Action::ReadProducts => &[AssignmentsRead, AssignmentsWrite],
        Action::ManageAssignments => &[AssignmentsWrite],
        Action::ReadAudit => &[AuditRead],
        Action::ReadUsage => &[UsageRead],
        Action::RecordUsage => &[UsageWrite],
        Action::ImportUsers
        | Action::EndSessions
        | Action::ChangeRoles
        | Action::GrantSsoAdmin
        | Action::HandOverPrimary
        | Action::ManageSso
        | Action::ManageApiTokens
        | Action::ReadReports
        | Action::ReadContracts
        | Action::ManageContracts
        | Action::HandOverContract
        | Action::SwitchView
        | Action::ManageAccount
        | Action::Own
        | Action::Enter
        | Action::Maintain
        | Action::Operate => &[],
    }
}

/// What scopes can cover.
const SCOPED: [Action; 8] = [
    Action::ReadUsers,
    Action::ManageUsers,
    Action::ManageGroups,
    Action::ReadProducts,
    Action::ManageAssignments,
    Action::ReadAudit,
    Action::ReadUsage,
    Action::RecordUsage,
];

/// Whether a role has every right that a scope of an API token names.
pub fn role_covers(role: Role, scope: ApiTokenScope) -> bool {
    let mut covered = SCOPED
        .into_iter()
        .filter(|action| scopes(*action).contains(&scope));
    covered.all(|action| role_may(role, action))
}

/// Whether an actor may do something at all. Which objects it reaches is the scope's business: reads and writes start from the actor's account.
pub fn permit(actor: &Actor, action: Action) -> Result<()> {
    let allowed = match actor {
        Actor::Member(member) => role_may(member.role, action),
        Actor::Import { on_behalf_of, .. } => {
            let within_an_import = matches!(
                action,
                Action::ImportUsers | Action::ManageUsers | Action::ManageAssignments
            );
            within_an_import && role_may(on_behalf_of.role, action)
        }
        // What it was asked for is permitted to whoever asked; of all that can be asked for, it is what is about many people.
        Actor::Job {
            token, on_behalf_of, ..
        } => {
            let within_a_job = matches!(
                action,
                Action::ManageUsers | Action::ManageAssignments | Action::ManageGroups
            );
            let is_covered = token.as_ref().is_none_or(|token| token.covers(action));
            within_a_job && is_covered && role_may(on_behalf_of.role, action)
        }
        // Signing somebody in may give them the provider's default seats, and never more.
        Actor::Sso { .. } => matches!(action, Action::Enter | Action::ManageAssignments),
        Actor::ApiToken { token, on_behalf_of } => {
            token.covers(action) && role_may(on_behalf_of.role, action)
        }
        Actor::Anonymous(_) if action == Action::Enter => true,
        Actor::Anonymous(_) => return Err(Error::Unauthenticated),
        Actor::Platform => action == Action::Maintain,
        Actor::Operator => action == Action::Operate,
    };
    if allowed { Ok(()) } else { Err(Error::Forbidden) }
}

#[cfg(test)]
mod tests;
