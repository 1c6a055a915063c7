//! The account as clients see it. Lists of what it holds are added by the slices that own them.

mod roles;
mod viewer;

use crate::api::old::OldStyle as _;
use std::sync::Arc;

use async_graphql::Enum;
use entity::account;
use entity::ids::Kind;
use futures::FutureExt;

pub use viewer::Viewer;

use crate::accounts::Account;
use crate::api::guard::Permission;
use crate::api::ids::Gid;
use crate::api::node::{Node, Versioned};
use crate::api::old::NoArgs;
use crate::users::User;
use graphql::{Links, Object, Type, enum_leaf};

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
        roles::on_account(t);
        t.value("createdAt", |account| account.0.created_at);
        t.old_one_opt("primaryAdmin", |ask, accounts, _: NoArgs| {
            async move {
                let found = User::primary_admin(ask.scope).await?.into_iter().collect();
                let wanted = accounts.iter().map(|account| Some(account.0.id));
                Ok(Links::by_key(wanted, found, |user: &User| user.0.account_id))
            }
            .boxed()
        });
        t.child("settings", |account| AccountSettings(account.0.clone()));
        t.child("userCounts", |account| UserCounts(account.0.clone()))
            .guard(Permission::UsersRead);
        crate::api::users::on_account(t);
        crate::api::products::on_account(t);
        crate::api::subscriptions::on_account(t);
        crate::api::imports::on_account(t);
        crate::api::identity_providers::on_account(t);
        crate::api::domains::on_account(t);
        crate::api::api_tokens::on_account(t);
    }
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
