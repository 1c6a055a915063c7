//! Coming into groups.

use std::collections::{HashMap, HashSet};

use entity::{group, group_member};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::{MEMBERS, rules};
use crate::command::Work;
use crate::error::{Refusal, Result};
use crate::limits;
use crate::platform::arrays::among;

/// What became of somebody who was to come into a group.
#[derive(Clone, Debug, PartialEq)]
pub enum Joined {
    /// The id of their membership.
    New(Uuid),
    /// They were in it before.
    Already,
    Refused(Refusal),
}

/// Puts people of the account into groups of the account: pairs of group and user, in order. Gives nobody a seat yet.
pub async fn join(work: &mut Work, account_id: Uuid, pairs: &[(Uuid, Uuid)]) -> Result<Vec<Joined>> {
    if pairs.is_empty() {
        return Ok(Vec::new());
    }
    let each = |id: fn(&(Uuid, Uuid)) -> Uuid| {
        let ids: HashSet<Uuid> = pairs.iter().map(id).collect();
        Vec::from_iter(ids)
    };
    let (groups, users) = (each(|pair| pair.0), each(|pair| pair.1));
    let found = group::Entity::find()
        .filter(group::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), group::Column::Id, &groups))
        .all(work.reader())
        .await?;
    let mut counts: HashMap<Uuid, (i32, i32)> = found
        .iter()
        .map(|group| (group.id, (group.member_count, 0)))
        .collect();
    let there = group_member::Entity::find()
        .filter(group_member::Column::AccountId.eq(account_id))
        .filter(among(work.backend(), group_member::Column::UserId, &users))
        .filter(among(work.backend(), group_member::Column::GroupId, &groups))
        .all(work.reader())
        .await?;
    let mut there: HashSet<(Uuid, Uuid)> = there.iter().map(|row| (row.group_id, row.user_id)).collect();
    let added_by = work.actor().member().map(|member| member.user_id);
    let mut rows = Vec::new();
    let mut joined = Vec::with_capacity(pairs.len());
    for (group_id, user_id) in pairs.iter().copied() {
        joined.push(match counts.get_mut(&group_id) {
            None => Joined::Refused(rules::missing()),
            Some(_) if there.contains(&(group_id, user_id)) => Joined::Already,
            Some((count, new))
                if usize::try_from(*count + *new).is_ok_and(|all| all >= limits::GROUP_MEMBERS) =>
            {
                Joined::Refused(rules::full())
            }
            Some((_, new)) => {
                *new += 1;
                there.insert((group_id, user_id));
                let row = group_member::Model {
                    account_id,
                    id: work.new_id(),
                    group_id,
                    user_id,
                    added_by,
                    added_at: work.now(),
                };
                let id = row.id;
                rows.push(row.into_active_model());
                Joined::New(id)
            }
        });
    }
    work.insert(rows).await?;
    for (group_id, (_, new)) in counts.into_iter().filter(|(_, (_, new))| *new > 0) {
        work.count(&MEMBERS, account_id, group_id, vec![new], None)
            .await?;
    }
    Ok(joined)
}
