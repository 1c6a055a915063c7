//! Groups that a call names.

use entity::group::{Column, Entity, Model};
use entity::{group_member, group_subscription};
use sea_orm::{ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect};
use uuid::Uuid;

use super::rules;
use crate::command::Work;
use crate::error::{Refusal, Result};
use crate::platform::arrays::among;

/// One group of the account.
pub async fn one(work: &Work, account_id: Uuid, id: Uuid) -> Result<Model> {
    let found = Entity::find_by_id((account_id, id)).one(work.reader()).await?;
    Ok(found.ok_or_else(|| rules::missing().at("input.groupId"))?)
}

/// Makes sure that groups are the account's; `field` is what names them.
pub async fn named(work: &Work, account_id: Uuid, ids: &[Uuid], field: &str) -> Result<()> {
    let found = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, ids))
        .all(work.reader())
        .await?;
    let is_missing = |id: &&Uuid| !found.iter().any(|group| group.id == **id);
    match ids.iter().position(|id| is_missing(&id)) {
        Some(place) => {
            let refusal: Refusal = rules::missing().at(&format!("{field}.{place}"));
            Err(refusal.into())
        }
        None => Ok(()),
    }
}

/// Everybody in a group, in the order they came into it.
pub async fn members(work: &Work, account_id: Uuid, group_id: Uuid) -> Result<Vec<Uuid>> {
    Ok(group_member::Entity::find()
        .filter(group_member::Column::AccountId.eq(account_id))
        .filter(group_member::Column::GroupId.eq(group_id))
        .order_by_asc(group_member::Column::Id)
        .select_only()
        .column(group_member::Column::UserId)
        .into_tuple()
        .all(work.reader())
        .await?)
}

/// How many subscriptions a group gives.
pub async fn subscriptions(work: &Work, group: &Model) -> Result<usize> {
    let given = group_subscription::Entity::find()
        .filter(group_subscription::Column::AccountId.eq(group.account_id))
        .filter(group_subscription::Column::GroupId.eq(group.id))
        .count(work.reader())
        .await?;
    Ok(usize::try_from(given).unwrap_or(usize::MAX))
}
