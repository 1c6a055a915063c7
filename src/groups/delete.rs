//! A group that is not needed any more: its members are no members, and what only it gave is free.

use entity::ids::Kind;
use entity::{group, group_member, group_subscription};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::find::{self, members};
use super::seats::{SeatChange, changes, check_size};
use crate::access::Action;
use crate::assignments::by_group;
use crate::command::{Command, Work};
use crate::error::Result;

/// Deletes a group.
#[derive(Clone, Debug)]
pub struct DeleteGroup {
    pub group_id: Uuid,
}

/// What became of its seats.
#[derive(Clone, Debug)]
pub struct Deleted {
    pub group_id: Uuid,
    pub seats: Vec<SeatChange>,
}

impl Command for DeleteGroup {
    type Output = Deleted;
    const NAME: &'static str = "groups.delete";

    fn action(&self) -> Action {
        Action::ManageGroups
    }

    async fn apply(self, work: &mut Work) -> Result<Deleted> {
        let account_id = work.account_id()?;
        let group = find::one(work, account_id, self.group_id).await?;
        let members = members(work, account_id, group.id).await?;
        check_size(
            members.len(),
            find::subscriptions(work, &group).await?,
            "input.groupId",
        )?;
        let of_members = group_member::Entity::delete_many()
            .filter(group_member::Column::AccountId.eq(account_id))
            .filter(group_member::Column::GroupId.eq(group.id));
        work.delete(of_members).await?;
        let of_subscriptions = group_subscription::Entity::delete_many()
            .filter(group_subscription::Column::AccountId.eq(account_id))
            .filter(group_subscription::Column::GroupId.eq(group.id));
        work.delete(of_subscriptions).await?;
        let gone = group::Entity::delete_many()
            .filter(group::Column::AccountId.eq(account_id))
            .filter(group::Column::Id.eq(group.id));
        work.delete(gone).await?;
        work.changed("name", Some(group.name), None);
        work.touch(Kind::Group.text(group.id));
        let freed = by_group::withdraw(work, account_id, &members).await?;
        Ok(Deleted {
            group_id: group.id,
            seats: changes(&[], &freed),
        })
    }
}
