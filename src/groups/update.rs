//! What a group is called, and what it is for.

use entity::group::{self, Column, Entity};
use entity::ids::Kind;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{find, rules};
use crate::access::Action;
use crate::command::{Command, Work};
use crate::error::{Code, Refusal, Result};

/// Renames a group or describes it anew; what is left out stays.
#[derive(Clone, Debug)]
pub struct UpdateGroup {
    pub group_id: Uuid,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub name: Option<String>,
    /// Blank: none any more.
    pub description: Option<String>,
}

impl Command for UpdateGroup {
    type Output = group::Model;
    const NAME: &'static str = "groups.update";

    fn action(&self) -> Action {
        Action::ManageGroups
    }

    async fn apply(self, work: &mut Work) -> Result<group::Model> {
        let account_id = work.account_id()?;
        let before = find::one(work, account_id, self.group_id).await?;
        if self
            .expected_version
            .is_some_and(|expected| expected != before.version)
        {
            let text = "Somebody changed this group meanwhile. Read it again.";
            return Err(Refusal::new(Code::StaleVersion, text)
                .at("input.expectedVersion")
                .into());
        }
        let mut after = before.clone();
        if let Some(name) = &self.name {
            after.name = rules::name(name)?;
            after.name_key = rules::key(&after.name);
        }
        if let Some(description) = &self.description {
            after.description = rules::description(description)?;
        }
        if after == before {
            return Ok(before);
        }
        if after.name_key != before.name_key {
            let taken = Entity::find()
                .filter(Column::AccountId.eq(account_id))
                .filter(Column::NameKey.eq(&after.name_key));
            if taken.one(work.reader()).await?.is_some() {
                return Err(rules::name_taken().into());
            }
        }
        after.version += 1;
        let update = Entity::update_many()
            .col_expr(Column::Name, Expr::value(after.name.clone()))
            .col_expr(Column::NameKey, Expr::value(after.name_key.clone()))
            .col_expr(Column::Description, Expr::value(after.description.clone()))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::AccountId.eq(account_id))
            .filter(Column::Id.eq(after.id));
        work.update(update).await?;
        if after.name != before.name {
            work.changed("name", Some(before.name), Some(after.name.clone()));
        }
        if after.description != before.description {
            work.changed("description", before.description, after.description.clone());
        }
        work.touch(Kind::Group.text(after.id));
        Ok(after)
    }
}
