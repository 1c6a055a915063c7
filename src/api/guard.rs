//! Who may read a field and call a mutation: said once, enforced here and printed into the schema as `@access`.

mod directive;
mod permission;

use async_graphql::registry::MetaDirectiveInvocation;
use async_graphql::{InputType, Name, Value};
use entity::account::{Plan, View};
use futures::FutureExt;
use futures::future::BoxFuture;
use graphql::{Context, Fault, FromContext, Refuse, Refused};
use indexmap::IndexMap;
use uuid::Uuid;

pub use directive::register;
pub use permission::Permission;

use crate::access::{is_administrative, permit};
use crate::api::accounts::AccountView;
use crate::error::{Code, Detail, Error, Refusal, Result};
use crate::read::Scope;

/// What everybody may do without the permission.
#[derive(Clone)]
enum Own<T> {
    Nothing,
    /// Read the rows that are about themselves.
    Rows(fn(&T) -> Uuid),
    /// Do to themselves what the mutation does; its command tells the two apart.
    Judged,
}

/// Who may read a field.
#[derive(Clone)]
pub struct Guard<T> {
    permission: Option<Permission>,
    own: Own<T>,
    is_public: bool,
    needs_premium: bool,
    needs_recent: bool,
    view: Option<View>,
}

impl<T> Default for Guard<T> {
    fn default() -> Self {
        Self {
            permission: None,
            own: Own::Nothing,
            is_public: false,
            needs_premium: false,
            needs_recent: false,
            view: None,
        }
    }
}

impl<T> From<Permission> for Guard<T> {
    fn from(permission: Permission) -> Self {
        Self {
            permission: Some(permission),
            ..Self::default()
        }
    }
}

impl<T> Guard<T> {
    /// Those with the permission, and everybody for the rows that are about themselves.
    pub fn or_own(permission: Permission, owner: fn(&T) -> Uuid) -> Self {
        Self {
            permission: Some(permission),
            own: Own::Rows(owner),
            ..Self::default()
        }
    }

    /// For a mutation that does to oneself what needs the permission for others: the command tells the two apart.
    pub fn or_self(permission: Permission) -> Self {
        Self {
            permission: Some(permission),
            own: Own::Judged,
            ..Self::default()
        }
    }

    /// For what people do for themselves, whatever their role. An API token is no person.
    pub fn oneself() -> Self {
        Self {
            own: Own::Judged,
            ..Self::default()
        }
    }

    /// Everybody, signed in or not.
    pub fn anonymous() -> Self {
        Self {
            is_public: true,
            ..Self::default()
        }
    }

    /// Accounts on the premium plan only.
    pub fn premium(mut self) -> Self {
        self.needs_premium = true;
        self
    }

    /// Only somebody who proved a short while ago who they are. For mutations.
    pub fn recent(mut self) -> Self {
        self.needs_recent = true;
        self
    }

    /// Accounts that work with this view of user management only. For mutations.
    pub fn view(mut self, view: View) -> Self {
        self.view = Some(view);
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
        self.plan_has(scope)
    }

    fn plan_has(&self, scope: &Scope) -> Result<()> {
        match scope.member() {
            Ok(member) if self.needs_premium && member.plan != Plan::Premium => Err(Error::Forbidden),
            _ => Ok(()),
        }
    }

    /// An administrator who works with the other view is told so, whatever their role may there: it is another way to the same end that they look for.
    fn is_of_the_view(&self, scope: &Scope) -> Result<()> {
        match (self.view, scope.member()) {
            (Some(view), Ok(member)) if member.view != view && is_administrative(member.role) => {
                Err(wrong_view(view).into())
            }
            _ => Ok(()),
        }
    }

    /// What a permitted caller of a mutation can still do something about: the plan, and a sign-in too long ago.
    pub fn demands(&self, scope: &Scope) -> Result<()> {
        let Ok(member) = scope.member() else {
            return Ok(());
        };
        self.is_of_the_view(scope)?;
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

    /// As [`permits`](Self::permits), for a field of a root: somebody must be signed in. What everybody may do to themselves is for the command to judge.
    pub fn admits(&self, scope: &Scope) -> Result<()> {
        if !self.is_public && scope.actor().member().is_none() {
            return Err(Error::Unauthenticated);
        }
        match self.own {
            Own::Judged if self.permission.is_none() => {
                scope.actor().person().map(drop).ok_or(Error::Forbidden)
            }
            Own::Judged => Ok(()),
            Own::Nothing | Own::Rows(_) => self.permits(scope),
        }
    }

    /// Which rows are the reader's own. What the plan lacks is nobody's.
    pub fn own(&self, scope: &Scope, rows: &[T]) -> Vec<bool> {
        let reader = scope.actor().person().filter(|_| self.plan_has(scope).is_ok());
        let reader = reader.map(|person| person.user_id);
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
        if let Some(view) = self.view {
            args.insert("view".to_owned(), AccountView::from(view).to_value());
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

/// Why the other view does not do it, and which one does.
fn wrong_view(view: View) -> Refusal {
    let message = match view {
        View::Current => {
            "This belongs to the current user management, and the account works with the classic one, where people are added with classicAddUser or classicBulkAddUsers. switchAccountView changes the view."
        }
        View::Classic => {
            "This belongs to the classic user management, and the account works with the current one, where people are added with inviteUser, inviteUsers or an import."
        }
    };
    Refusal::new(Code::WrongUserManagementView, message).with(Detail::View(view))
}

impl<T: 'static> Guard<T> {
    /// Anybody signed in: what a field of a root needs that says nothing else.
    pub fn signed_in() -> Self {
        Self::default()
    }

    /// A refusal that says what is missing.
    fn told(&self, error: Error) -> Fault {
        let (Error::Forbidden, Some(permission)) = (&error, self.permission) else {
            return error.into();
        };
        let Value::Enum(name) = permission.to_value() else {
            return error.into();
        };
        let message = format!("You may not do this: it needs the permission {name}.");
        Fault::new("FORBIDDEN", message).with("permission", name.as_str())
    }
}

impl<T: Send + Sync + 'static> graphql::Guard<T> for Guard<T> {
    fn directive(&self) -> Option<MetaDirectiveInvocation> {
        self.directive()
    }

    fn may_refuse(&self) -> bool {
        self.permission.is_some() || self.needs_premium
    }

    fn shows(&self, context: &Context) -> Result<(), Fault> {
        let scope = Scope::from_context(context)?;
        self.shows(&scope).map_err(|error| self.told(error))
    }

    fn own(&self, context: &Context, rows: &[T]) -> Vec<bool> {
        match Scope::from_context(context) {
            Ok(scope) => self.own(&scope, rows),
            Err(_) => vec![false; rows.len()],
        }
    }

    fn admits(&self, context: &Context) -> Result<(), Fault> {
        let scope = Scope::from_context(context)?;
        self.admits(&scope)
            .and_then(|()| self.plan_has(&scope))
            .map_err(|error| self.told(error))
    }

    fn attempt<'a>(
        &'a self,
        context: &'a Context,
        mutation: &'static str,
    ) -> BoxFuture<'a, Result<(), Refused>> {
        async move {
            let scope = Scope::from_context(context)?;
            // A script is told what its token is not for, and nothing of the account's view.
            let view = match scope.actor().person() {
                Some(_) => self.is_of_the_view(&scope),
                None => Ok(()),
            };
            let judged = view.and_then(|()| self.admits(&scope));
            let Err(error) = judged.and_then(|()| self.demands(&scope)) else {
                return Ok(());
            };
            // Refused, an attempt is remembered all the same.
            match scope.app().refused(scope.actor(), mutation, error).await {
                refused @ Error::Refused(_) => Err(match refused.refuse() {
                    Ok(errors) => Refused::UserErrors(errors.into_iter().map(Into::into).collect()),
                    Err(fault) => Refused::Fault(fault),
                }),
                error => Err(Refused::Fault(self.told(error))),
            }
        }
        .boxed()
    }
}

impl FromContext for Scope {}
