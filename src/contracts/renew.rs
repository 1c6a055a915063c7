//! A further term, asked for by somebody or come to by itself.

use chrono::NaiveDate;
use entity::account;
use entity::contract::{self, Column, Entity};
use entity::ids::Kind;
use sea_orm::sea_query::{CaseStatement, Expr, ExprTrait};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, Value};
use uuid::Uuid;

use super::find::ContractRef;
use super::sale::Change;
use super::terms::{self, Moved};
use super::{Status, rules};
use crate::command::Work;
use crate::error::Result;
use crate::platform::arrays::among;

/// Adds a term to a contract, and to the subscriptions that would end with it. Whatever was said of its end is taken back.
#[derive(Clone, Debug)]
pub struct RenewContract {
    pub contract: ContractRef,
    /// The version that was read; another one means that somebody was faster.
    pub expected_version: Option<i32>,
    /// The new last day; `None`: by as many months as the contract is renewed for.
    pub ends_on: Option<NaiveDate>,
}

impl Change for RenewContract {
    type Output = contract::Model;
    const NAME: &'static str = "contracts.renew";

    async fn make(self, work: &mut Work, account: &account::Model) -> Result<contract::Model> {
        let before = self.contract.find(work, account.id).await?;
        if self
            .expected_version
            .is_some_and(|expected| expected != before.version)
        {
            return Err(rules::stale().into());
        }
        let today = work.now().date_naive();
        let too_far = || rules::invalid("That is beyond the calendar.", "input.endsOn");
        let (begins_on, ends_on) = rules::next_term(&before, today).ok_or_else(too_far)?;
        let (begins_on, ends_on) = match self.ends_on {
            None => (begins_on, ends_on),
            Some(day) => {
                let day = rules::day(day, "input.endsOn")?;
                if day <= before.ends_on || day < today {
                    let text = "A renewal ends after the last day there is, and not before today.";
                    return Err(rules::invalid(text, "input.endsOn").into());
                }
                let follows = before.ends_on.succ_opt().unwrap_or(day);
                (follows, day)
            }
        };
        let renewal = Moved {
            begins_on: Some(rules::next_begins(&before, begins_on, today)),
            contract: before,
            ends_on,
        };
        let renewed = renew(work, account.id, vec![renewal]).await?;
        let only = renewed.into_iter().next();
        only.ok_or_else(|| crate::error::Error::internal("nothing was renewed"))
    }
}

/// Renews contracts. Three statements, whatever the number.
pub async fn renew(work: &mut Work, account_id: Uuid, renewals: Vec<Moved>) -> Result<Vec<contract::Model>> {
    if renewals.is_empty() {
        return Ok(Vec::new());
    }
    let case = |value: fn(&Moved) -> Value| {
        let all = renewals.iter().fold(CaseStatement::new(), |case, one| {
            case.case(Column::Id.eq(one.contract.id), Expr::value(value(one)))
        });
        Expr::Case(Box::new(all))
    };
    let ids: Vec<Uuid> = renewals.iter().map(|one| one.contract.id).collect();
    let update = Entity::update_many()
        .col_expr(Column::EndsOn, case(|one| one.ends_on.into()))
        .col_expr(Column::NextTermOn, case(|one| one.begins_on.into()))
        .col_expr(
            Column::TerminatedAt,
            Expr::value(None::<chrono::DateTime<chrono::Utc>>),
        )
        .col_expr(Column::Version, Expr::col(Column::Version).add(1))
        .filter(Column::AccountId.eq(account_id))
        .filter(among(work.backend(), Column::Id, &ids));
    work.update(update).await?;
    let mut renewed = Vec::with_capacity(renewals.len());
    for one in &renewals {
        let before = &one.contract;
        work.touch(Kind::Contract.text(before.id));
        work.changed(
            "endsOn",
            Some(before.ends_on.to_string()),
            Some(one.ends_on.to_string()),
        );
        renewed.push(contract::Model {
            ends_on: one.ends_on,
            next_term_on: one.begins_on,
            terminated_at: None,
            version: before.version + 1,
            ..before.clone()
        });
    }
    terms::follow(work, account_id, &renewals).await?;
    Ok(renewed)
}

/// What renews itself on a day: on its last one, so that nothing is over in between, or within a month after it, should nobody have been there.
pub fn renews_itself(contract: &contract::Model, today: NaiveDate) -> bool {
    let is_due = contract.ends_on <= today && (today - contract.ends_on).num_days() <= LATEST;
    contract.auto_renews
        && contract.terminated_at.is_none()
        && is_due
        && rules::status(contract, today) != Status::Upcoming
}

/// For so many days what should have renewed itself still does.
pub const LATEST: i64 = 30;
