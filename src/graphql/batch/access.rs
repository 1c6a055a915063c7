//! Who may read a field and what it costs: said once, enforced here and printed into the schema as `@access` and `@cost`.

use async_graphql::parser::types::{Field as Selection, VariableDefinition};
use async_graphql::registry::{MetaDirective, MetaDirectiveInvocation, MetaInputValue, Registry};
use async_graphql::{Enum, InputType, Name, Positioned, ServerResult, Value, VisitorContext};
use entity::account::Plan;
use indexmap::IndexMap;
use uuid::Uuid;

use crate::access::{Action, permit, role_may};
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::read::Scope;

/// What a role may do. The mapping from role to permissions is the server's; clients read `viewer.permissions`.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Permission {
    UsersRead,
    UsersWrite,
    RolesWrite,
    PrimaryAdminTransfer,
    ProductsRead,
    AssignmentsWrite,
    ContractsRead,
    ImportsWrite,
    SsoRead,
    SsoWrite,
    ApiTokensWrite,
}

impl Permission {
    pub const ALL: [Self; 11] = [
        Self::UsersRead,
        Self::UsersWrite,
        Self::RolesWrite,
        Self::PrimaryAdminTransfer,
        Self::ProductsRead,
        Self::AssignmentsWrite,
        Self::ContractsRead,
        Self::ImportsWrite,
        Self::SsoRead,
        Self::SsoWrite,
        Self::ApiTokensWrite,
    ];

    /// The row of the policy table that decides.
    pub const fn action(self) -> Action {
        match self {
            Self::UsersRead => Action::ReadUsers,
            Self::ProductsRead => Action::ReadProducts,
            Self::UsersWrite => Action::ManageUsers,
            Self::AssignmentsWrite => Action::ManageAssignments,
            Self::ContractsRead => Action::ReadContracts,
            Self::ImportsWrite => Action::ImportUsers,
            Self::RolesWrite => Action::ChangeRoles,
            Self::PrimaryAdminTransfer => Action::HandOverPrimary,
            Self::SsoRead | Self::SsoWrite => Action::ManageSso,
            Self::ApiTokensWrite => Action::ManageApiTokens,
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

/// What everybody may do without the permission.
enum Own<T> {
    Nothing,
    /// Read the rows that are about himself.
    Rows(fn(&T) -> Uuid),
    /// Do to himself what the mutation does; its command tells the two apart.
    Judged,
}

/// Who may read a field.
pub struct Guard<T> {
    permission: Option<Permission>,
    own: Own<T>,
    is_public: bool,
    needs_premium: bool,
    needs_recent: bool,
}

impl<T> Default for Guard<T> {
    fn default() -> Self {
        Self {
            permission: None,
            own: Own::Nothing,
            is_public: false,
            needs_premium: false,
            needs_recent: false,
        }
    }
}

impl<T> From<Permission> for Guard<T> {
    fn from(permission: Permission) -> Self {
        Self {
            permission: Some(permission),
            own: Own::Nothing,
            is_public: false,
            needs_premium: false,
            needs_recent: false,
        }
    }
}

impl<T> Guard<T> {
    /// Those with the permission, and everybody for the rows that are about himself.
    pub fn or_own(permission: Permission, owner: fn(&T) -> Uuid) -> Self {
        Self {
            permission: Some(permission),
            own: Own::Rows(owner),
            is_public: false,
            needs_premium: false,
            needs_recent: false,
        }
    }

    /// For a mutation that does to oneself what needs the permission for others: the command tells the two apart.
    pub fn or_self(permission: Permission) -> Self {
        Self {
            permission: Some(permission),
            own: Own::Judged,
            is_public: false,
            needs_premium: false,
            needs_recent: false,
        }
    }

    /// Everybody, signed in or not.
    pub fn anonymous() -> Self {
        Self {
            permission: None,
            own: Own::Nothing,
            is_public: true,
            needs_premium: false,
            needs_recent: false,
        }
    }

    /// Accounts on the premium plan only.
    pub fn premium(mut self) -> Self {
        self.needs_premium = true;
        self
    }

    /// Only somebody who proved a short while ago who he is. For mutations.
    pub fn recent(mut self) -> Self {
        self.needs_recent = true;
        self
    }

    pub fn permits(&self, scope: &Scope) -> Result<()> {
        match self.permission {
            Some(permission) => permit(scope.actor(), permission.action()),
            None => Ok(()),
        }
    }

    /// As [`permits`](Self::permits), for a field that is read: what the plan lacks is not there to be read.
    pub fn shows(&self, scope: &Scope) -> Result<()> {
        self.permits(scope)?;
        match scope.member() {
            Ok(member) if self.needs_premium && member.plan != Plan::Premium => Err(Error::Forbidden),
            _ => Ok(()),
        }
    }

    /// What a permitted caller of a mutation can still do something about: the plan, and a sign-in too long ago.
    pub fn demands(&self, scope: &Scope) -> Result<()> {
        let Ok(member) = scope.member() else {
            return Ok(());
        };
        if self.needs_premium && member.plan != Plan::Premium {
            let message = "Only the premium plan has this.";
            return Err(Refusal::new(Code::PlanRequired, message)
                .with(Detail::Plan(Plan::Premium))
                .into());
        }
        if self.needs_recent && !member.is_recent(scope.app().clock().now()) {
            let message = "This needs a sign-in of the last ten minutes. Sign in again.";
            return Err(Refusal::new(Code::RecentAuthRequired, message).into());
        }
        Ok(())
    }

    /// As [`permits`](Self::permits), for a field of a root: somebody must be signed in. What everybody may do to himself is for the command to judge.
    pub fn admits(&self, scope: &Scope) -> Result<()> {
        if !self.is_public && scope.actor().member().is_none() {
            return Err(Error::Unauthenticated);
        }
        match self.own {
            Own::Judged => Ok(()),
            Own::Nothing | Own::Rows(_) => self.permits(scope),
        }
    }

    /// Which rows are the reader's own.
    pub fn own(&self, scope: &Scope, rows: &[T]) -> Vec<bool> {
        let reader = scope.actor().person().map(|person| person.user_id);
        let is_own = |row: &T| match self.own {
            Own::Rows(owner) => reader == Some(owner(row)),
            Own::Nothing | Own::Judged => false,
        };
        rows.iter().map(is_own).collect()
    }

    pub fn directive(&self) -> Option<MetaDirectiveInvocation> {
        let mut args = IndexMap::new();
        if let Some(permission) = self.permission {
            args.insert("permission".to_owned(), permission.to_value());
        }
        if self.needs_premium {
            args.insert("plan".to_owned(), Value::Enum(Name::new("PREMIUM")));
        }
        if self.needs_recent {
            args.insert("recentAuth".to_owned(), Value::Boolean(true));
        }
        if self.is_public {
            args.insert("anonymous".to_owned(), Value::Boolean(true));
        }
        if !matches!(self.own, Own::Nothing) {
            args.insert("selfAllowed".to_owned(), Value::Boolean(true));
        }
        (!args.is_empty()).then(|| MetaDirectiveInvocation {
            name: "access".to_owned(),
            args,
        })
    }
}

/// What a field costs: its weight, and for a page what is selected below as often as the page is long.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    pub weight: u16,
    pub times: Times,
}

/// How often what is selected below a field counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Times {
    Once,
    /// As often as the page is long.
    Page,
    /// Once for each of the argument `ids`.
    Ids,
}

impl Default for Cost {
    fn default() -> Self {
        Self {
            weight: 1,
            times: Times::Once,
        }
    }
}

type Complexity =
    fn(&VisitorContext<'_>, &[Positioned<VariableDefinition>], &Selection, usize) -> ServerResult<usize>;

/// Length of a page when the query does not say.
pub const DEFAULT_PAGE: i32 = 25;
/// The longest page; also what a page costs whose length is out of range, since that is refused anyway.
pub const LONGEST_PAGE: i32 = 100;

impl Cost {
    pub fn directive(self) -> Option<MetaDirectiveInvocation> {
        let mut args = IndexMap::new();
        if self.weight != 1 {
            args.insert("weight".to_owned(), Value::from(self.weight));
        }
        let multipliers: &[&str] = match self.times {
            Times::Once => &[],
            Times::Page => &["first", "last"],
            Times::Ids => &["ids"],
        };
        if !multipliers.is_empty() {
            let names = multipliers.iter().map(|name| Value::String((*name).to_owned()));
            args.insert("multipliers".to_owned(), Value::List(names.collect()));
        }
        (!args.is_empty()).then(|| MetaDirectiveInvocation {
            name: "cost".to_owned(),
            args,
        })
    }

    /// async-graphql takes a plain function, so each weight in use has one.
    pub fn complexity(self) -> Complexity {
        match (self.times, self.weight) {
            (Times::Page, _) => |context, variables, field, below| {
                let given = |name| context.param_value::<Option<i32>>(variables, field, name, None);
                let length = given("first")?.or(given("last")?).unwrap_or(DEFAULT_PAGE);
                let length = length.clamp(0, LONGEST_PAGE);
                Ok(below
                    .saturating_mul(usize::try_from(length).unwrap_or_default())
                    .saturating_add(1))
            },
            (Times::Ids, _) => |context, variables, field, below| {
                let ids: Vec<async_graphql::ID> = context.param_value(variables, field, "ids", None)?;
                Ok(below.saturating_mul(ids.len()).saturating_add(1))
            },
            (Times::Once, ..=1) => |_, _, _, below| Ok(below.saturating_add(1)),
            (Times::Once, ..=5) => |_, _, _, below| Ok(below.saturating_add(5)),
            (Times::Once, ..=10) => |_, _, _, below| Ok(below.saturating_add(10)),
            (Times::Once, ..=20) => |_, _, _, below| Ok(below.saturating_add(20)),
            (Times::Once, _) => |_, _, _, below| Ok(below.saturating_add(50)),
        }
    }
}

/// Describes `@access` and `@cost`.
pub fn register(registry: &mut Registry) {
    let permission = <Permission as InputType>::create_type_info(registry);
    let plan = <crate::api::accounts::Plan as InputType>::create_type_info(registry);
    let access = [
        ("permission", permission.trim_end_matches('!'), None),
        ("plan", plan.trim_end_matches('!'), None),
        ("recentAuth", "Boolean", Some("false")),
        ("anonymous", "Boolean", Some("false")),
        ("selfAllowed", "Boolean", Some("false")),
    ];
    let cost = [("weight", "Int!", Some("1")), ("multipliers", "[String!]", None)];
    registry.add_directive(directive(
        "access",
        "Who may resolve a field. Absent: any signed-in member of the account that owns the object. `plan`: accounts on this plan. `recentAuth`: only with a sign-in of the last ten minutes. `anonymous`: no session needed. `selfAllowed`: also everybody for what is about himself.",
        &access,
    ));
    registry.add_directive(directive(
        "cost",
        "Static cost of a field; `multipliers` are the arguments whose value multiplies the cost of the selection below.",
        &cost,
    ));
}

fn directive(name: &str, doc: &str, args: &[(&str, &str, Option<&str>)]) -> MetaDirective {
    let args = args.iter().map(|(name, ty, default)| {
        let value = MetaInputValue {
            name: (*name).to_owned(),
            description: None,
            ty: (*ty).to_owned(),
            deprecation: async_graphql::registry::Deprecation::NoDeprecated,
            default_value: default.map(str::to_owned),
            visible: None,
            inaccessible: false,
            tags: Vec::new(),
            is_secret: false,
            directive_invocations: Vec::new(),
        };
        (Name::new(*name).to_string(), value)
    });
    MetaDirective {
        name: name.to_owned(),
        description: Some(doc.to_owned()),
        locations: vec![async_graphql::registry::__DirectiveLocation::FIELD_DEFINITION],
        args: args.collect(),
        is_repeatable: false,
        visible: None,
        composable: None,
    }
}
