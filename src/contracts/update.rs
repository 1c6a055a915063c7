//! What is kept of a contract, said anew.

use chrono::NaiveDate;
use entity::account;
use entity::contract::{self, Column, Entity, Model};
use entity::ids::Kind;
use sea_orm::sea_query::{Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter};

use super::create::check_number;
use super::find::ContractRef;
use super::rules;
use super::sale::Change;
use super::terms::{self, Moved};
use crate::command::Work;
use crate::error::{Refusal, Result};

/// Changes what is kept of a contract; what is `None` stays.
#[derive(Clone, Debug)]
pub struct UpdateContract {
    pub contract: ContractRef,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    pub number: Option<String>,
    pub starts_on: Option<NaiveDate>,
    pub ends_on: Option<NaiveDate>,
    pub auto_renews: Option<bool>,
    pub renewal_months: Option<i32>,
    /// Blank: nobody any more.
    pub purchaser_name: Option<String>,
    /// Blank: nobody any more.
    pub reseller_name: Option<String>,
}

impl UpdateContract {
    /// One that changes nothing yet.
    pub fn new(contract: ContractRef) -> Self {
        Self {
            contract,
            expected_version: None,
            number: None,
            starts_on: None,
            ends_on: None,
            auto_renews: None,
            renewal_months: None,
            purchaser_name: None,
            reseller_name: None,
        }
    }

    fn wanted(&self, before: &Model, today: NaiveDate) -> Result<Model, Refusal> {
        let mut after = before.clone();
        if let Some(number) = &self.number {
            after.number = rules::number(number)?;
        }
        (after.starts_on, after.ends_on) = rules::term(
            self.starts_on.unwrap_or(before.starts_on),
            self.ends_on.unwrap_or(before.ends_on),
        )?;
        if after.ends_on != before.ends_on && after.ends_on < today {
            let text = "A last day is today or later.";
            return Err(rules::invalid(text, "input.endsOn"));
        }
        after.next_term_on = before.next_term_on.filter(|begins| *begins <= after.ends_on);
        after.auto_renews = self.auto_renews.unwrap_or(before.auto_renews);
        if after.auto_renews && before.terminated_at.is_some() {
            let text = "The contract was terminated. Renewing it takes that back.";
            return Err(rules::invalid(text, "input.autoRenews"));
        }
        if let Some(months) = self.renewal_months {
            after.renewal_months = rules::renewal_months(months)?;
        }
        if let Some(name) = &self.purchaser_name {
            after.purchaser_name = rules::party(name, "input.purchaserName")?;
        }
        if let Some(name) = &self.reseller_name {
            after.reseller_name = rules::party(name, "input.resellerName")?;
        }
        Ok(after)
    }
}

impl Change for UpdateContract {
    type Output = Model;
    const NAME: &'static str = "contracts.update";

    async fn make(self, work: &mut Work, account: &account::Model) -> Result<Model> {
        let before = self.contract.find(work, account.id).await?;
        if self
            .expected_version
            .is_some_and(|expected| expected != before.version)
        {
            return Err(rules::stale().into());
        }
        let mut after = self.wanted(&before, work.now().date_naive())?;
        if after == before {
            return Ok(before);
        }
        if after.number != before.number {
            check_number(work, account.id, &after.number).await?;
        }
        after.version += 1;
        write(work, &before, &after).await?;
        if after.ends_on != before.ends_on {
            let moved = Moved {
                ends_on: after.ends_on,
                contract: before,
                begins_on: None,
            };
            terms::follow(work, account.id, &[moved]).await?;
        }
        Ok(after)
    }
}

async fn write(work: &mut Work, before: &Model, after: &Model) -> Result<()> {
    let update = Entity::update_many()
        .col_expr(Column::Number, Expr::value(after.number.clone()))
        .col_expr(Column::StartsOn, Expr::value(after.starts_on))
        .col_expr(Column::EndsOn, Expr::value(after.ends_on))
        .col_expr(Column::NextTermOn, Expr::value(after.next_term_on))
        .col_expr(Column::AutoRenews, Expr::value(after.auto_renews))
        .col_expr(Column::RenewalMonths, Expr::value(after.renewal_months))
        .col_expr(Column::PurchaserName, Expr::value(after.purchaser_name.clone()))
        .col_expr(Column::ResellerName, Expr::value(after.reseller_name.clone()))
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::AccountId.eq(after.account_id))
        .filter(Column::Id.eq(after.id));
    work.update(update).await?;
    work.touch(Kind::Contract.text(after.id));
    for ((field, was), (_, is)) in told(before).into_iter().zip(told(after)) {
        if was != is {
            work.changed(field, was, is);
        }
    }
    Ok(())
}

fn told(contract: &contract::Model) -> [(&'static str, Option<String>); 7] {
    [
        ("number", Some(contract.number.clone())),
        ("startsOn", Some(contract.starts_on.to_string())),
        ("endsOn", Some(contract.ends_on.to_string())),
        ("autoRenews", Some(contract.auto_renews.to_string())),
        ("renewalMonths", Some(contract.renewal_months.to_string())),
        ("purchaserName", contract.purchaser_name.clone()),
        ("resellerName", contract.reseller_name.clone()),
    ]
}
