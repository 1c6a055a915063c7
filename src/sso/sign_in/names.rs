//! The names of people whom a provider added: it keeps them, so they follow what it says.

use entity::account;
use entity::user::{self, Origin};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use crate::accounts::Naming;
use crate::command::Work;
use crate::error::Result;
use crate::sso::tokens::claims::Profile;
use crate::sso::tokens::names::rest;

/// Writes the names the provider has for a linked user it added, if they are others than ours. What it does not say stays; names that were written here
/// are not its to change.
pub async fn follow(
    work: &mut Work,
    account: &account::Model,
    user: &user::Model,
    profile: &Profile,
) -> Result<()> {
    if user.origin != Origin::SsoJit {
        return Ok(());
    }
    let (given_name, family_name) = present(user, profile);
    if (&given_name, &family_name) == (&user.given_name, &user.family_name) {
        return Ok(());
    }
    for (field, was, is) in [
        ("givenName", &user.given_name, &given_name),
        ("familyName", &user.family_name, &family_name),
    ] {
        if was != is {
            work.changed(field, was.clone(), is.clone());
        }
    }
    let naming = Naming::of(work, account).await?;
    let renamed = naming
        .rename(user::Entity::update_many(), user, given_name, family_name)
        .col_expr(user::Column::Version, Expr::col(user::Column::Version).add(1))
        .filter(user::Column::AccountId.eq(user.account_id))
        .filter(user::Column::Id.eq(user.id));
    work.update(renamed).await?;
    Ok(())
}

/// What they are called now. A given name that came alone is a whole one, unless it does not end with the family name that is known: then it is what it says.
fn present(user: &user::Model, profile: &Profile) -> (Option<String>, Option<String>) {
    let family = user.family_name.as_deref();
    let is_given = |lone: &&String| family.is_some_and(|family| rest(lone, family).is_none());
    if let Some(given) = profile.lone_name.as_ref().filter(is_given) {
        return (Some(given.clone()), user.family_name.clone());
    }
    (
        profile.given_name.clone().or_else(|| user.given_name.clone()),
        profile.family_name.clone().or_else(|| user.family_name.clone()),
    )
}
