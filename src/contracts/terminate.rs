//! The end of a contract: with its term, or on an earlier day.

use chrono::NaiveDate;
use entity::account;
use entity::contract::{self, Column, Entity};
use entity::ids::Kind;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::find::ContractRef;
use super::rules;
use super::sale::Change;
use super::terms::{self, Moved};
use crate::command::Work;
use crate::error::Result;

/// Says that a contract ends and is not renewed. Its subscriptions end with it; whoever holds a seat keeps it, lapsed.
#[derive(Clone, Debug)]
pub struct TerminateContract {
    pub contract: ContractRef,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    /// Its last day; `None`: the one it has.
    pub on: Option<NaiveDate>,
}

impl Change for TerminateContract {
    type Output = contract::Model;
    const NAME: &'static str = "contracts.terminate";

    async fn make(self, work: &mut Work, account: &account::Model) -> Result<contract::Model> {
        let before = self.contract.find(work, account.id).await?;
        if self
            .expected_version
            .is_some_and(|expected| expected != before.version)
        {
            return Err(rules::stale().into());
        }
        let today = work.now().date_naive();
        if before.ends_on < today {
            return Err(rules::invalid("The contract is over already.", "input.contractId").into());
        }
        let first = Ord::max(today, before.starts_on);
        let ends_on = rules::day(self.on.unwrap_or(before.ends_on), "input.on")?;
        if !(first..=before.ends_on).contains(&ends_on) {
            let text = format!(
                "A contract ends on a day of its term that is not over: {first} to {}.",
                before.ends_on
            );
            return Err(rules::invalid(&text, "input.on").into());
        }
        if before.terminated_at.is_some() && ends_on == before.ends_on {
            return Ok(before);
        }
        // A term that was agreed does not come.
        let next_term_on = before.next_term_on.filter(|begins| *begins <= ends_on);
        let update = Entity::update_many()
            .col_expr(Column::EndsOn, Expr::value(ends_on))
            .col_expr(Column::NextTermOn, Expr::value(next_term_on))
            .col_expr(Column::AutoRenews, Expr::value(false))
            .col_expr(Column::TerminatedAt, Expr::value(work.now()))
            .col_expr(Column::Version, Expr::col(Column::Version).add(1))
            .filter(Column::AccountId.eq(account.id))
            .filter(Column::Id.eq(before.id));
        work.update(update).await?;
        work.touch(Kind::Contract.text(before.id));
        let day = |day: NaiveDate| Some(day.to_string());
        work.changed("endsOn", day(before.ends_on), day(ends_on));
        let after = contract::Model {
            ends_on,
            next_term_on,
            auto_renews: false,
            terminated_at: Some(work.now()),
            version: before.version + 1,
            ..before.clone()
        };
        let moved = Moved {
            contract: before,
            ends_on,
            begins_on: None,
        };
        terms::follow(work, account.id, &[moved]).await?;
        Ok(after)
    }
}
