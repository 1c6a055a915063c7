//! The signed-in person, as seen in the account that the session is for.

use std::sync::Arc;

use entity::{account, session, user};
use futures::FutureExt;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::accounts::Account;
use crate::directory::people;
use crate::error::Result;
use crate::graphql::Scope;
use crate::graphql::batch::{NoArgs, Object, Permission, Type, enum_leaf};
use crate::identity_providers::{Person, required_providers};
use crate::users::User;

enum_leaf!(Permission);

/// The signed-in person.
#[derive(Clone, Copy, Debug)]
pub struct Viewer;

impl Object for Viewer {
    const NAME: &'static str = "Viewer";
    const DOC: &'static str = "The signed-in identity as seen in the account that its session is for.";

    fn describe(t: &mut Type<Self>) {
        t.one("user", |ask, _, _: NoArgs| {
            async move {
                let member = ask.scope.member()?;
                User::linked(ask.scope, &[Some(member.user_id)]).await
            }
            .boxed()
        });
        t.one("account", |ask, _, _: NoArgs| {
            async move { Account::linked(ask.scope, std::iter::once(ask.scope.account_id()?)).await }.boxed()
        });
        t.many("accounts", |ask, _, _: NoArgs| accounts(ask.scope).boxed())
            .doc("Accounts that the same identity can switch its session to, this one included. A session begun at an identity provider is good for its account alone.");
        t.values("permissions", |ask, viewers| {
            async move {
                let permissions = Permission::of(ask.scope.member()?.role);
                Ok(viewers.iter().map(|_| permissions.clone()).collect())
            }
            .boxed()
        });
        crate::sessions::graphql::on_viewer(t);
        crate::notifications::graphql::on_viewer(t);
    }
}

/// The one place where rows of other accounts are read: those the person himself is in.
async fn accounts(scope: &Scope) -> Result<Vec<Vec<Account>>> {
    let member = scope.member()?;
    let session = session::Entity::find_by_id((member.account_id, member.session_id))
        .one(scope.db())
        .await?;
    let Some(identity_id) = session.and_then(|session| session.identity_id) else {
        return Ok(vec![Account::own(scope).await?.into_iter().collect()]);
    };
    let listed = people::of_identity(scope.db(), identity_id).await?;
    let places = user::Entity::find()
        .filter(people::users(&listed))
        .filter(user::Column::IdentityId.eq(identity_id))
        .filter(user::Column::Status.eq(user::Status::Active))
        .all(scope.db())
        .await?;
    let people: Vec<Person<'_>> = places.iter().map(Person::from).collect();
    let required = required_providers(scope.db(), &people).await?;
    let is_open =
        |place: &&user::Model| place.account_id == member.account_id || !required.contains_key(&place.id);
    let ids = places.iter().filter(is_open).map(|place| place.account_id);
    let found = account::Entity::find()
        .filter(account::Column::Id.is_in(ids))
        .all(scope.db())
        .await?;
    Ok(vec![
        found.into_iter().map(|model| Account(Arc::new(model))).collect(),
    ])
}
