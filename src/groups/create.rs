//! A new group.

use entity::group::{self, Column, Entity, Source};
use entity::ids::Kind;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::join::{Joined, join};
use super::members::present;
use super::rules;
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Error, Refusal, Result};
use crate::idempotency::Repeat;
use crate::limits;

/// Makes a group, with members if there are any. It has no subscriptions yet, and gives nobody a seat.
#[derive(Clone, Debug)]
pub struct CreateGroup {
    pub name: String,
    pub description: Option<String>,
    pub members: Vec<Uuid>,
}

/// The id of the group that was made.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Made(pub Uuid);

impl Repeat for Made {
    type Kept = Self;

    fn keep(&self) -> Self {
        *self
    }

    async fn again(kept: Self, _: &Work) -> Result<Self> {
        Ok(kept)
    }
}

impl Command for CreateGroup {
    type Output = Made;
    const NAME: &'static str = "groups.create";

    fn action(&self) -> Action {
        Action::ManageGroups
    }

    async fn apply(self, work: &mut Work) -> Result<Made> {
        let account_id = work.account_id()?;
        let name = rules::name(&self.name)?;
        let name_key = rules::key(&name);
        let description = self
            .description
            .as_deref()
            .map(rules::description)
            .transpose()?
            .flatten();
        let there = Entity::find().filter(Column::AccountId.eq(account_id));
        let count = there.clone().count(work.reader()).await?;
        if there
            .filter(Column::NameKey.eq(&name_key))
            .one(work.reader())
            .await?
            .is_some()
        {
            return Err(rules::name_taken().into());
        }
        if usize::try_from(count).is_ok_and(|count| count >= limits::GROUPS) {
            let text = format!("An account has at most {} groups.", limits::GROUPS);
            return Err(Refusal::new(Code::TooManyItems, text).into());
        }
        let members = present(work, account_id, &self.members, "input.memberIds").await?;
        let refusals: Vec<Refusal> = members.iter().filter_map(|one| one.clone().err()).collect();
        if !refusals.is_empty() {
            return Err(Error::Refused(refusals));
        }
        let row = group::Model {
            account_id,
            id: work.new_id(),
            version: 1,
            name,
            name_key,
            description,
            source: Source::Manual,
            member_count: 0,
            created_at: work.now(),
        };
        let id = row.id;
        work.changed("name", None, Some(row.name.clone()));
        work.touch(Kind::Group.text(id));
        work.insert(vec![row.into_active_model()]).await?;
        let pairs: Vec<(Uuid, Uuid)> = self.members.iter().map(|user| (id, *user)).collect();
        for (_, user) in join(work, account_id, &pairs)
            .await?
            .iter()
            .zip(&pairs)
            .filter_map(|(joined, pair)| matches!(joined, Joined::New(_)).then_some(*pair))
        {
            work.touch(Kind::User.text(user));
        }
        Ok(Made(id))
    }
}
