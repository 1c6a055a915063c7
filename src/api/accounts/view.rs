//! Going over to the other view of user management.

use async_graphql::InputObject;
use entity::account::View;
use entity::user::Role;
use graphql::{Envelope, Object, Payload, Rows, Type};

use super::AccountView;
use crate::accounts::Account;
use crate::api::Mutation;
use crate::api::bulk::index;
use crate::api::errors::UserError;
use crate::api::guard::{Guard, Permission};
use crate::api::users::Role as RoleName;
use crate::error::Result;
use crate::read::Scope;
use crate::users::User;
use crate::views::{MOST_SHOWN, Preview, SwitchView};

/// Which view the account goes over to.
#[derive(InputObject, Debug)]
struct SwitchAccountViewInput {
    /// The view it works with from now on. The one it works with already: nothing changes.
    view: AccountView,
}

/// Somebody whose role would change, or has changed.
#[derive(Clone)]
struct RoleMapping {
    user: User,
    before: Role,
    after: Role,
}

impl Object for RoleMapping {
    const NAME: &'static str = "RoleMapping";
    const DOC: &'static str = "What the other view of user management makes of somebody.";

    fn describe(t: &mut Type<Self>) {
        t.child("user", |mapping| mapping.user.clone())
            .doc("Whose role it is.");
        t.value("before", |mapping| RoleName::from(mapping.before))
            .doc("The role in the view the account comes from.");
        t.value("after", |mapping| RoleName::from(mapping.after))
            .doc("The role in the view it goes to.");
    }
}

/// What going over would do.
#[derive(Clone)]
struct ViewSwitch(Preview);

impl Object for ViewSwitch {
    const NAME: &'static str = "AccountViewSwitch";
    const DOC: &'static str =
        "What switchAccountView would do now: to whom, and why it would be refused. Nothing is changed.";

    fn describe(t: &mut Type<Self>) {
        t.value("view", |switch| AccountView::from(switch.0.to))
            .doc("The view the account would go over to.");
        t.value("remappedCount", |switch| index(switch.0.people.len()))
            .doc("How many people would get another role.");
        t.children("remapped", |switch| {
            let shown = switch.0.people.iter().take(MOST_SHOWN);
            let mapping = shown.map(|(user, after)| RoleMapping {
                user: user.clone(),
                before: user.0.role,
                after: *after,
            });
            mapping.collect()
        })
        .at_most(100)
        .doc("The first 100 of them, in the order they came into the account.");
        t.any_children("obstacles", |switch| UserError::each(&switch.0.obstacles))
            .doc("Why it would be refused; empty if it would not.");
    }
}

/// `Account.viewSwitch`.
pub fn on_account(t: &mut Type<Account>) {
    t.one("viewSwitch", preview)
        .doc("What going over to the other view of user management would do.")
        .guard(Permission::AccountViewSwitch);
}

async fn preview(scope: Scope, accounts: Rows<Account>) -> Result<Vec<ViewSwitch>> {
    let mut previews = Vec::with_capacity(accounts.len());
    for account in accounts.iter() {
        let other = match account.0.view {
            View::Current => View::Classic,
            View::Classic => View::Current,
        };
        previews.push(ViewSwitch(Preview::of(&scope, other).await?));
    }
    Ok(previews)
}

/// The mutation of this file.
pub fn on_mutation(t: &mut Type<Mutation>) {
    t.mutation("switchAccountView", switch)
        .doc("Goes over to the other view of user management; `Account.viewSwitch` shows beforehand what becomes of whom. Whose role changes signs in again, the caller too.")
        .guard(Guard::from(Permission::AccountViewSwitch).recent())
        .weight(10);
}

async fn switch(scope: Scope, input: SwitchAccountViewInput) -> Result<Switched> {
    let command = SwitchView {
        to: input.view.into(),
    };
    let turned = scope.run(command).await?;
    let account_id = scope.account_id()?;
    Ok(Switched {
        account_id,
        turned: turned.into_iter().map(User::from).collect(),
    })
}

/// The account, and those whose roles are others now.
#[derive(Clone)]
struct Switched {
    account_id: uuid::Uuid,
    turned: Vec<User>,
}

impl Payload for Switched {
    fn fields(t: &mut Type<Self>, _: &Envelope) {
        t.link::<Account, _>("account", |done| done.account_id)
            .doc("The account, with the view it works with now.");
        t.value("remappedCount", |done| index(done.turned.len()))
            .doc("How many people have another role now.");
        t.children("remapped", |done| {
            done.turned.iter().take(MOST_SHOWN).cloned().collect()
        })
        .at_most(100)
        .doc("The first 100 of them, as they are now, in the order they came into the account.");
    }
}
