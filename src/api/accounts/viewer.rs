//! The signed-in person, as seen in the account that the session is for.

use crate::accounts::Account;
use crate::api::guard::Permission;
use crate::error::Result;
use crate::read::{ById, Scope};
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
        t.one("user", user)
            .doc("Who they are in the account that the session is for.");
        t.one("account", account)
            .doc("The account that the session is for.");
        t.many("accounts", accounts)
            .doc("Accounts that the same identity can switch its session to, this one included. A session begun at an identity provider is good for its account alone.");
        t.values("permissions", permissions)
            .doc("All that their role lets them do in this account.");
        crate::api::sessions::on_viewer(t);
        crate::api::notifications::on_viewer(t);
        crate::api::access_requests::on_viewer(t);
    }
}

async fn user(scope: Scope) -> Result<Option<User>> {
    let user_id = scope.member()?.user_id;
    Ok(User::by_ids(&scope, &[user_id]).await?.pop())
}

async fn account(scope: Scope) -> Result<Option<Account>> {
    Account::own(&scope).await
}

async fn accounts(scope: Scope) -> Result<Vec<Account>> {
    reachable_accounts(&scope).await
}

async fn permissions(scope: Scope) -> Result<Vec<Permission>> {
    Ok(Permission::of(scope.member()?.role))
}
