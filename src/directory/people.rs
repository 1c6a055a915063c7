//! In which accounts a person is a user.
//!
//! Listed is every user who is not removed and has an identity or a verified e-mail: whoever may be looked for before an account is known. People who are
//! only invited are found by their invitation and are not listed, so that an import writes nothing here.

use entity::user::{self, Status};
use entity::user_directory::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::{Expr, ExprTrait, OnConflict};
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;

/// Where the users of an identity are, in the order of their accounts.
pub async fn of_identity<C: ConnectionTrait>(db: &C, identity_id: Uuid) -> Result<Vec<Model>> {
    found(db, Column::IdentityId.eq(identity_id)).await
}

/// Where the users of an e-mail are whom no identity opens, in the order of their accounts.
pub async fn without_identity<C: ConnectionTrait>(db: &C, email_key: &str) -> Result<Vec<Model>> {
    let which = Column::EmailKey.eq(email_key).and(Column::IdentityId.is_null());
    found(db, which).await
}

async fn found<C: ConnectionTrait>(db: &C, which: Expr) -> Result<Vec<Model>> {
    let found = Entity::find().filter(which).order_by_asc(Column::AccountId);
    Ok(found.all(db).await?)
}

/// The condition on `users` that names these accounts and users, for a statement that goes to no other shard; `None` when there is nobody to ask for.
pub fn users(places: &[Model]) -> Option<Condition> {
    let which = Condition::all()
        .add(user::Column::AccountId.is_in(places.iter().map(|place| place.account_id)))
        .add(user::Column::Id.is_in(places.iter().map(|place| place.user_id)));
    (!places.is_empty()).then_some(which)
}

/// Lists users as they have become, or takes them out: called wherever an identity, a verified e-mail or a removal is written.
pub async fn note(work: &Work, changed: &[user::Model]) -> Result<()> {
    let is_listed = |user: &&user::Model| {
        user.status != Status::Removed && (user.identity_id.is_some() || user.email_verified)
    };
    let (listed, others): (Vec<_>, Vec<_>) = changed.iter().partition(is_listed);
    forget(work, &others).await?;
    if listed.is_empty() {
        return Ok(());
    }
    let rows = listed.into_iter().map(|user| {
        ActiveModel::from(Model {
            account_id: user.account_id,
            user_id: user.id,
            identity_id: user.identity_id,
            email_key: user.email_key.clone(),
        })
    });
    let known = OnConflict::columns([Column::AccountId, Column::UserId])
        .update_columns([Column::IdentityId, Column::EmailKey])
        .to_owned();
    work.insert_new(rows.collect(), known).await?;
    Ok(())
}

/// Takes users out of the directory, for a command that removes them.
pub async fn forget(work: &Work, users: &[&user::Model]) -> Result<()> {
    if users.is_empty() {
        return Ok(());
    }
    let gone = Entity::delete_many()
        .filter(Column::AccountId.is_in(users.iter().map(|user| user.account_id)))
        .filter(Column::UserId.is_in(users.iter().map(|user| user.id)));
    work.delete(gone).await?;
    Ok(())
}
