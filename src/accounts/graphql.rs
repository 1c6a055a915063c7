//! The account as clients see it. Lists of what it holds are added by the slices that own them.

use std::sync::Arc;

use async_graphql::Enum;
use entity::ids::Kind;
use entity::{account, user};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{Gid, Links, NoArgs, Object, Permission, Type, enum_leaf};
use crate::graphql::node::{Node, Versioned};
use crate::users::User;

/// Commercial plan of an account.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "account::Plan")]
pub enum Plan {
    Standard,
    Premium,
}

/// Which user management an account uses.
#[derive(Enum, Clone, Copy, Debug, PartialEq, Eq)]
#[graphql(remote = "account::View")]
pub enum AccountView {
    Current,
    /// The classic view: contract managers and software coordinators, single add and bulk add of at most 50.
    Classic,
}

enum_leaf!(Plan, AccountView);

/// A customer.
#[derive(Clone, Debug)]
pub struct Account(pub Arc<account::Model>);

impl Account {
    /// The reader's own account; any other is not found.
    pub async fn own(scope: &Scope) -> Result<Option<Self>> {
        let own = account::Entity::find_by_id(scope.account_id()?)
            .one(scope.db())
            .await?;
        Ok(own.map(|model| Self(Arc::new(model))))
    }

    /// The accounts that rows refer to. All of them are the reader's own, since rows of no other are ever read.
    pub async fn linked(scope: &Scope, ids: impl Iterator<Item = Uuid> + Send) -> Result<Links<Self>> {
        let ids: Vec<_> = ids.map(Some).collect();
        let own = Self::own(scope).await?;
        Ok(Links::by_key(
            ids.into_iter(),
            own.into_iter().collect(),
            |account| account.0.id,
        ))
    }
}

impl Object for Account {
    const NAME: &'static str = "Account";
    const DOC: &'static str =
        "A customer: the tenant boundary. Nothing below an account is ever visible from another.";

    fn describe(t: &mut Type<Self>) {
        t.implements::<Node>();
        t.implements::<Versioned>();
        t.value("id", |account| Gid(Kind::Account, account.0.id));
        t.value("version", |account| account.0.version);
        t.text("name", |account| &account.0.name);
        t.text("slug", |account| &account.0.slug);
        t.value("plan", |account| Plan::from(account.0.plan));
        t.value("view", |account| AccountView::from(account.0.view));
        t.value("createdAt", |account| account.0.created_at);
        t.one_opt("primaryAdmin", |ask, accounts, _: NoArgs| {
            primary_admins(ask.scope, accounts).boxed()
        });
        t.child("settings", |account| AccountSettings(account.0.clone()));
        t.child("userCounts", |account| UserCounts(account.0.clone()))
            .guard(Permission::UsersRead);
        crate::users::graphql::on_account(t);
        crate::products::graphql::on_account(t);
        crate::subscriptions::graphql::on_account(t);
        crate::imports::graphql::on_account(t);
        crate::identity_providers::graphql::on_account(t);
        crate::domains::graphql::on_account(t);
        crate::api_tokens::graphql::on_account(t);
    }
}

async fn primary_admins(scope: &Scope, accounts: &[Account]) -> Result<Links<User>> {
    let found = user::Entity::find()
        .filter(user::Column::AccountId.eq(scope.account_id()?))
        .filter(user::Column::Role.eq(user::Role::PrimaryAdmin))
        .filter(user::Column::Status.ne(user::Status::Removed))
        .one(scope.db())
        .await?;
    let found = found.into_iter().map(|model| User(Arc::new(model))).collect();
    Ok(Links::by_key(
        accounts.iter().map(|account| Some(account.0.id)),
        found,
        |user| user.0.account_id,
    ))
}

/// Settings of an account.
#[derive(Clone, Debug)]
pub struct AccountSettings(Arc<account::Model>);

impl Object for AccountSettings {
    const NAME: &'static str = "AccountSettings";
    const DOC: &'static str = "Settings of an account.";

    fn describe(t: &mut Type<Self>) {
        t.value("allowedInviteDomains", |settings| {
            settings.0.allowed_invite_domains.0.clone()
        })
        .doc("Only invite addresses in these domains; empty means any.");
        t.value("invitationLifetimeDays", |settings| {
            settings.0.invitation_lifetime_days
        });
        t.text("defaultLocale", |settings| &settings.0.default_locale);
    }
}

/// Users by status.
#[derive(Clone, Debug)]
pub struct UserCounts(Arc<account::Model>);

impl Object for UserCounts {
    const NAME: &'static str = "UserCounts";
    const DOC: &'static str =
        "Users by status, kept in the transactions that change users: they cost nothing to read.";

    fn describe(t: &mut Type<Self>) {
        t.value("total", |counts| {
            let account = &counts.0;
            account.users_staged + account.users_pending + account.users_active + account.users_disabled
        });
        t.value("active", |counts| counts.0.users_active);
        t.value("pending", |counts| counts.0.users_pending);
        t.value("staged", |counts| counts.0.users_staged);
        t.value("disabled", |counts| counts.0.users_disabled);
        t.value("admins", |counts| counts.0.users_admin);
    }
}
