//! Which account has verified a domain.

use std::collections::HashSet;

use entity::domain_owner::{ActiveModel, Column, Entity, Model};
use sea_orm::sea_query::OnConflict;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use crate::command::Work;
use crate::error::Result;

/// Makes an account the owner of a domain it verifies in this transaction. Answers false when another account is, though it became so in this very moment.
pub async fn take(work: &Work, name: &str, account_id: Uuid) -> Result<bool> {
    let row = ActiveModel::from(Model {
        name: name.to_owned(),
        account_id,
    });
    let owned = OnConflict::column(Column::Name).do_nothing().to_owned();
    if work.insert_new(vec![row], owned).await? > 0 {
        return Ok(true);
    }
    Ok(owner(work.reader(), name).await? == Some(account_id))
}

/// Frees a domain that an account gives up or that has lapsed. What another owns stays.
pub async fn release(work: &Work, name: &str, account_id: Uuid) -> Result<()> {
    let released = Entity::delete_many()
        .filter(Column::Name.eq(name))
        .filter(Column::AccountId.eq(account_id));
    work.delete(released).await?;
    Ok(())
}

/// The account that has verified a domain.
pub async fn owner<C: ConnectionTrait>(db: &C, name: &str) -> Result<Option<Uuid>> {
    let found = Entity::find_by_id(name).one(db).await?;
    Ok(found.map(|owner| owner.account_id))
}

/// Those of some domains that another account has verified. One statement, however many names.
pub async fn owned_by_others(
    work: &Work,
    account_id: Uuid,
    names: impl IntoIterator<Item = &str> + Send,
) -> Result<HashSet<String>> {
    let names: HashSet<&str> = names.into_iter().collect();
    if names.is_empty() {
        return Ok(HashSet::new());
    }
    let found = Entity::find()
        .filter(Column::Name.is_in(names))
        .filter(Column::AccountId.ne(account_id))
        .all(work.reader())
        .await?;
    Ok(found.into_iter().map(|owner| owner.name).collect())
}
