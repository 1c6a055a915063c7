//! A new contract.

use chrono::NaiveDate;
use entity::account::{self, View};
use entity::contract::{self, Column, Entity};
use entity::ids::Kind;
use entity::user::Role;
use sea_orm::{ColumnTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::find::numbered;
use super::sale::Change;
use super::{managers, rules};
use crate::command::Work;
use crate::error::{Code, Error, Refusal, Result};
use crate::limits;

/// By so many months a renewal moves the last day where nothing else was said.
pub const RENEWAL_MONTHS: i32 = 12;

/// Writes down an agreement. It holds nothing until subscriptions are made under it.
#[derive(Clone, Debug)]
pub struct CreateContract {
    pub number: String,
    pub starts_on: NaiveDate,
    /// Last day of the term.
    pub ends_on: NaiveDate,
    pub auto_renews: bool,
    pub renewal_months: i32,
    pub purchaser_name: Option<String>,
    pub reseller_name: Option<String>,
}

impl CreateContract {
    /// One that ends with its term.
    pub fn new(number: &str, starts_on: NaiveDate, ends_on: NaiveDate) -> Self {
        Self {
            number: number.to_owned(),
            starts_on,
            ends_on,
            auto_renews: false,
            renewal_months: RENEWAL_MONTHS,
            purchaser_name: None,
            reseller_name: None,
        }
    }
}

impl Change for CreateContract {
    type Output = contract::Model;
    const NAME: &'static str = "contracts.create";

    async fn make(self, work: &mut Work, account: &account::Model) -> Result<contract::Model> {
        let made = self.write_down(work, account).await?;
        work.touch(Kind::Contract.text(made.id));
        work.changed("number", None, Some(made.number.clone()));
        work.changed("startsOn", None, Some(made.starts_on.to_string()));
        work.changed("endsOn", None, Some(made.ends_on.to_string()));
        Ok(made)
    }
}

impl CreateContract {
    /// Writes it down, for whoever says in the audit log what that is for.
    pub async fn write_down(self, work: &Work, account: &account::Model) -> Result<contract::Model> {
        let number = rules::number(&self.number)?;
        let (starts_on, ends_on) = rules::term(self.starts_on, self.ends_on)?;
        let party = |name: Option<String>, field| match name {
            Some(name) => rules::party(&name, field),
            None => Ok(None),
        };
        let made = contract::Model {
            account_id: account.id,
            id: work.new_id(),
            number,
            starts_on,
            ends_on,
            auto_renews: self.auto_renews,
            purchaser_name: party(self.purchaser_name, "input.purchaserName")?,
            reseller_name: party(self.reseller_name, "input.resellerName")?,
            terminated_at: None,
            created_at: work.now(),
            version: 1,
            renewal_months: rules::renewal_months(self.renewal_months)?,
            next_term_on: None,
            told_for: None,
            told_days: None,
        };
        check_number(work, account.id, &made.number).await?;
        let count = Entity::find().filter(Column::AccountId.eq(account.id));
        let count = count.count(work.reader()).await?;
        if usize::try_from(count).is_ok_and(|count| count >= limits::CONTRACTS) {
            let text = format!("An account has at most {} contracts.", limits::CONTRACTS);
            return Err(Refusal::new(Code::TooManyItems, text).into());
        }
        work.insert(vec![made.clone().into_active_model()]).await?;
        if account.view == View::Classic {
            // Every contract has a manager there; who else it should be is theirs to say.
            let manager = manager(work, account.id).await?;
            managers::appoint(work, account.id, manager, &[made.id]).await?;
        }
        Ok(made)
    }
}

/// Whoever makes a contract manages it; where that is no contract manager, the eldest one does.
async fn manager(work: &Work, account_id: Uuid) -> Result<Uuid> {
    if let Ok(member) = work.member()
        && member.role == Role::ContractManager
    {
        return Ok(member.user_id);
    }
    let eldest = managers::eldest(work.reader(), account_id).await?;
    eldest.ok_or_else(|| Error::internal("a classic account without a contract manager"))
}

/// No two contracts of an account have one number.
pub async fn check_number(work: &Work, account_id: Uuid, number: &str) -> Result<()> {
    match numbered(work, account_id, number).await? {
        Some(_) => {
            let text = "Another contract of the account has this number.";
            Err(Refusal::new(Code::AlreadyExists, text).at("input.number").into())
        }
        None => Ok(()),
    }
}
