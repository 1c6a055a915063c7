//! What every member of a group gets a seat of.

use std::collections::HashSet;

use entity::ids::Kind;
use entity::subscription::State;
use entity::{group, group_subscription, subscription};
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, QueryFilter};
use uuid::Uuid;

use super::find::{self, members};
use super::seats::{SeatChange, changes, check_size};
use crate::access::Action;
use crate::assignments::by_group::{self, Remembered};
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};
use crate::platform::arrays::among;

/// Has a group give just these subscriptions.
#[derive(Clone, Debug)]
pub struct SetGroupSubscriptions {
    pub group_id: Uuid,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub subscriptions: Vec<Uuid>,
}

/// What it came to.
#[derive(Clone, Debug)]
pub struct Equipped {
    pub group: group::Model,
    pub seats: Vec<SeatChange>,
}

impl Command for SetGroupSubscriptions {
    type Output = Equipped;
    const NAME: &'static str = "groups.set_subscriptions";

    fn action(&self) -> Action {
        Action::ManageAssignments
    }

    async fn apply(self, work: &mut Work) -> Result<Equipped> {
        let account_id = work.account_id()?;
        let mut group = find::one(work, account_id, self.group_id).await?;
        if self
            .expected_version
            .is_some_and(|expected| expected != group.version)
        {
            let text = "Somebody changed this group meanwhile. Read it again.";
            return Err(Refusal::new(Code::StaleVersion, text)
                .at("input.expectedVersion")
                .into());
        }
        let before = group_subscription::Entity::find()
            .filter(group_subscription::Column::AccountId.eq(account_id))
            .filter(group_subscription::Column::GroupId.eq(group.id))
            .all(work.reader())
            .await?;
        let (added, kept) = self.judged(work, account_id, &before).await?;
        let taken: Vec<Uuid> = before
            .iter()
            .filter(|row| !kept.contains(&row.subscription_id))
            .map(|row| row.id)
            .collect();
        if added.is_empty() && taken.is_empty() {
            return Ok(Equipped {
                group,
                seats: Vec::new(),
            });
        }
        let people = usize::try_from(group.member_count).unwrap_or_default();
        check_size(people, added.len() + taken.len(), "input.subscriptionIds")?;
        let was = before.iter().map(|row| row.subscription_id);
        work.changed(
            "subscriptions",
            shown(was),
            shown(self.subscriptions.iter().copied()),
        );
        self.write(work, &mut group, &added, &taken).await?;
        let users = members(work, account_id, group.id).await?;
        let freed = match taken.is_empty() {
            true => Vec::new(),
            false => by_group::withdraw(work, account_id, &users).await?,
        };
        let given = match added.is_empty() {
            true => Vec::new(),
            false => by_group::give(work, account_id, &users, Vec::new(), &Remembered::new()).await?,
        };
        Ok(Equipped {
            group,
            seats: changes(&given, &freed),
        })
    }
}

impl SetGroupSubscriptions {
    /// Those that the group did not give before, and all that are named.
    async fn judged(
        &self,
        work: &Work,
        account_id: Uuid,
        before: &[group_subscription::Model],
    ) -> Result<(Vec<subscription::Model>, HashSet<Uuid>)> {
        let wanted: HashSet<Uuid> = self.subscriptions.iter().copied().collect();
        if wanted.is_empty() {
            return Ok((Vec::new(), wanted));
        }
        let mut found = subscription::Entity::find()
            .filter(subscription::Column::AccountId.eq(account_id))
            .filter(among(
                work.backend(),
                subscription::Column::Id,
                &self.subscriptions,
            ))
            .all(work.reader())
            .await?;
        let today = work.now().date_naive();
        for (place, id) in self.subscriptions.iter().enumerate() {
            let refuse =
                |code, text: &str| Refusal::new(code, text).at(&format!("input.subscriptionIds.{place}"));
            let Some(known) = found.iter().find(|subscription| subscription.id == *id) else {
                return Err(refuse(Code::NotFound, "The account has no such subscription.").into());
            };
            let is_given = before.iter().any(|row| row.subscription_id == *id);
            let is_over = known.state == State::Cancelled || known.ends_on < today;
            if is_over && !is_given {
                let text = "The subscription is over: members would wait for a seat in vain.";
                return Err(refuse(Code::SubscriptionInactive, text).into());
            }
        }
        found.retain(|subscription| !before.iter().any(|row| row.subscription_id == subscription.id));
        // In the order in which they are named, which is that in which seats are given.
        found.sort_by_key(|known| self.subscriptions.iter().position(|id| *id == known.id));
        Ok((found, wanted))
    }

    async fn write(
        &self,
        work: &mut Work,
        group: &mut group::Model,
        added: &[subscription::Model],
        taken: &[Uuid],
    ) -> Result<()> {
        let account_id = group.account_id;
        if !taken.is_empty() {
            let gone = group_subscription::Entity::delete_many()
                .filter(group_subscription::Column::AccountId.eq(account_id))
                .filter(among(work.backend(), group_subscription::Column::Id, taken));
            work.delete(gone).await?;
        }
        let rows = added.iter().map(|subscription| {
            let row = group_subscription::Model {
                account_id,
                id: work.new_id(),
                group_id: group.id,
                subscription_id: subscription.id,
                product_id: subscription.product_id,
            };
            row.into_active_model()
        });
        work.insert(rows.collect()).await?;
        group.version += 1;
        let update = group::Entity::update_many()
            .col_expr(group::Column::Version, Expr::col(group::Column::Version).add(1))
            .filter(group::Column::AccountId.eq(account_id))
            .filter(group::Column::Id.eq(group.id));
        work.update(update).await?;
        work.touch(Kind::Group.text(group.id));
        Ok(())
    }
}

/// As they stand in the audit log.
fn shown(ids: impl Iterator<Item = Uuid>) -> Option<String> {
    let texts: Vec<String> = ids.map(|id| Kind::Subscription.text(id)).collect();
    (!texts.is_empty()).then(|| texts.join(" "))
}
