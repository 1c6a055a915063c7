//! The signed-in person, as seen in the account that the session is for.

use crate::api::old::OldStyle as _;
use futures::FutureExt;

use crate::accounts::Account;
use crate::api::Linked;
use crate::api::guard::Permission;
use crate::api::old::NoArgs;
use crate::sessions::read::reachable_accounts;
use crate::users::User;
use graphql::{Object, Type, enum_leaf};

enum_leaf!(Permission);

/// The signed-in person.
#[derive(Clone, Copy, Debug)]
pub struct Viewer;

impl Object for Viewer {
    const NAME: &'static str = "Viewer";
    const DOC: &'static str = "The signed-in identity as seen in the account that its session is for.";

    fn describe(t: &mut Type<Self>) {
        t.old_one("user", |ask, _, _: NoArgs| {
            async move {
                let member = ask.scope.member()?;
                User::linked(ask.scope, &[Some(member.user_id)]).await
            }
            .boxed()
        });
        t.old_one("account", |ask, _, _: NoArgs| {
            async move { Account::linked(ask.scope, &[Some(ask.scope.account_id()?)]).await }.boxed()
        });
        t.old_many("accounts", |ask, _, _: NoArgs| async move { Ok(vec![reachable_accounts(ask.scope).await?]) }.boxed())
            .doc("Accounts that the same identity can switch its session to, this one included. A session begun at an identity provider is good for its account alone.");
        t.old_values("permissions", |ask, viewers| {
            async move {
                let permissions = Permission::of(ask.scope.member()?.role);
                Ok(viewers.iter().map(|_| permissions.clone()).collect())
            }
            .boxed()
        });
        crate::api::sessions::on_viewer(t);
        crate::api::notifications::on_viewer(t);
    }
}
