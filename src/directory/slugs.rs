//! Whose a slug is.

use entity::{account, account_slug};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait};
use uuid::Uuid;

use crate::command::Work;
use crate::error::{Code, Refusal, Result};

/// Takes a slug for a new account. Answers false when another account has it, though it took it in this very moment.
pub async fn take(work: &Work, slug: &str, account_id: Uuid) -> Result<bool> {
    let row = account_slug::ActiveModel::from(account_slug::Model {
        slug: slug.to_owned(),
        account_id,
    });
    let taken = OnConflict::column(account_slug::Column::Slug)
        .do_nothing()
        .to_owned();
    Ok(work.insert_new(vec![row], taken).await? > 0)
}

/// The account of a slug.
pub async fn find<C: ConnectionTrait>(db: &C, slug: &str) -> Result<Option<account::Model>> {
    let Some(found) = account_slug::Entity::find_by_id(slug).one(db).await? else {
        return Ok(None);
    };
    Ok(account::Entity::find_by_id(found.account_id).one(db).await?)
}

/// The same, locked.
pub async fn lock(work: &Work, slug: &str) -> Result<account::Model> {
    let missing = || Refusal::new(Code::NotFound, format!("There is no account \"{slug}\"."));
    let named = find(work.reader(), slug).await?.ok_or_else(missing)?;
    Ok(work.lock(named.id).await?.ok_or_else(missing)?)
}
